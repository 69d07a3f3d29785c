// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <array>
#include <functional>
#include <optional>
#include <sstream>
#include <utility>

#include <CLI/CLI.hpp>

#include "config_file.hpp"

namespace docker_cpp::daemon {
namespace {

constexpr std::array level_names = {"debug", "info", "warn", "error", "fatal"};

std::optional<LogLevel> parse_level(const std::string& name) {
  for (std::size_t i = 0; i < level_names.size(); ++i) {
    if (name == level_names.at(i)) {
      return static_cast<LogLevel>(i);
    }
  }
  return std::nullopt;
}

/// Everything that may be said, before it is understood.
struct Words {
  DaemonOptions daemon;
  std::optional<std::string> config_file;
  std::string log_level = "info";
  std::vector<std::string> exec_options;
  bool debug = false;
  bool validate = false;
  std::map<std::string, CLI::Option*> flags;  ///< by the file's name for it
};

void define_flags(CLI::App& app, Words& words) {
  DaemonOptions& daemon = words.daemon;
  auto& flags = words.flags;
  flags["data-root"] = app.add_option(
      "--data-root", daemon.data_root,
      "Root directory of persistent state (default /var/lib/docker-cpp)");
  flags["exec-root"] =
      app.add_option("--exec-root", daemon.exec_root,
                     "Root directory for execution state files (default "
                     "/run/docker-cpp)");
  flags["hosts"] = app.add_option(
      "-H,--host", daemon.hosts,
      "Daemon socket(s) to connect to: unix://, tcp:// or fd://");
  flags["bridge"] =
      app.add_option("-b,--bridge", daemon.bridge,
                     "Bridge of the containers; \"none\" for no network");
  flags["bip"] =
      app.add_option("--bip", daemon.bip, "IPv4 address for the bridge");
  flags["mtu"] = app.add_option("--mtu", daemon.mtu, "The containers' MTU");
  flags["default-address-pools"] =
      app.add_option("--default-address-pool", daemon.address_pools,
                     "Address pools for networks: base=172.17.0.0/12,size=16");
  flags["pidfile"] =
      app.add_option("-p,--pidfile", daemon.pidfile, "Path of the PID file");
  flags["group"] =
      app.add_option("-G,--group", daemon.group, "Group for the unix socket");
  flags["cgroup-parent"] =
      app.add_option("--cgroup-parent", daemon.cgroup_parent,
                     "Parent cgroup of all containers");
  flags["dns"] = app.add_option("--dns", daemon.dns, "DNS server to use");
  flags["dns-search"] =
      app.add_option("--dns-search", daemon.dns_search, "DNS search domains");
  flags["dns-opts"] =
      app.add_option("--dns-opt", daemon.dns_options, "DNS options to use");
  flags["insecure-registries"] =
      app.add_option("--insecure-registry", daemon.registry.insecure,
                     "Registry (host:port or network) whose TLS need not hold");
  flags["registry-mirrors"] =
      app.add_option("--registry-mirror", daemon.registry.mirrors,
                     "Mirror of docker.io, asked first");
  flags["max-concurrent-downloads"] = app.add_option(
      "--max-concurrent-downloads", daemon.registry.parallel,
      "Layers of an image to fetch or send at a time (default 3)");
  flags["http-proxy"] =
      app.add_option("--http-proxy", daemon.registry.http_proxy,
                     "Proxy for registries over HTTP");
  flags["https-proxy"] =
      app.add_option("--https-proxy", daemon.registry.https_proxy,
                     "Proxy for registries over HTTPS");
  flags["no-proxy"] =
      app.add_option("--no-proxy", daemon.registry.no_proxy,
                     "Hosts and domains that need no proxy, by commas");
  flags["labels"] = app.add_option("--label", daemon.labels,
                                   "key=value labels of the daemon");
  flags["exec-opts"] = app.add_option("--exec-opt", words.exec_options,
                                      "Runtime execution options");
  flags["log-level"] =
      app.add_option("-l,--log-level", words.log_level,
                     "debug, info, warn, error or fatal (default info)");
  flags["debug"] = app.add_flag("-D,--debug", words.debug, "Debug mode");
  app.add_option("--config-file", words.config_file,
                 "Daemon configuration file (default "
                 "/etc/docker-cpp/config.yaml)");
  app.add_flag("--validate", words.validate,
               "Check the configuration and exit");
  app.set_version_flag("-v,--version", "docker-cppd version 0.1.0");
  // Each value is an occurrence of its own: -H a -H b, never -H a b.
  for (auto& [name, option] : flags) {
    if (option->get_items_expected_max() > 1) {
      option->allow_extra_args(false)->delimiter('\0');
    }
  }
}

std::expected<void, std::string> take(Words& words, const std::string& name,
                                      const std::vector<std::string>& values) {
  const auto flag = words.flags.find(name);
  if (flag == words.flags.end()) {
    return std::unexpected(
        "the following directives don't match any configuration option: " +
        name);
  }
  if (flag->second->count() > 0) {
    return std::unexpected(
        "the following directives are specified both as a flag and in the "
        "configuration file: " +
        name);
  }
  if (name == "debug") {
    words.debug = !values.empty() && values[0] == "true";
    return {};
  }
  try {
    for (const std::string& value : values) {
      flag->second->add_result(value);
    }
    flag->second->run_callback();
  } catch (const CLI::Error& error) {
    return std::unexpected(name + ": " + error.what());
  }
  return {};
}

std::expected<void, std::string> check_exec_options(const Words& words) {
  for (const std::string& option : words.exec_options) {
    if (option != "native.cgroupdriver=cgroupfs") {
      return std::unexpected("--exec-opt " + option +
                             ": only native.cgroupdriver=cgroupfs is known");
    }
  }
  return {};
}

std::expected<Settings, std::string> understand(Words& words) {
  const auto file = read_config_file(words.config_file);
  if (!file) {
    return std::unexpected(file.error());
  }
  for (const auto& [name, values] : *file) {
    if (const auto taken = take(words, name, values); !taken) {
      return std::unexpected(taken.error());
    }
  }
  if (const auto checked = check_exec_options(words); !checked) {
    return std::unexpected(checked.error());
  }
  const auto level = parse_level(words.log_level);
  if (!level) {
    return std::unexpected("invalid logging level: " + words.log_level);
  }
  return Settings{.daemon = std::move(words.daemon),
                  .log_level = words.debug ? LogLevel::debug : *level,
                  .validate_only = words.validate};
}

}  // namespace

std::expected<Settings, EarlyEnd> read_settings(int argc, char** argv) {
  CLI::App app("A self-sufficient runtime for containers", "docker-cppd");
  Words words;
  define_flags(app, words);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream text;
    const int code = app.exit(error, text, text);
    return std::unexpected(EarlyEnd{code == 0 ? 0 : 125, text.str()});
  }
  auto settings = understand(words);
  if (!settings) {
    return std::unexpected(EarlyEnd{1, settings.error() + "\n"});
  }
  return *std::move(settings);
}

}  // namespace docker_cpp::daemon
