// SPDX-License-Identifier: Apache-2.0
#include "compose/project.hpp"

#include <algorithm>
#include <set>

#include "compose/normalise.hpp"

#include "docker_cpp/cli/failure.hpp"
#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::cli::compose {
namespace {

/// Depth first: a service after all that it needs.
class Order {
 public:
  Order(const Project& project, bool with_dependencies)
      : project_(project), follow_(with_dependencies) {}

  void visit(const std::string& name) {
    if (done_.contains(name)) {
      return;
    }
    if (!open_.insert(name).second) {
      throw Failure("dependency cycle detected: " + name);
    }
    for (const auto& needed : needs(project_.service(name))) {
      if (project_.services.find(needed) != nullptr &&
          (follow_ || wanted.contains(needed))) {
        visit(needed);
      }
    }
    done_.insert(name);
    order.push_back(name);
  }

  std::set<std::string> wanted;
  std::vector<std::string> order;

 private:
  static std::vector<std::string> needs(const Value& service) {
    std::vector<std::string> names;
    for (const auto& [name, how] : service["depends_on"].members()) {
      names.push_back(name);
    }
    for (const auto* key : {"network_mode", "ipc", "pid"}) {
      const auto text = scalar(service[key]);
      if (text.starts_with("service:")) {
        names.push_back(text.substr(8));
      }
    }
    for (const auto& link : service["links"].items()) {
      names.push_back(cut(link.text(), ':').first);
    }
    for (const auto& from : service["volumes_from"].items()) {
      names.push_back(cut(from.text(), ':').first);
    }
    return names;
  }

  const Project& project_;
  bool follow_;
  std::set<std::string> open_;
  std::set<std::string> done_;
};

std::string named(const Value& section, const std::string& key,
                  const std::string& project) {
  const auto& entry = section[key];
  if (entry["name"].is_string()) {
    return entry["name"].text();
  }
  const auto& external = entry["external"];
  if (external.is_object() && external["name"].is_string()) {
    return external["name"].text();
  }
  return truth(external) || external.is_object() ? key : project + "_" + key;
}

Value with_names(const Value& section, const Project& project,
                 std::string (Project::*name)(const std::string&) const) {
  auto result = Value::object();
  for (auto [key, entry] : section.members()) {
    entry.set("name", (project.*name)(key));
    result.set(key, std::move(entry));
  }
  return result;
}

void read_env_file(const Value& file, const Variables& variables,
                   Value& environment) {
  const auto& path = file["path"].text();
  const auto text = sys::read_file(path.c_str());
  if (!text) {
    if (truth(file["required"])) {
      throw Failure("env file " + path + " not found: stat " + path +
                    ": no such file or directory");
    }
    return;
  }
  const auto found = parse_dotenv(*text, variables);
  if (!found) {
    throw Failure("failed to read " + path + ": " + found.error());
  }
  for (const auto& [key, value] : *found) {
    environment.set(key, value);
  }
}

}  // namespace

const Value& Project::service(const std::string& wanted) const {
  if (const auto* found = services.find(wanted)) {
    return *found;
  }
  if (const auto* found = disabled.find(wanted)) {
    return *found;  // named on the command line: its profile does not matter
  }
  throw Failure("no such service: " + wanted);
}

std::vector<std::string> Project::in_order(
    const std::vector<std::string>& wanted, bool with_dependencies) const {
  Order order(*this, with_dependencies);
  auto names = wanted;
  if (names.empty()) {
    for (const auto& member : services.members()) {
      names.push_back(member.key);
    }
    std::ranges::sort(names);
  }
  order.wanted.insert(names.begin(), names.end());
  for (const auto& wanted_one : names) {
    order.visit(wanted_one);
  }
  return order.order;
}

std::string Project::network_name(const std::string& key) const {
  return named(networks, key, name);
}

std::string Project::volume_name(const std::string& key) const {
  return named(volumes, key, name);
}

std::string Project::image_of(const std::string& wanted) const {
  const auto& image = service(wanted)["image"];
  return image.is_string() ? image.text() : name + "-" + wanted;
}

Value Project::document() const {
  auto document = Value::object();
  document.set("name", name).set("services", services);
  document.set("networks", with_names(networks, *this, &Project::network_name));
  if (volumes.size() > 0) {
    document.set("volumes", with_names(volumes, *this, &Project::volume_name));
  }
  for (const auto& [key, section] :
       {std::pair{"configs", &configs}, std::pair{"secrets", &secrets}}) {
    if (section->size() > 0) {
      document.set(key, *section);
    }
  }
  return document;
}

void resolve_environment(Project& project) {
  auto services = Value::object();
  for (auto [name, service] : project.services.members()) {
    auto environment = Value::object();
    for (const auto& file : service["env_file"].items()) {
      read_env_file(file, project.variables, environment);
    }
    for (const auto& [key, value] : service["environment"].members()) {
      environment.set(key, value);
    }
    auto resolved = Value::object();
    for (const auto& [key, value] : service.members()) {
      if (key != "env_file" && key != "environment") {
        resolved.set(key, value);
      }
    }
    if (environment.size() > 0) {
      resolved.set("environment", environment);
    }
    services.set(name, std::move(resolved));
  }
  project.services = std::move(services);
}

}  // namespace docker_cpp::cli::compose
