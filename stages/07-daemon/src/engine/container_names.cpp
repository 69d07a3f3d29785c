// SPDX-License-Identifier: Apache-2.0
#include "container_names.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "identifiers.hpp"
#include "oci_config.hpp"

#include "docker_cpp/daemon/networks.hpp"
#include "docker_cpp/network/name_files.hpp"
#include "docker_cpp/sys/file.hpp"

/// /etc/hosts, hostname and resolv.conf of a container.
namespace docker_cpp::daemon {
namespace {

struct Pair {
  std::string first;
  std::string second;
};

/// "a:b"; the text itself twice where there is no colon.
Pair split_at_colon(const std::string& text) {
  const std::size_t colon = text.find(':');
  return colon == std::string::npos
             ? Pair{text, text}
             : Pair{text.substr(0, colon), text.substr(colon + 1)};
}

std::string own_line(const Endpoint& endpoint, const std::string& names) {
  std::string lines;
  if (!endpoint.ip_address.empty()) {
    lines += endpoint.ip_address + "\t" + names + "\n";
  }
  if (!endpoint.ipv6_address.empty()) {
    lines += endpoint.ipv6_address + "\t" + names + "\n";
  }
  return lines;
}

}  // namespace

std::string ContainerNames::hostname() const {
  if (!now_.config.hostname.empty()) {
    return now_.config.hostname;
  }
  if (now_.host_config.network_mode == "host" ||
      now_.host_config.uts_mode == "host") {
    std::array<char, 65> name{};
    ::gethostname(name.data(), name.size() - 1);
    return name.data();
  }
  return short_id(now_.id);
}

/// The names of this container in its own /etc/hosts.
std::string ContainerNames::own_names() const {
  const std::string name = hostname();
  return now_.config.domainname.empty()
             ? name
             : name + "." + now_.config.domainname + " " + name;
}

/// --add-host and, on the default bridge, --link.
std::vector<network::HostsEntry> ContainerNames::extra_hosts() const {
  std::vector<network::HostsEntry> entries;
  for (const std::string& extra : now_.host_config.extra_hosts) {
    auto [name, address] = split_at_colon(extra);
    if (address == "host-gateway") {
      const auto* bridge = context_.networks == nullptr
                               ? nullptr
                               : context_.networks->default_bridge();
      if (bridge == nullptr) {
        throw ApiError(ErrorCode::invalid_argument,
                       "unable to derive the IP value for host-gateway");
      }
      address = bridge->gateway();
    }
    entries.push_back({address, name});
  }
  for (const std::string& link : now_.host_config.links) {
    const auto [ref, alias] = split_at_colon(link);
    const ContainerPtr other = context_.registry.find(ref);
    if (other->state != State::running) {
      throw ApiError(ErrorCode::conflict,
                     "Cannot link to a non running container: /" + other->name +
                         " AS /" + now_.name + "/" + alias);
    }
    for (const Endpoint& endpoint : other->endpoints) {
      if (endpoint.network == "bridge") {
        std::string names = alias + " " + short_id(other->id);
        names += alias == other->name ? "" : " " + other->name;
        entries.push_back({endpoint.ip_address, names});
      }
    }
  }
  return entries;
}

void ContainerNames::write_hosts() const {
  const std::string path = context_.folders.run(now_.id) + "/hosts";
  if (now_.host_config.network_mode == "host") {
    std::string text = sys::read_file("/etc/hosts").value_or("");
    for (const network::HostsEntry& extra : extra_hosts()) {
      text += extra.ip + "\t" + extra.names + "\n";
    }
    write_file(path, text);
    return;
  }
  std::string text = network::hosts_file({.extra = extra_hosts()});
  for (const Endpoint& endpoint : now_.endpoints) {
    text += own_line(endpoint, own_names());
  }
  write_file(path, text);
}

void ContainerNames::add_to_hosts(const Endpoint& endpoint) const {
  const std::string path = context_.folders.run(now_.id) + "/hosts";
  const std::string text = sys::read_file(path.c_str()).value_or("");
  write_file(path, text + own_line(endpoint, own_names()));
}

void ContainerNames::remove_from_hosts(const Endpoint& endpoint) const {
  const std::string path = context_.folders.run(now_.id) + "/hosts";
  std::string text = sys::read_file(path.c_str()).value_or("");
  const std::string line = own_line(endpoint, own_names());
  if (const std::size_t at = text.find(line); at != std::string::npos) {
    write_file(path, text.erase(at, line.size()));
  }
}

/// With another's network come its names: it is one host for the others.
std::string ContainerNames::joined_files() const {
  constexpr std::string_view prefix = "container:";
  const std::string& mode = now_.host_config.network_mode;
  if (!mode.starts_with(prefix)) {
    return "";
  }
  return context_.folders.run(
      context_.registry.find(mode.substr(prefix.size()))->id);
}

void ContainerNames::write_all() const {
  const std::string folder = context_.folders.run(now_.id);
  const HostConfig& host = now_.host_config;
  if (wants_bridge(host) && context_.networks != nullptr) {
    write_file(folder + "/hosts", "");
  } else {
    write_hosts();
  }
  write_file(folder + "/hostname", hostname() + "\n");
  write_resolver_file();
}

/// On a network with names of its own, the engine is asked first.
bool ContainerNames::asks_the_engine() const {
  if (context_.networks == nullptr || !wants_bridge(now_.host_config)) {
    return false;
  }
  return std::ranges::any_of(now_.endpoints, [&](const Endpoint& endpoint) {
    try {
      return !context_.networks->find(endpoint.network)->predefined;
    } catch (const ApiError&) {
      return false;  // the start is about to fail for it
    }
  });
}

std::vector<std::string> ContainerNames::name_servers() const {
  const Strings& own = now_.host_config.dns;
  if (!own.empty()) {
    return own;
  }
  return context_.options.dns.empty() ? network::host_name_servers()
                                      : context_.options.dns;
}

void ContainerNames::write_resolver_file() const {
  const HostConfig& host = now_.host_config;
  const EngineOptions& engine = context_.options;
  const auto or_engines = [](const Strings& own, const Strings& usual) {
    return own.empty() ? usual : own;
  };
  write_file(context_.folders.run(now_.id) + "/resolv.conf",
             network::resolv_conf(
                 {.dns = or_engines(host.dns, engine.dns),
                  .search = or_engines(host.dns_search, engine.dns_search),
                  .options = or_engines(host.dns_options, engine.dns_options),
                  .by_engine = asks_the_engine()}));
}

}  // namespace docker_cpp::daemon
