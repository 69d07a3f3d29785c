// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>

#include "compose/load_file.hpp"
#include "compose/normalise.hpp"
#include "compose/project.hpp"
#include "file_io.hpp"

#include "docker_cpp/cli/failure.hpp"
#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::cli::compose {
namespace {

namespace fs = std::filesystem;

constexpr std::array file_names = {"compose.yaml", "compose.yml",
                                   "docker-compose.yml", "docker-compose.yaml"};
constexpr std::array override_names = {
    "compose.override.yaml", "compose.override.yml",
    "docker-compose.override.yml", "docker-compose.override.yaml"};

Variables process_environment() {
  Variables variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    auto [key, value] = cut(*entry, '=');
    variables.emplace(std::move(key), std::move(value));
  }
  return variables;
}

template <typename Names>
std::string first_there(const fs::path& folder, const Names& names) {
  for (const auto* name : names) {
    const auto path = folder / name;
    if (::access(path.c_str(), F_OK) == 0) {
      return path.string();
    }
  }
  return {};
}

/// Upwards from here, as compose looks for its file.
std::vector<std::string> default_files(const std::string& start) {
  for (auto folder = fs::path(start);; folder = folder.parent_path()) {
    if (auto file = first_there(folder, file_names); !file.empty()) {
      std::vector<std::string> files = {std::move(file)};
      if (auto more = first_there(folder, override_names); !more.empty()) {
        files.push_back(std::move(more));
      }
      return files;
    }
    if (folder == folder.parent_path()) {
      throw Failure("no configuration file provided: not found", 14);
    }
  }
}

std::vector<std::string> files_of(const ProjectOptions& options,
                                  const Variables& variables) {
  auto files = options.files;
  if (files.empty()) {
    if (const auto named = variables.find("COMPOSE_FILE");
        named != variables.end() && !named->second.empty()) {
      const auto separator = variables.find("COMPOSE_PATH_SEPARATOR");
      files = split(named->second,
                    separator == variables.end() ? ":" : separator->second);
    }
  }
  const auto here = fs::current_path().string();
  if (files.empty()) {
    return default_files(
        options.folder.empty() ? here : absolute(options.folder, here));
  }
  for (auto& file : files) {
    file = file == "-" ? file : absolute(file, here);
  }
  return files;
}

void read_env_files(const ProjectOptions& options, const std::string& folder,
                    Project& project) {
  auto files = options.env_files;
  const bool asked = !files.empty();
  if (!asked) {
    files = {folder + "/.env"};
  }
  for (const auto& file : files) {
    const auto path = absolute(file, fs::current_path().string());
    const auto text = sys::read_file(path.c_str());
    if (!text) {
      if (asked) {
        throw Failure("couldn't find env file: " + path);
      }
      continue;
    }
    auto found = parse_dotenv(*text, project.variables);
    if (!found) {
      throw Failure("failed to read " + path + ": " + found.error());
    }
    // What the shell exports wins over the file.
    for (auto& [key, value] : *found) {
      project.variables.emplace(key, value);
    }
    if (asked) {
      project.env_files.push_back(path);
    }
  }
}

std::vector<std::string> active_profiles(const ProjectOptions& options,
                                         const Variables& variables) {
  auto profiles = options.profiles;
  const auto more = variables.find("COMPOSE_PROFILES");
  if (profiles.empty() && more != variables.end()) {
    profiles = split(more->second, ",");
  }
  return profiles;
}

void choose_services(Project& project, const std::vector<std::string>& active) {
  auto chosen = Value::object();
  for (const auto& [name, service] : project.services.members()) {
    const auto wanted = as_texts(service["profiles"]);
    const bool on =
        wanted.empty() || std::ranges::any_of(wanted, [&](const auto& one) {
          return std::ranges::find(active, one) != active.end() ||
                 std::ranges::find(active, "*") != active.end();
        });
    (on ? chosen : project.disabled).set(name, service);
  }
  project.services = std::move(chosen);
}

/// Every service without networks of its own is in the default one.
void add_default_network(Project& project) {
  bool used = false;
  auto services = Value::object();
  for (auto [name, service] : project.services.members()) {
    if (service["networks"].size() == 0 && service["network_mode"].is_null()) {
      service.set("networks", Value::object().set("default", Value()));
    }
    used = used || service["networks"].find("default") != nullptr;
    services.set(name, std::move(service));
  }
  project.services = std::move(services);
  if (used && project.networks.find("default") == nullptr) {
    project.networks.set("default", Value::object());
  }
}

}  // namespace

std::string normalised_name(const std::string& name) {
  std::string out;
  for (const char c : to_lower(name)) {
    const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                      ((c == '-' || c == '_') && !out.empty());
    out += kept ? std::string(1, c) : "";
  }
  return out;
}

std::string project_name(const ProjectOptions& options,
                         const std::string& folder,
                         const Variables& variables) {
  if (!options.name.empty()) {
    if (normalised_name(options.name) != options.name) {
      throw Failure("invalid project name " + quote(options.name) +
                    ": must consist only of lowercase alphanumeric "
                    "characters, hyphens, and underscores as well as start "
                    "with a letter or number");
    }
    return options.name;
  }
  const auto named = variables.find("COMPOSE_PROJECT_NAME");
  if (named != variables.end() && !named->second.empty()) {
    return normalised_name(named->second);
  }
  return normalised_name(fs::path(folder).filename().string());
}

Project load_project(const ProjectOptions& options) {
  Project project;
  project.variables = process_environment();
  project.files = files_of(options, project.variables);
  const auto here = fs::current_path().string();
  project.folder = !options.folder.empty() ? absolute(options.folder, here)
                   : project.files.front() == "-"
                       ? here
                       : fs::path(project.files.front()).parent_path().string();
  read_env_files(options, project.folder, project);
  project.name = project_name(options, project.folder, project.variables);
  const bool explicit_name = !options.name.empty() ||
                             project.variables.contains("COMPOSE_PROJECT_NAME");
  FileLoader loader(project, options.interpolate);
  for (const auto& file : project.files) {
    loader.add(file, project.folder);
  }
  if (!explicit_name && !loader.name().empty()) {
    project.name = normalised_name(loader.name());
  }
  if (project.name.empty()) {
    throw Failure("project name must not be empty: use -p");
  }
  loader.finish();
  choose_services(project, active_profiles(options, project.variables));
  add_default_network(project);
  static_cast<void>(project.in_order({}, true));  // refuses cycles
  return project;
}

}  // namespace docker_cpp::cli::compose
