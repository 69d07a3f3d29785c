// SPDX-License-Identifier: Apache-2.0
#include "definitions.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::daemon {
namespace {

using Applied = std::expected<void, std::string>;

Applied wrong(const std::string& why) {
  return std::unexpected(why);
}

std::string last(const Values& values) {
  return values.empty() ? "" : values.back();
}

template <std::string DaemonOptions::* Member>
Applied set_text(Settings& settings, const Values& values) {
  settings.daemon.*Member = last(values);
  return {};
}

template <std::vector<std::string> DaemonOptions::* Member>
Applied set_list(Settings& settings, const Values& values) {
  settings.daemon.*Member = values;
  return {};
}

std::expected<bool, std::string> parse_flag(const std::string& text) {
  if (text == "true" || text == "1") {
    return true;
  }
  if (text == "false" || text == "0") {
    return false;
  }
  return std::unexpected("\"" + text + "\" is neither true nor false");
}

template <std::string images::RegistryOptions::* Member>
Applied set_registry_text(Settings& settings, const Values& values) {
  settings.daemon.registry.*Member = last(values);
  return {};
}

template <std::vector<std::string> images::RegistryOptions::* Member>
Applied set_registry_list(Settings& settings, const Values& values) {
  settings.daemon.registry.*Member = values;
  return {};
}

Applied set_downloads(Settings& settings, const Values& values) {
  const std::string text = last(values);
  const char* end = text.data() + text.size();
  const auto [rest, error] =
      std::from_chars(text.data(), end, settings.daemon.registry.parallel);
  constexpr int most = 16;
  if (error != std::errc() || rest != end ||
      settings.daemon.registry.parallel < 1 ||
      settings.daemon.registry.parallel > most) {
    return wrong("\"" + text + "\" is not a number from 1 to 16");
  }
  return {};
}

template <bool DaemonOptions::* Member>
Applied set_flag(Settings& settings, const Values& values) {
  const auto flag = parse_flag(last(values));
  if (!flag) {
    return wrong(flag.error());
  }
  settings.daemon.*Member = *flag;
  return {};
}

template <bool ContainerDefaults::* Member>
Applied set_default_flag(Settings& settings, const Values& values) {
  const auto flag = parse_flag(last(values));
  if (!flag) {
    return wrong(flag.error());
  }
  settings.daemon.defaults.*Member = *flag;
  return {};
}

template <std::string ContainerDefaults::* Member>
Applied set_default_text(Settings& settings, const Values& values) {
  settings.daemon.defaults.*Member = last(values);
  return {};
}

Applied set_mtu(Settings& settings, const Values& values) {
  const std::string text = last(values);
  const char* end = text.data() + text.size();
  int mtu = 0;
  const auto [rest, error] = std::from_chars(text.data(), end, mtu);
  if (error != std::errc() || rest != end ||
      (mtu != 0 && (mtu < 68 || mtu > 65535))) {  // RFC 791
    return wrong("\"" + text + "\" is not an MTU (68 to 65535)");
  }
  settings.daemon.mtu = mtu == 0 ? DaemonOptions().mtu : mtu;
  return {};
}

Applied set_level(Settings& settings, const Values& values) {
  const auto level = parse_level(last(values));
  if (!level) {
    return wrong("invalid logging level: " + last(values));
  }
  settings.log_level = *level;
  return {};
}

Applied set_debug(Settings& settings, const Values& values) {
  const auto flag = parse_flag(last(values));
  if (!flag) {
    return wrong(flag.error());
  }
  settings.debug = *flag;
  return {};
}

Applied set_exec_options(Settings&, const Values& values) {
  for (const std::string& option : values) {
    if (option != "native.cgroupdriver=cgroupfs") {
      return wrong(option + ": only native.cgroupdriver=cgroupfs is known");
    }
  }
  return {};
}

Applied set_storage_driver(Settings&, const Values& values) {
  return last(values) == "overlay2"
             ? Applied()
             : wrong("\"" + last(values) + "\": only overlay2 is known");
}

Applied set_live_restore(Settings&, const Values& values) {
  const auto flag = parse_flag(last(values));
  return flag && *flag ? Applied()
                       : wrong("containers always outlive the daemon here");
}

Applied set_log_options(Settings& settings, const Values& values) {
  settings.daemon.defaults.log_options.clear();
  for (const std::string& value : values) {
    const std::size_t equals = value.find('=');
    if (equals == std::string::npos || equals == 0) {
      return wrong("\"" + value + "\" is not key=value");
    }
    settings.daemon.defaults.log_options[value.substr(0, equals)] =
        value.substr(equals + 1);
  }
  return {};
}

/// A file's text, or one of the two words.
Applied set_seccomp(Settings& settings, const Values& values) {
  const std::string where = last(values);
  std::string& profile = settings.daemon.defaults.seccomp_profile;
  if (where == "unconfined" || where == "builtin" || where.empty()) {
    profile = where == "unconfined" ? where : "";
    return {};
  }
  const auto text = sys::read_file(where.c_str());
  if (!text) {
    return wrong("opening seccomp profile (" + where + ") failed");
  }
  profile = *text;
  return {};
}

/// "name=/path [argument...]"
Applied set_runtimes(Settings& settings, const Values& values) {
  settings.daemon.defaults.runtimes.clear();
  for (const std::string& value : values) {
    const std::size_t equals = value.find('=');
    if (equals == std::string::npos || equals == 0 ||
        equals + 1 == value.size()) {
      return wrong("\"" + value + "\" is not name=path");
    }
    RuntimeEntry& entry =
        settings.daemon.defaults.runtimes[value.substr(0, equals)];
    std::string_view rest = std::string_view(value).substr(equals + 1);
    entry.path = rest.substr(0, rest.find(' '));
    while (rest.find(' ') != std::string_view::npos) {
      rest.remove_prefix(rest.find(' ') + 1);
      entry.arguments.emplace_back(rest.substr(0, rest.find(' ')));
    }
  }
  return {};
}

/// "nofile=1024:2048" or "nofile=1024".
Applied set_ulimits(Settings& settings, const Values& values) {
  settings.daemon.defaults.ulimits.clear();
  for (const std::string& value : values) {
    Ulimit limit;
    const std::size_t equals = value.find('=');
    const char* end = value.data() + value.size();
    limit.name = value.substr(0, equals);
    const char* from = value.data() + std::min(equals, value.size() - 1) + 1;
    auto [rest, error] = std::from_chars(from, end, limit.soft);
    limit.hard = limit.soft;
    if (error == std::errc() && rest != end && *rest == ':') {
      const auto second = std::from_chars(rest + 1, end, limit.hard);
      rest = second.ptr;
      error = second.ec;
    }
    if (equals == std::string::npos || error != std::errc() || rest != end) {
      return wrong("\"" + value + "\" is not name=soft[:hard]");
    }
    settings.daemon.defaults.ulimits.push_back(limit);
  }
  return {};
}

Applied set_shm_size(Settings& settings, const Values& values) {
  const std::string text = last(values);
  std::int64_t size = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, size);
  std::string unit(rest, end);
  std::ranges::transform(unit, unit.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  constexpr std::string_view units = "kmg";
  const auto at = unit.empty() ? 0 : units.find(unit[0]);
  if (error != std::errc() || size <= 0 || at == std::string_view::npos ||
      size > (std::int64_t{1} << 32)) {
    return wrong("\"" + text + "\" is not a size such as 64M");
  }
  settings.daemon.defaults.shm_size =
      unit.empty() ? size : size << (10U * (at + 1));
  return {};
}

constexpr auto live = Reload::live;
constexpr auto restart = Reload::restart;
using Options = DaemonOptions;
using Defaults = ContainerDefaults;

constexpr std::array table = {
    Definition{"data-root", "--data-root", Kind::text, restart,
               "Root directory of persistent state (default "
               "/var/lib/docker-cpp)",
               set_text<&Options::data_root>},
    Definition{"exec-root", "--exec-root", Kind::text, restart,
               "Root directory for execution state files (default "
               "/run/docker-cpp)",
               set_text<&Options::exec_root>},
    Definition{"hosts", "-H,--host", Kind::list, restart,
               "Daemon socket(s) to connect to: unix://, tcp:// or fd://",
               set_list<&Options::hosts>},
    Definition{"bridge", "-b,--bridge", Kind::text, restart,
               "Bridge of the containers; \"none\" for no network",
               set_text<&Options::bridge>},
    Definition{"bip", "--bip", Kind::text, restart,
               "IPv4 address for the bridge", set_text<&Options::bip>},
    Definition{"mtu", "--mtu", Kind::text, restart, "The containers' MTU",
               set_mtu},
    Definition{"ipv6", "--ipv6", Kind::flag, restart, "IPv6 on the bridge",
               set_flag<&Options::ipv6>},
    Definition{"fixed-cidr", "--fixed-cidr", Kind::text, restart,
               "Containers' part of it", set_text<&Options::fixed_cidr>},
    Definition{"fixed-cidr-v6", "--fixed-cidr-v6", Kind::text, restart,
               "IPv6 subnet of it", set_text<&Options::fixed_cidr_v6>},
    Definition{"icc", "--icc", Kind::flag, restart,
               "Let containers of the bridge talk", set_flag<&Options::icc>},
    Definition{"ip-masq", "--ip-masq", Kind::flag, restart,
               "Masquerade the bridge", set_flag<&Options::ip_masq>},
    Definition{"ip", "--ip", Kind::text, restart, "Address of published ports",
               set_text<&Options::host_ip>},
    Definition{"cluster-store", "--cluster-store", Kind::text, restart,
               "Store of overlay networks: etcd://ADDRESS:PORT[,…]",
               set_text<&Options::cluster_store>},
    Definition{"cluster-store-opts", "--cluster-store-opt", Kind::list, restart,
               "How to reach it: kv.cacertfile=FILE and the like",
               set_list<&Options::cluster_store_options>},
    Definition{"cluster-advertise", "--cluster-advertise", Kind::text, restart,
               "This host's link", set_text<&Options::cluster_advertise>},
    Definition{"default-address-pools", "--default-address-pool", Kind::list,
               restart, "Address pools: base=172.17.0.0/12,size=16",
               set_list<&Options::address_pools>},
    Definition{"pidfile", "-p,--pidfile", Kind::text, restart,
               "Path of the PID file", set_text<&Options::pidfile>},
    Definition{"group", "-G,--group", Kind::text, restart,
               "Group for the unix socket", set_text<&Options::group>},
    Definition{"cgroup-parent", "--cgroup-parent", Kind::text, restart,
               "Parent cgroup of all containers",
               set_text<&Options::cgroup_parent>},
    Definition{"dns", "--dns", Kind::list, restart, "DNS server to use",
               set_list<&Options::dns>},
    Definition{"dns-search", "--dns-search", Kind::list, restart,
               "DNS search domains", set_list<&Options::dns_search>},
    Definition{"dns-opts", "--dns-opt", Kind::list, restart,
               "DNS options to use", set_list<&Options::dns_options>},
    Definition{"insecure-registries", "--insecure-registry", Kind::list,
               restart,
               "Registry (host:port or network) whose TLS need not hold",
               set_registry_list<&images::RegistryOptions::insecure>},
    Definition{"registry-mirrors", "--registry-mirror", Kind::list, restart,
               "Mirror of docker.io, asked first",
               set_registry_list<&images::RegistryOptions::mirrors>},
    Definition{"max-concurrent-downloads", "--max-concurrent-downloads",
               Kind::text, restart,
               "Layers to fetch or send at a time (default 3)", set_downloads},
    Definition{"http-proxy", "--http-proxy", Kind::text, restart,
               "Proxy for registries over HTTP",
               set_registry_text<&images::RegistryOptions::http_proxy>},
    Definition{"https-proxy", "--https-proxy", Kind::text, restart,
               "Proxy for registries over HTTPS",
               set_registry_text<&images::RegistryOptions::https_proxy>},
    Definition{"no-proxy", "--no-proxy", Kind::text, restart,
               "Hosts and domains that need no proxy, by commas",
               set_registry_text<&images::RegistryOptions::no_proxy>},
    Definition{"labels", "--label", Kind::list, restart,
               "key=value labels of the daemon", set_list<&Options::labels>},
    Definition{"exec-opts", "--exec-opt", Kind::list, restart,
               "Runtime execution options", set_exec_options},
    Definition{"storage-driver", "-s,--storage-driver", Kind::text, restart,
               "Storage driver to use: overlay2", set_storage_driver},
    Definition{"live-restore", "--live-restore", Kind::flag, restart,
               "Containers outlive the daemon (always)", set_live_restore},
    Definition{"log-level", "-l,--log-level", Kind::text, live,
               "debug, info, warn, error or fatal (default info)", set_level},
    Definition{"debug", "-D,--debug", Kind::flag, live, "Debug mode",
               set_debug},
    Definition{"tls", "--tls", Kind::flag, restart,
               "Use TLS; implied by --tlsverify", set_flag<&Options::tls>},
    Definition{"tlsverify", "--tlsverify", Kind::flag, restart,
               "Use TLS and verify the remote", set_flag<&Options::tls_verify>},
    Definition{"tlscacert", "--tlscacert", Kind::text, restart,
               "Trust certs signed only by this CA",
               set_text<&Options::tls_authority>},
    Definition{"tlscert", "--tlscert", Kind::text, restart,
               "Path to TLS certificate file",
               set_text<&Options::tls_certificate>},
    Definition{"tlskey", "--tlskey", Kind::text, restart,
               "Path to TLS key file", set_text<&Options::tls_key>},
    Definition{"plugin-dir", "--plugin-dir", Kind::text, restart,
               "Folder of plugins in shared objects",
               set_text<&Options::plugin_folder>},
    Definition{"authorization-plugins", "--authorization-plugin", Kind::list,
               restart, "Authorization plugins to load",
               set_list<&Options::authorization_plugins>},
    Definition{"metrics-addr", "--metrics-addr", Kind::text, restart,
               "Address and port to serve the metrics API on",
               set_text<&Options::metrics_address>},
    Definition{"init", "--init", Kind::flag, live,
               "Run an init in the container",
               set_default_flag<&Defaults::init>},
    Definition{"init-path", "--init-path", Kind::text, live,
               "Path to the docker-cpp-init binary",
               set_default_text<&Defaults::init_binary>},
    Definition{"no-new-privileges", "--no-new-privileges", Kind::flag, live,
               "Set no-new-privileges by default for new containers",
               set_default_flag<&Defaults::no_new_privileges>},
    Definition{"seccomp-profile", "--seccomp-profile", Kind::text, live,
               "Path to seccomp profile; \"unconfined\" for none", set_seccomp},
    Definition{"default-ipc-mode", "--default-ipc-mode", Kind::text, live,
               "Default mode for containers ipc: shareable or private",
               set_default_text<&Defaults::ipc_mode>},
    Definition{"default-cgroupns-mode", "--default-cgroupns-mode", Kind::text,
               live, "Default mode for containers cgroup namespace",
               set_default_text<&Defaults::cgroupns_mode>},
    Definition{"default-shm-size", "--default-shm-size", Kind::text, live,
               "Default shm size for containers", set_shm_size},
    Definition{"default-ulimits", "--default-ulimit", Kind::pairs, live,
               "Default ulimits for containers", set_ulimits},
    Definition{"default-runtime", "--default-runtime", Kind::text, live,
               "Default OCI runtime for containers",
               set_default_text<&Defaults::runtime>},
    Definition{"runtimes", "--add-runtime", Kind::pairs, live,
               "Register an additional OCI compatible runtime: name=path",
               set_runtimes},
    Definition{"log-driver", "--log-driver", Kind::text, live,
               "Default driver for container logs",
               set_default_text<&Defaults::log_driver>},
    Definition{"log-opts", "--log-opt", Kind::pairs, live,
               "Default log driver options for containers", set_log_options},
};

}  // namespace

std::span<const Definition> definitions() {
  return table;
}

const Definition* find_definition(std::string_view name) {
  const auto found = std::ranges::find(table, name, &Definition::name);
  return found == table.end() ? nullptr : &*found;
}

}  // namespace docker_cpp::daemon
