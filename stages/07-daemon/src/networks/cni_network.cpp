// SPDX-License-Identifier: Apache-2.0
#include "cni_network.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <ranges>
#include <stdexcept>
#include <utility>

#include "../engine/folders.hpp"
#include "cni_plugin.hpp"

#include "docker_cpp/daemon/api_error.hpp"
#include "docker_cpp/network/bandwidth.hpp"
#include "docker_cpp/network/container_side.hpp"
#include "docker_cpp/network/in_namespace.hpp"
#include "docker_cpp/network/links.hpp"
#include "docker_cpp/network/network_addresses.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::daemon {
namespace {

using network::EndpointInfo;
using network::EndpointRequest;
using network::PublishedPort;
using nlohmann::json;

[[noreturn]] void refuse(const std::string& why) {
  throw std::invalid_argument("invalid CNI configuration: " + why);
}

std::string option(const Labels& options, const char* key,
                   const std::string& usual) {
  const auto found = options.find(key);
  return found == options.end() ? usual : found->second;
}

json read_configuration(const Labels& options) {
  std::string text = option(options, "config", "");
  if (text.empty()) {
    refuse("-o config=FILE is missing");
  }
  if (!text.starts_with('{')) {
    const auto content = sys::read_file(text.c_str());
    if (!content) {
      refuse("cannot read " + text);
    }
    text = *content;
  }
  json out = json::parse(text, nullptr, false);
  if (!out.is_object()) {
    refuse("it is no JSON object");
  }
  return out;
}

std::vector<std::string> split(const std::string& text, char by) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(by, at), text.size());
    if (end > at) {
      out.push_back(text.substr(at, end - at));
    }
    at = end + 1;
  }
  return out;
}

bool can(const json& plugin, const char* capability) {
  const auto found = plugin.find("capabilities");
  return found != plugin.end() && found->is_object() &&
         found->value(capability, false);
}

/// "10.1.0.2/24" of one of the answer's addresses.
void take_address(const json& entry, EndpointInfo& info) {
  const std::string address = entry.value("address", "");
  if (const auto v4 = network::parse_subnet(address)) {
    info.ip = to_string(v4->address);
    info.prefix_len = v4->prefix_len;
    info.gateway = entry.value("gateway", "");
  } else if (const auto v6 = network::parse_subnet6(address)) {
    info.ip6 = to_string(v6->address);
    info.prefix_len6 = v6->prefix_len;
    info.gateway6 = entry.value("gateway", "");
  }
}

EndpointInfo describe(const json& result, const std::string& link) {
  EndpointInfo info;
  for (const json& entry : result.value("ips", json::array())) {
    take_address(entry, info);
  }
  for (const json& entry : result.value("interfaces", json::array())) {
    if (entry.value("name", "") == link &&
        !entry.value("sandbox", "").empty()) {
      info.mac = entry.value("mac", "");
    }
  }
  return info;
}

}  // namespace

CniNetwork::CniNetwork(Options options) : options_(std::move(options)) {
  const json all = read_configuration(options_.options);
  name_ = all.value("name", "");
  version_ = all.value("cniVersion", "0.2.0");
  if (name_.empty()) {
    refuse("it has no name");
  }
  if (const auto list = all.find("plugins"); list != all.end()) {
    for (const json& plugin : *list) {
      plugins_.push_back(plugin);
    }
  } else {
    plugins_.push_back(all);
  }
  if (plugins_.empty() || std::ranges::any_of(plugins_, [](const json& plugin) {
        return !plugin.is_object() || plugin.value("type", "").empty();
      })) {
    refuse("a plugin has no type");
  }
  folders_ =
      split(option(options_.options, "path", "/usr/lib/cni:/opt/cni/bin"), ':');
}

json CniNetwork::configuration(const json& plugin,
                               const Attached& attached) const {
  json out = plugin;
  out["name"] = name_;
  out["cniVersion"] = version_;
  if (!attached.result.is_null()) {
    out["prevResult"] = attached.result;
  }
  json runtime = json::object();
  for (const char* what : {"portMappings", "bandwidth"}) {
    if (can(plugin, what) && attached.runtime.contains(what)) {
      runtime[what] = attached.runtime[what];
    }
  }
  if (!runtime.empty()) {
    out["runtimeConfig"] = std::move(runtime);
  }
  out.erase("capabilities");
  return out;
}

json CniNetwork::run(const char* command, const std::string& container,
                     const Attached& attached, const json& plugin) const {
  return run_cni_plugin(
      folders_,
      {.command = command,
       .container = container,
       .netns = attached.netns
                    ? "/proc/" + std::to_string(::getpid()) + "/fd/" +
                          std::to_string(attached.netns.get())
                    : "",
       .link = attached.link,
       .arguments = "IgnoreUnknown=1"},
      configuration(plugin, attached));
}

void CniNetwork::add(const std::string& container, Attached& attached) const {
  for (const json& plugin : plugins_) {
    attached.result = run("ADD", container, attached, plugin);
  }
}

/// In reverse order, whatever goes wrong: DEL is to take back what it can.
void CniNetwork::remove_quietly(const std::string& container,
                                const Attached& attached) const {
  for (const json& plugin : plugins_ | std::views::reverse) {
    try {
      static_cast<void>(run("DEL", container, attached, plugin));
    } catch (const std::exception& error) {
      options_.warn("network " + name_ + ": " + error.what());
    }
  }
  forget(container);
}

