// SPDX-License-Identifier: Apache-2.0
#include "compose/load_file.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include "compose/normalise.hpp"
#include "compose/yaml.hpp"
#include "file_io.hpp"

#include "docker_cpp/cli/failure.hpp"
#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::cli::compose {
namespace {

constexpr std::array top_keys = {"configs", "include",  "name",    "networks",
                                 "secrets", "services", "version", "volumes"};

std::string folder_of(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

void check_top(const Value& document, const std::string& path) {
  if (!document.is_object()) {
    throw Failure("validating " + path +
                  ": top-level object must be a mapping");
  }
  for (const auto& [key, value] : document.members()) {
    if (!key.starts_with("x-") &&
        std::ranges::find(top_keys, key) == top_keys.end()) {
      throw Failure("validating " + path + ": additional properties '" + key +
                    "' not allowed");
    }
  }
}

/// `file:` of configs and secrets, made absolute.
Value with_file(Value entry, const std::string& folder) {
  if (entry["file"].is_string()) {
    entry.set("file", absolute(entry["file"].text(), folder));
  }
  return entry;
}

void merge_section(Value& into, const Value& section,
                   const std::string& folder) {
  for (const auto& [key, value] : section.members()) {
    auto entry = value.is_null() ? Value::object() : with_file(value, folder);
    const auto* there = into.find(key);
    into.set(key, there == nullptr ? merge_mappings(Value::object(), entry)
                                   : merge_mappings(*there, entry));
  }
}

}  // namespace

Value FileLoader::read(const std::string& path) {
  const auto text = path == "-" ? sys::read_all(STDIN_FILENO, 16U << 20U)
                                : sys::read_file(path.c_str(), 16U << 20U);
  if (!text) {
    throw Failure("open " + path + ": " + reason_of(text.error().code), 14);
  }
  const auto parsed = parse_yaml(*text);
  if (!parsed) {
    throw Failure("parsing " + path + ": " + parsed.error(), 15);
  }
  check_top(*parsed, path);
  if (!interpolates_) {
    return *parsed;
  }
  auto whole = interpolate_all(*parsed, project_.variables, missing_);
  if (!whole) {
    throw Failure(whole.error(), 15);
  }
  return *std::move(whole);
}

void FileLoader::add(const std::string& path, const std::string& folder) {
  if (std::ranges::find(reading_, path) != reading_.end()) {
    throw Failure("include cycle detected: " + path);
  }
  reading_.push_back(path);
  const auto document = read(path);
  for (const auto& entry : document["include"].items()) {
    include(entry, folder);
  }
  take(document, path, folder);
  reading_.pop_back();
}

void FileLoader::include(const Value& entry, const std::string& folder) {
  const auto& paths = entry.is_object() ? entry["path"] : entry;
  std::string base;
  const auto before = project_.variables;
  for (const auto& text : as_texts(paths)) {
    const auto path = absolute(text, folder);
    if (base.empty()) {
      base = entry["project_directory"].is_string()
                 ? absolute(entry["project_directory"].text(), folder)
                 : folder_of(path);
      auto files = as_texts(entry["env_file"]);
      const bool asked = !files.empty();
      files = asked ? files : std::vector<std::string>{base + "/.env"};
      for (const auto& file : files) {
        if (const auto env = sys::read_file(absolute(file, folder).c_str())) {
          if (const auto found = parse_dotenv(*env, project_.variables)) {
            project_.variables.insert(found->begin(), found->end());
          }
        } else if (asked) {
          throw Failure("couldn't find env file: " + absolute(file, folder));
        }
      }
    }
    add(path, base);
  }
  project_.variables = before;  // they are the included file's own
}

Value FileLoader::extended(const std::string& name, const Value& service,
                           const Value& services, const std::string& path,
                           const std::string& folder,
                           std::vector<std::string>& trail) {
  const auto key = path + "#" + name;
  if (std::ranges::find(trail, key) != trail.end()) {
    throw Failure("circular reference with extends: service " + quote(name) +
                  " in " + path);
  }
  trail.push_back(key);
  auto own = normalise_service(name, service, folder, project_.variables);
  const auto& extends = service["extends"];
  if (extends.is_null()) {
    return own;
  }
  const auto base_name =
      extends.is_string() ? extends.text() : extends["service"].text();
  const auto file = extends["file"].text();
  Value other;
  if (!file.empty()) {
    other = read(absolute(file, folder))["services"];
  }
  const auto base_path = file.empty() ? path : absolute(file, folder);
  const auto& pool = file.empty() ? services : other;
  const auto* base = pool.find(base_name);
  if (base == nullptr) {
    throw Failure("cannot extend service " + quote(name) + " in " + path +
                  ": service " + quote(base_name) + " not found in " +
                  base_path);
  }
  auto merged = merge_services(
      extended(base_name, *base, pool, base_path,
               file.empty() ? folder : folder_of(base_path), trail),
      own);
  auto result = Value::object();
  for (const auto& [member, value] : merged.members()) {
    if (member != "extends") {
      result.set(member, value);
    }
  }
  return result;
}

void FileLoader::take(const Value& document, const std::string& path,
                      const std::string& folder) {
  if (document["name"].is_string()) {
    name_ = document["name"].text();
  }
  for (const auto& [name, service] : document["services"].members()) {
    if (service.find(reset_key) != nullptr) {
      continue;
    }
    std::vector<std::string> trail;
    const auto own =
        extended(name, service, document["services"], path, folder, trail);
    const auto* there = project_.services.find(name);
    project_.services.set(
        name, merge_services(there == nullptr ? Value::object() : *there, own));
  }
  merge_section(project_.networks, document["networks"], folder);
  merge_section(project_.volumes, document["volumes"], folder);
  merge_section(project_.configs, document["configs"], folder);
  merge_section(project_.secrets, document["secrets"], folder);
}

void FileLoader::check_references() const {
  for (const auto& [name, service] : project_.services.members()) {
    const auto refuse = [&](const std::string& what, const std::string& kind) {
      throw Failure("service " + quote(name) + " refers to undefined " + kind +
                    " " + what + ": invalid compose project");
    };
    if (service["image"].is_null() && service["build"].is_null()) {
      throw Failure("service " + quote(name) +
                    " has neither an image nor a build context specified: "
                    "invalid compose project");
    }
    for (const auto& [key, entry] : service["networks"].members()) {
      if (key != "default" && project_.networks.find(key) == nullptr) {
        refuse(key, "network");
      }
    }
    for (const auto& mount : service["volumes"].items()) {
      const auto& source = mount["source"].text();
      if (mount["type"].text() == "volume" && !source.empty() &&
          project_.volumes.find(source) == nullptr) {
        refuse(source, "volume");
      }
    }
    for (const auto& [section, pool] :
         {std::pair{"config", &project_.configs},
          std::pair{"secret", &project_.secrets}}) {
      for (const auto& entry : service[std::string(section) + "s"].items()) {
        if (pool->find(entry["source"].text()) == nullptr) {
          refuse(entry["source"].text(), section);
        }
      }
    }
    for (const auto& [other, how] : service["depends_on"].members()) {
      if (project_.services.find(other) == nullptr && truth(how["required"])) {
        throw Failure("service " + quote(name) +
                      " depends on undefined service " + quote(other) +
                      ": invalid compose project");
      }
    }
  }
}

void FileLoader::finish() {
  const std::set<std::string> unset(missing_.begin(), missing_.end());
  for (const auto& name : unset) {
    print_error("WARNING: The " + quote(name) +
                " variable is not set. Defaulting to a blank string.\n");
  }
  if (project_.services.size() == 0) {
    throw Failure("empty compose file");
  }
  check_references();
}

}  // namespace docker_cpp::cli::compose
