// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/cli/client_config.hpp"

#include <algorithm>
#include <array>

#include "file_io.hpp"

#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::cli {
namespace {

/// An option that a setting stands in for when it was not typed.
struct Default {
  std::string_view command;  ///< empty: every command that has the option
  std::string_view option;
  std::string_view setting;
};

constexpr std::array defaults = {
    Default{"", "detach-keys", "detachKeys"},
    Default{"ps", "format", "psFormat"},
    Default{"images", "format", "imagesFormat"},
    Default{"network ls", "format", "networksFormat"},
    Default{"volume ls", "format", "volumesFormat"},
    Default{"stats", "format", "statsFormat"},
    Default{"plugin ls", "format", "pluginsFormat"},
};

struct Proxy {
  std::string_view setting;
  std::string_view variable;
};

constexpr std::array proxies = {
    Proxy{"httpProxy", "HTTP_PROXY"}, Proxy{"httpsProxy", "HTTPS_PROXY"},
    Proxy{"noProxy", "NO_PROXY"}, Proxy{"ftpProxy", "FTP_PROXY"},
    Proxy{"allProxy", "ALL_PROXY"}};

bool has_option(std::span<const OptionSpec> options, std::string_view name) {
  return std::ranges::find(options, name, &OptionSpec::name) != options.end();
}

std::vector<std::string>& values_of(Arguments& arguments,
                                    std::string_view option) {
  const auto found = std::ranges::find(
      arguments.options, option,
      [](const Arguments::Values& values) { return values.first; });
  return found != arguments.options.end()
             ? found->second
             : arguments.options
                   .emplace_back(option, std::vector<std::string>())
                   .second;
}

void add_proxies(const Value& settings, const std::string& host,
                 std::string_view option, Arguments& arguments) {
  const auto& own = settings[host];
  const auto& chosen = own.is_null() ? settings["default"] : own;
  const auto typed = arguments.list(option);
  const auto add = [&](const std::string& name, const std::string& value) {
    const auto same = [&](const std::string& entry) {
      return cut(entry, '=').first == name;
    };
    if (std::ranges::none_of(typed, same)) {
      values_of(arguments, option).push_back(name + "=" + value);
    }
  };
  for (const auto& proxy : proxies) {
    if (const auto& value = chosen[proxy.setting].text(); !value.empty()) {
      add(std::string(proxy.variable), value);
      add(to_lower(proxy.variable), value);
    }
  }
}

}  // namespace

std::string ClientConfig::directory_of(const Arguments& global) {
  if (global.given("config")) {
    return global.text("config");
  }
  const auto given = environment("DOCKER_CONFIG");
  return given.empty() ? environment("HOME") + "/.docker" : given;
}

ClientConfig::ClientConfig(std::string directory)
    : directory_(std::move(directory)) {
  const auto path = directory_ + "/config.json";
  const auto text = sys::read_file(path.c_str());
  if (!text || trim(*text).empty()) {
    return;
  }
  auto parsed = parse_json(*text);
  if (parsed && parsed->is_object()) {
    settings_ = *std::move(parsed);
    return;
  }
  print_error("WARNING: Error parsing config file (" + path +
              "): " + (parsed ? "it is no object" : parsed.error()) + "\n");
}

void ClientConfig::store(std::string_view key, const Value& value) {
  auto kept = Value::object();
  for (const auto& member : settings_.members()) {
    if (member.key != key) {
      kept.set(member.key, member.value);
    }
  }
  if (!value.is_null()) {
    kept.set(key, value);
  }
  settings_ = std::move(kept);
  make_folders(directory_, 0700);
  replace_file(directory_ + "/config.json", print_indented(settings_, "", "\t"),
               0600);
}

void apply_settings(const ClientConfig& config, const std::string& host,
                    std::string_view command,
                    std::span<const OptionSpec> options, Arguments& arguments) {
  for (const auto& one : defaults) {
    const auto& value = config[one.setting].text();
    const bool meant = (one.command.empty() || one.command == command) &&
                       has_option(options, one.option);
    if (meant && !value.empty() && !arguments.given(one.option) &&
        !arguments.flag("quiet")) {
      values_of(arguments, one.option) = {value};
    }
  }
  const auto& settings = config["proxies"];
  if (settings.is_null()) {
    return;
  }
  for (const auto* option : {"env", "build-arg"}) {
    // exec has --env, too: its container has the proxies already.
    if (has_option(options, option) && command != "exec") {
      add_proxies(settings, host, option, arguments);
    }
  }
}

}  // namespace docker_cpp::cli