std::vector<PublishedPort> CniNetwork::ask_for_ports(
    const EndpointRequest& request, Attached& attached) {
  const bool possible = std::ranges::any_of(
      plugins_, [](const json& plugin) { return can(plugin, "portMappings"); });
  std::vector<PublishedPort> out;
  json mappings = json::array();
  for (PublishedPort port : request.ports) {
    if (!possible || port.host_ip.find(':') != std::string::npos) {
      continue;
    }
    const auto host = network::parse_ipv4(port.host_ip);
    attached.reservations.push_back(ports_.reserve(
        network::typed(network::parse_protocol(port.protocol)),
        host.value_or(network::Ipv4{}), port.host_port, port.last_host_port));
    port.host_port = attached.reservations.back().host_port;
    port.last_host_port = 0;
    mappings.push_back({{"hostPort", port.host_port},
                        {"containerPort", port.container_port},
                        {"protocol", port.protocol},
                        {"hostIP", port.host_ip}});
    out.push_back(std::move(port));
  }
  if (!mappings.empty()) {
    attached.runtime["portMappings"] = std::move(mappings);
  }
  const network::Bandwidth limits = network::bandwidth_of(request.options);
  if (limits.limited()) {
    constexpr std::uint64_t bits = 8;
    attached.runtime["bandwidth"] = {
        {"ingressRate", limits.in * bits},
        {"ingressBurst", std::max<std::uint64_t>(limits.in, 1) * bits},
        {"egressRate", limits.out * bits},
        {"egressBurst", std::max<std::uint64_t>(limits.out, 1) * bits}};
  }
  return out;
}

EndpointInfo CniNetwork::connect(int netns_fd, const EndpointRequest& request) {
  disconnect(request.container_id);
  if (!request.ip.empty() || !request.ip6.empty()) {
    throw std::invalid_argument(
        "invalid address: the addresses of a CNI network are its plugins' to "
        "choose");
  }
  Attached attached;
  attached.netns = sys::UniqueFd(::fcntl(netns_fd, F_DUPFD_CLOEXEC, 0));
  network::ContainerSide inside(netns_fd, network::ContainerSide::Ipv6Use::on);
  attached.link = inside.name_for(request);
  inside.links().set_up(1);  // the loopback: loopback.c
  std::vector<PublishedPort> ports;
  {
    const std::lock_guard lock(mutex_);
    ports = ask_for_ports(request, attached);
  }
  try {
    add(request.container_id, attached);
    keep(request.container_id, attached);
  } catch (...) {
    remove_quietly(request.container_id, attached);
    throw;
  }
  EndpointInfo info = describe(attached.result, attached.link);
  info.ports = std::move(ports);
  const std::lock_guard lock(mutex_);
  attached_.insert_or_assign(request.container_id, std::move(attached));
  return info;
}

std::vector<PublishedPort> CniNetwork::publish(
    std::string_view, const std::vector<PublishedPort>&) {
  return {};  // only ADD can
}

void CniNetwork::disconnect(std::string_view container_id) {
  Attached attached;
  {
    const std::lock_guard lock(mutex_);
    const auto found = attached_.find(container_id);
    if (found == attached_.end()) {
      return;
    }
    attached = std::move(found->second);
    attached_.erase(found);
  }
  remove_quietly(std::string(container_id), attached);
}

void CniNetwork::adopt(std::string_view container_id, const EndpointInfo&) {
  const std::string container(container_id);
  const std::string text =
      sys::read_file(file_of(container).c_str()).value_or("");
  const json kept = json::parse(text, nullptr, false);
  Attached attached{.link = "eth0"};
  if (kept.is_object()) {
    attached.link = kept.value("link", "eth0");
    attached.result = kept.value("result", json());
    attached.runtime = kept.value("runtime", json());
  } else {
    options_.warn("network " + name_ + ": what " + container +
                  " was given is not known any more");
  }
  const std::lock_guard lock(mutex_);
  attached_.try_emplace(container, std::move(attached));
}

void CniNetwork::hold(std::string_view container_id, int netns_fd) {
  const std::lock_guard lock(mutex_);
  const auto found = attached_.find(container_id);
  if (found == attached_.end()) {
    return;
  }
  found->second.netns = sys::UniqueFd(::fcntl(netns_fd, F_DUPFD_CLOEXEC, 0));
  if (version_ < "0.4.0" || found->second.result.is_null()) {
    return;  // it has no CHECK
  }
  for (const json& plugin : plugins_) {
    try {
      static_cast<void>(run("CHECK", found->first, found->second, plugin));
    } catch (const ApiError& error) {
      options_.warn("container " + found->first + ": " + error.what());
    }
  }
}

void CniNetwork::remove() {
  try {
    remove_folder(options_.folder);
  } catch (const std::exception&) {
    // Nobody was ever on it.
  }
}

std::string CniNetwork::file_of(const std::string& container) const {
  return options_.folder + "/" + container;
}

void CniNetwork::keep(const std::string& container,
                      const Attached& attached) const {
  make_folder(options_.folder, 0700);
  write_file(file_of(container),
             json{{"link", attached.link},
                  {"result", attached.result},
                  {"runtime", attached.runtime}}
                 .dump(),
             0600);
}

void CniNetwork::forget(const std::string& container) const {
  ::unlink(file_of(container).c_str());
}

}  // namespace docker_cpp::daemon
