// SPDX-License-Identifier: Apache-2.0
#include "configuration.hpp"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

namespace docker_cpp::daemon {
namespace {

constexpr std::string_view prefix = "DOCKER_CPPD_";

std::string variable_of(std::string_view name) {
  std::string out(prefix);
  for (const char c : name) {
    out += c == '-'               ? '_'
           : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A')
                                  : c;
  }
  return out;
}

/// Several values of one variable are separated by line ends or semicolons.
Values split(std::string_view text) {
  Values out;
  while (!text.empty()) {
    const std::size_t end = text.find_first_of(";\n");
    out.emplace_back(text.substr(0, end));
    text = end == std::string_view::npos ? "" : text.substr(end + 1);
  }
  return out;
}

std::vector<std::string> files_in(const std::string& folder) {
  const std::unique_ptr<DIR, decltype(&::closedir)> dir(
      ::opendir(folder.c_str()), &::closedir);
  std::vector<std::string> names;
  while (const dirent* one = dir ? ::readdir(dir.get()) : nullptr) {
    const std::string name = one->d_name;
    if (!name.starts_with('.') &&
        (name.ends_with(".yaml") || name.ends_with(".yml") ||
         name.ends_with(".json"))) {
      names.push_back(folder + "/" + name);
    }
  }
  std::ranges::sort(names);
  return names;
}

void lay_over(Layer& below, Layer above) {
  for (auto& [name, said] : above) {
    below[name] = std::move(said);
  }
}

std::string text_of(const Layer& words, const std::string& name) {
  const auto found = words.find(name);
  if (found == words.end()) {
    return "(default)";
  }
  std::string out;
  for (const std::string& value : found->second.values) {
    out += (out.empty() ? "" : ", ") + value;
  }
  return out;
}

/// Plain where YAML reads it as the same text.
std::string quoted(const std::string& value) {
  const bool plain =
      !value.empty() && value.find_first_not_of(
                            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVW"
                            "XYZ0123456789/._-=+") == std::string::npos;
  if (plain) {
    return value;
  }
  std::string out = "\"";
  for (const char c : value) {
    out += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  }
  return out + "\"";
}

}  // namespace

std::expected<Layer, std::string> read_environment(
    const char* const* environment) {
  Layer out;
  for (; environment != nullptr && *environment != nullptr; ++environment) {
    const std::string_view entry = *environment;
    if (!entry.starts_with(prefix)) {
      continue;
    }
    const std::string name(entry.substr(0, entry.find('=')));
    const auto found = std::ranges::find_if(
        definitions(),
        [&](const Definition& one) { return variable_of(one.name) == name; });
    if (found == definitions().end()) {
      return std::unexpected("environment " + name +
                             ": there is no such directive");
    }
    const std::string_view text = entry.substr(entry.find('=') + 1);
    const bool many = found->kind == Kind::list || found->kind == Kind::pairs;
    out[std::string(found->name)] = {
        many ? split(text) : Values{std::string(text)}, "environment " + name};
  }
  return out;
}

std::expected<Layer, std::string> merge(const Sources& sources,
                                        const char* const* env) {
  Layer all;
  if (sources.file_must_exist || ::access(sources.file.c_str(), F_OK) == 0) {
    auto file = read_config_file(sources.file);
    if (!file) {
      return file;
    }
    all = *std::move(file);
  }
  std::string folder = sources.folder;
  if (folder.empty()) {
    folder = sources.file.substr(0, sources.file.rfind('/') + 1) + "conf.d";
  }
  for (const std::string& path : files_in(folder)) {
    auto file = read_config_file(path);
    if (!file) {
      return file;
    }
    lay_over(all, *std::move(file));
  }
  auto environment = read_environment(env);
  if (!environment) {
    return environment;
  }
  lay_over(all, *std::move(environment));
  lay_over(all, sources.flags);
  return all;
}

std::expected<Settings, std::string> understand(const Layer& words) {
  Settings settings;
  for (const auto& [name, said] : words) {
    const Definition* definition = find_definition(name);
    if (definition == nullptr) {
      return std::unexpected(
          said.origin +
          ": the following directives don't match any configuration option: " +
          name);
    }
    if (const auto applied = definition->apply(settings, said.values);
        !applied) {
      return std::unexpected(said.origin + ": " + name + ": " +
                             applied.error());
    }
  }
  const ContainerDefaults& defaults = settings.daemon.defaults;
  if (defaults.runtime != "docker-cpp" &&
      !defaults.runtimes.contains(defaults.runtime)) {
    return std::unexpected(words.at("default-runtime").origin +
                           ": default-runtime: specified default runtime '" +
                           defaults.runtime + "' does not exist");
  }
  if (settings.debug) {
    settings.log_level = LogLevel::debug;
  }
  return settings;
}

std::vector<Difference> compare(const Layer& before, const Layer& after) {
  std::vector<Difference> out;
  for (const Definition& one : definitions()) {
    const std::string name(one.name);
    const auto old = before.find(name);
    const auto now = after.find(name);
    const bool same = (old == before.end()) == (now == after.end()) &&
                      (old == before.end() || old->second == now->second);
    if (!same) {
      out.push_back(
          {name + ": " + text_of(before, name) + " -> " + text_of(after, name),
           one.reload});
    }
  }
  return out;
}

std::string show(const Layer& words, bool origins) {
  std::string out;
  for (const auto& [name, said] : words) {
    const Definition* definition = find_definition(name);
    const bool many = definition != nullptr && definition->kind != Kind::text &&
                      definition->kind != Kind::flag;
    const std::string origin = origins ? "  # " + said.origin : "";
    if (!many) {
      out += name + ": " +
             (said.values.empty() ? "\"\"" : quoted(said.values.back())) +
             origin + "\n";
      continue;
    }
    out += name + ":" + origin + "\n";
    for (const std::string& value : said.values) {
      out += "  - " + quoted(value) + "\n";
    }
  }
  return out;
}

}  // namespace docker_cpp::daemon
