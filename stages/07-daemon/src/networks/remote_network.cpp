// SPDX-License-Identifier: Apache-2.0
#include "remote_network.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "../engine/network_kinds.hpp"

#include "docker_cpp/daemon/api_error.hpp"
#include "docker_cpp/network/container_side.hpp"
#include "docker_cpp/network/port_allocator.hpp"

namespace docker_cpp::daemon {
namespace {

using network::AddressLease;
using network::EndpointInfo;
using network::EndpointRequest;
using nlohmann::json;

json pools_of(const Network& network, bool v6) {
  json out = json::array();
  for (const AddressRange& range : network.ranges) {
    if (is_v6(range) == v6) {
      const std::size_t slash = range.subnet.find('/');
      out.push_back({{"AddressSpace", "LocalDefault"},
                     {"Pool", range.subnet},
                     {"Gateway", range.gateway + range.subnet.substr(slash)},
                     {"AuxAddresses", range.reserved}});
    }
  }
  return out;
}

json generic_options(const Network& network) {
  return {{"com.docker.network.enable_ipv6", network.ipv6},
          {"com.docker.network.internal", network.internal},
          {"com.docker.network.generic", network.options}};
}

std::string with_prefix(const std::string& address, int length) {
  return address.empty() ? "" : address + "/" + std::to_string(length);
}

json ports_of(const std::vector<network::PublishedPort>& ports) {
  json out = json::array();
  for (const network::PublishedPort& port : ports) {
    out.push_back(
        {{"Proto", network::parse_protocol(port.protocol).value_or(6)},
         {"Port", port.container_port},
         {"HostIP", port.host_ip},
         {"HostPort", port.host_port},
         {"HostPortEnd", port.host_port}});
  }
  return out;
}

json ports_option(const std::vector<network::PublishedPort>& ports) {
  return {{"com.docker.network.portmap", ports_of(ports)}};
}

std::string text(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>()
                                                     : "";
}

void add_routes(network::Links& inside, const std::string& link,
                const json& answer) {
  const auto routes = answer.find("StaticRoutes");
  if (routes == answer.end() || !routes->is_array()) {
    return;
  }
  const int index = network::must_find(inside, link).index;
  for (const json& route : *routes) {
    const auto to = network::parse_subnet(text(route, "Destination"));
    const auto hop = network::parse_ipv4(text(route, "NextHop"));
    if (to) {
      inside.add_route(index, *to, hop ? std::optional(*hop) : std::nullopt);
    }
  }
}

}  // namespace

RemoteNetwork::RemoteNetwork(SocketPlugin plugin, const Network& network,
                             Beginning beginning)
    : plugin_(std::move(plugin)),
      id_(network.id),
      links_(network::Links::open()),
      addresses_(addresses_of(network)),
      subnet_(addresses_.subnet_text()),
      gateway_(addresses_.gateway_text()) {
  if (beginning == Beginning::found) {
    return;
  }
  const std::string scope =
      text(call("GetCapabilities", json::object()), "Scope");
  scope_ = scope.empty() ? scope_ : scope;
  call("CreateNetwork", {{"NetworkID", id_},
                         {"Options", generic_options(network)},
                         {"IPv4Data", pools_of(network, false)},
                         {"IPv6Data", pools_of(network, true)}});
}

json RemoteNetwork::call(const char* method, json body) const {
  json answer = plugin_.call(std::string("/NetworkDriver.") + method, body);
  const std::string problem = text(answer, "Err");
  if (!problem.empty()) {
    throw ApiError(ErrorCode::internal,
                   "remote: " + problem);  // as libnetwork says it
  }
  return answer;
}

/// The container's id is the endpoint's: it has one of each network.
json RemoteNetwork::endpoint(std::string_view container) const {
  return {{"NetworkID", id_}, {"EndpointID", container}};
}

void RemoteNetwork::create_endpoint(const EndpointRequest& request,
                                    EndpointInfo& info) const {
  json body = endpoint(request.container_id);
  body["Options"] = ports_option(request.ports);
  for (const auto& [key, value] : request.options) {
    body["Options"][key] = value;
  }
  body["Interface"] = {{"Address", with_prefix(info.ip, info.prefix_len)},
                       {"AddressIPv6", with_prefix(info.ip6, info.prefix_len6)},
                       {"MacAddress", request.mac}};
  const json answer = call("CreateEndpoint", std::move(body));
  if (const auto chosen = answer.find("Interface");
      chosen != answer.end() && chosen->is_object()) {
    if (const std::string mac = text(*chosen, "MacAddress"); !mac.empty()) {
      info.mac = mac;
    }
  }
}

void RemoteNetwork::join(int netns, const EndpointRequest& request,
                         EndpointInfo& info) {
  json body = endpoint(request.container_id);
  body["SandboxKey"] =
      "/var/run/docker/netns/" + request.container_id.substr(0, 12);
  body["Options"] = ports_option(request.ports);
  const json answer = call("Join", std::move(body));
  const json name = answer.value("InterfaceName", json::object());
  const std::string source = text(name, "SrcName");
  const std::string prefix = text(name, "DstPrefix");
  if (source.empty()) {
    return;  // the plugin has put it there itself, or there is none
  }
  network::ContainerSide inside(
      netns, addresses_.gateway6() ? network::ContainerSide::Ipv6Use::on
                                   : network::ContainerSide::Ipv6Use::off);
  const std::string link =
      request.options.contains(network::link_name_option)
          ? inside.name_for(request)
          : inside.free_name(prefix.empty() ? "eth" : prefix);
  links_.move(network::must_find(links_, source).index, netns, link);
  info.gateway = text(answer, "Gateway");
  info.gateway6 = text(answer, "GatewayIPv6");
  inside.set_up(link, info,
                request.default_route
                    ? network::ContainerSide::WayOut::by_gateway
                    : network::ContainerSide::WayOut::none);
  add_routes(inside.links(), link, answer);
}

EndpointInfo RemoteNetwork::connect(int netns_fd,
                                    const EndpointRequest& request) {
  disconnect(request.container_id);
  const std::lock_guard lock(mutex_);
  const AddressLease lease = addresses_.lease(request);
  EndpointInfo info = addresses_.describe(lease, request.mac);
  try {
    create_endpoint(request, info);
    join(netns_fd, request, info);
    if (!request.ports.empty()) {
      json body = endpoint(request.container_id);
      body["Options"] = ports_option(request.ports);
      call("ProgramExternalConnectivity", std::move(body));
      info.ports = request.ports;
    }
  } catch (...) {
    leave_quietly(request.container_id);
    addresses_.release(lease);
    throw;
  }
  endpoints_.emplace(request.container_id, lease);
  return info;
}

std::vector<network::PublishedPort> RemoteNetwork::publish(
    std::string_view container_id,
    const std::vector<network::PublishedPort>& ports) {
  json body = endpoint(container_id);
  body["Options"] = ports_option(ports);
  call("ProgramExternalConnectivity", std::move(body));
  return ports;
}

/// A plugin that is gone must not keep a container from ending.
void RemoteNetwork::leave_quietly(std::string_view container) const {
  for (const char* method :
       {"RevokeExternalConnectivity", "Leave", "DeleteEndpoint"}) {
    try {
      call(method, endpoint(container));
    } catch (const ApiError&) {
      // It knows no such endpoint, or nobody answers.
    }
  }
}

void RemoteNetwork::disconnect(std::string_view container_id) {
  const std::lock_guard lock(mutex_);
  const auto found = endpoints_.find(container_id);
  if (found == endpoints_.end()) {
    return;
  }
  leave_quietly(container_id);
  addresses_.release(found->second);
  endpoints_.erase(found);
}

void RemoteNetwork::adopt(std::string_view container_id,
                          const EndpointInfo& info) {
  const std::lock_guard lock(mutex_);
  if (!endpoints_.contains(container_id)) {
    endpoints_.emplace(container_id, addresses_.keep(info));
  }
}

void RemoteNetwork::remove() {
  call("DeleteNetwork", {{"NetworkID", id_}});
}

}  // namespace docker_cpp::daemon
