// SPDX-License-Identifier: Apache-2.0
#include <yaml-cpp/yaml.h>

#include "configuration.hpp"

namespace docker_cpp::daemon {
namespace {

/// A mistake, with the line of the file that it is on.
struct Mistake {
  int line;
  std::string what;
};

std::string scalar(const YAML::Node& node) {
  if (!node.IsScalar()) {
    throw Mistake{node.Mark().line + 1, "a single value is wanted here"};
  }
  return node.Scalar();
}

/// A runtime's {path: ..., runtimeArgs: [...]}, an ulimit's {Soft, Hard}, an
/// address pool's {base, size}: as their flags spell them.
std::string composed(const YAML::Node& node) {
  if (node["path"]) {
    std::string out = scalar(node["path"]);
    for (const YAML::Node& argument : node["runtimeArgs"]) {
      out += " " + scalar(argument);
    }
    return out;
  }
  if (node["Soft"] || node["Hard"]) {
    const YAML::Node& soft = node["Soft"] ? node["Soft"] : node["Hard"];
    const YAML::Node& hard = node["Hard"] ? node["Hard"] : node["Soft"];
    return scalar(soft) + ":" + scalar(hard);
  }
  std::string out;
  for (const auto& one : node) {
    out +=
        (out.empty() ? "" : ",") + scalar(one.first) + "=" + scalar(one.second);
  }
  return out;
}

std::string value_of(const YAML::Node& node) {
  return node.IsMap() ? composed(node) : scalar(node);
}

Values values_of(const Definition& definition, const YAML::Node& node) {
  Values out;
  if (definition.kind == Kind::pairs && node.IsMap()) {
    for (const auto& one : node) {
      out.push_back(scalar(one.first) + "=" + value_of(one.second));
    }
  } else if (node.IsSequence()) {
    if (definition.kind == Kind::text || definition.kind == Kind::flag) {
      throw Mistake{node.Mark().line + 1, "a single value is wanted here"};
    }
    for (const YAML::Node& one : node) {
      out.push_back(value_of(one));
    }
  } else {
    out.push_back(scalar(node));
  }
  return out;
}

void read_map(const YAML::Node& map, const std::string& above,
              const std::string& path, Layer& into) {
  for (const auto& one : map) {
    const std::string name = above + scalar(one.first);
    const int line = one.first.Mark().line + 1;
    const std::string origin = path + ":" + std::to_string(line);
    if (const Definition* definition = find_definition(name)) {
      if (into.contains(name)) {
        throw Mistake{line, name + " is there a second time; the first is " +
                                into.at(name).origin};
      }
      into[name] = {values_of(*definition, one.second), origin};
    } else if (one.second.IsMap()) {
      read_map(one.second, name + "-", path, into);
    } else {
      throw Mistake{line,
                    "the following directives don't match any configuration "
                    "option: " +
                        name};
    }
  }
}

}  // namespace

std::expected<Layer, std::string> read_config_file(const std::string& path) {
  const std::string doing =
      "unable to configure the daemon with file " + path + ": ";
  try {
    const YAML::Node file = YAML::LoadFile(path);
    Layer out;
    if (file.IsMap()) {
      read_map(file, "", path, out);
    } else if (!file.IsNull()) {
      return std::unexpected(doing + "line 1: a map of directives is wanted");
    }
    return out;
  } catch (const Mistake& mistake) {
    return std::unexpected(doing + "line " + std::to_string(mistake.line) +
                           ": " + mistake.what);
  } catch (const YAML::Exception& error) {
    return std::unexpected(doing + "line " +
                           std::to_string(error.mark.line + 1) + ": " +
                           error.msg);
  }
}

}  // namespace docker_cpp::daemon
