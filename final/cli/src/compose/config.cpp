// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "compose/commands.hpp"
#include "compose/normalise.hpp"
#include "compose/service_body.hpp"
#include "compose/session.hpp"
#include "compose/yaml.hpp"
#include "file_io.hpp"

#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::compose {

namespace {

std::vector<std::string> keys_of(const Value& section) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : section.members()) {
    keys.push_back(key);
  }
  std::ranges::sort(keys);
  return keys;
}

void print_lines(const std::vector<std::string>& lines) {
  for (const auto& line : lines) {
    print(line + "\n");
  }
}

/// Dollars would be interpolated again by whoever reads the output.
Value escaped(const Value& value) {
  if (value.is_string()) {
    std::string text;
    for (const char c : value.text()) {
      text += c;
      text += c == '$' ? "$" : "";
    }
    return text;
  }
  if (value.is_array()) {
    auto list = Value::array();
    for (const auto& item : value.items()) {
      list.append(escaped(item));
    }
    return list;
  }
  if (value.is_object()) {
    auto object = Value::object();
    for (const auto& [key, member] : value.members()) {
      object.set(key, escaped(member));
    }
    return object;
  }
  return value;
}

/// What compose prints of every service, said or not.
Value completed(const Project& project) {
  auto services = Value::object();
  for (auto [name, service] : project.services.members()) {
    for (const auto* key : {"command", "entrypoint"}) {
      if (service.find(key) == nullptr) {
        service.set(key, Value());
      }
    }
    services.set(name, std::move(service));
  }
  auto copy = project;
  copy.services = std::move(services);
  return copy.document();
}

int print_lists(const Project& project, const Arguments& arguments) {
  if (arguments.flag("services")) {
    print_lines(project.in_order({}, true));
  } else if (arguments.flag("volumes")) {
    print_lines(keys_of(project.volumes));
  } else if (arguments.flag("networks")) {
    print_lines(keys_of(project.networks));
  } else if (arguments.flag("images")) {
    for (const auto& name : project.in_order({}, true)) {
      print(project.image_of(name) + "\n");
    }
  } else if (arguments.flag("profiles")) {
    std::set<std::string> all;
    for (const auto* pool : {&project.services, &project.disabled}) {
      for (const auto& [name, service] : pool->members()) {
        for (const auto& profile : as_texts(service["profiles"])) {
          all.insert(profile);
        }
      }
    }
    print_lines({all.begin(), all.end()});
  } else if (arguments.flag("environment")) {
    for (const auto& [key, value] : project.variables) {
      print(key + "=" + value + "\n");
    }
  } else if (arguments.given("hash")) {
    const auto asked = arguments.text("hash");
    for (const auto& name : project.in_order(
             asked == "*" ? std::vector<std::string>() : split(asked, ","),
             false)) {
      print(name + " " + config_hash(project.service(name)) + "\n");
    }
  } else {
    return -1;
  }
  return 0;
}

}  // namespace

int config(Context& context, const Arguments& arguments) {
  Session session(context, arguments);
  auto& project = session.project();
  if (arguments.flag("quiet")) {
    return 0;
  }
  if (const int done = print_lists(project, arguments); done >= 0) {
    return done;
  }
  if (!arguments.words.empty()) {
    auto chosen = Value::object();
    for (const auto& name : project.in_order(arguments.words, true)) {
      chosen.set(name, project.service(name));
    }
    project.services = std::move(chosen);
  }
  auto document = completed(project);
  if (!arguments.flag("no-interpolate")) {
    document = escaped(document);
  }
  const auto text = arguments.text("format") == "json"
                        ? print_indented(document, "", "  ") + "\n"
                        : print_yaml(document);
  if (const auto path = arguments.text("output"); !path.empty()) {
    replace_file(path, text, 0644);
  } else {
    print(text);
  }
  return 0;
}

}  // namespace docker_cpp::cli::compose
