// SPDX-License-Identifier: Apache-2.0
#include "bridge_state.hpp"

#include <net/if.h>

#include <algorithm>
#include <random>
#include <stdexcept>
#include <utility>

#include "docker_cpp/network/in_namespace.hpp"
#include "docker_cpp/network/name_files.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::network {
namespace {

/// What a person typed, or a sentence about it.
template <typename T>
T typed(std::expected<T, std::string> parsed) {
  if (!parsed) {
    throw std::invalid_argument(parsed.error());
  }
  return *std::move(parsed);
}

BridgeNetwork::Options checked(BridgeNetwork::Options options) {
  const std::string& name = options.bridge;
  if (name.empty() || name.size() >= IFNAMSIZ || name == "." || name == ".." ||
      name.find_first_of("/: \t\n") != std::string::npos) {
    throw std::invalid_argument("invalid bridge name: '" + name +
                                "' (1 to 15 characters, no '/', ':' or blank)");
  }
  if (options.mtu < 68 || options.mtu > 65535) {  // RFC 791
    throw std::invalid_argument("invalid MTU: " + std::to_string(options.mtu));
  }
  return options;
}

/// A network's first address stands for "the usual gateway of it".
Subnet as_gateway(Subnet subnet) {
  if (subnet.prefix_len > 30) {
    throw std::invalid_argument("the subnet " + to_string(subnet) +
                                " has no room for containers");
  }
  if (subnet.address == subnet.first()) {
    ++subnet.address.value;
  }
  return subnet;
}

std::vector<AddressPool> pools_of(const std::vector<std::string>& texts) {
  if (texts.empty()) {
    return default_pools();
  }
  std::vector<AddressPool> pools;
  for (const std::string& text : texts) {
    pools.push_back(typed(parse_pool(text)));
  }
  return pools;
}

/// The servers that this host resolves with are no place for containers
/// either, though only the default route may lead there.
void add_name_servers(std::vector<Subnet>& taken) {
  const std::string text =
      sys::read_file("/etc/resolv.conf").value_or(std::string());
  for (const Ipv4 server : name_servers(text)) {
    taken.push_back({.address = server, .prefix_len = 32});
  }
}

Link must_find(Links& links, const std::string& name) {
  const auto link = links.find(name);
  if (!link) {
    throw Error({.code = ENODEV, .call = "find the link"}, "look up " + name);
  }
  return *link;
}

/// "veth", because network managers leave links of that name alone. Never the
/// same twice: the link of the container's last run may still be on its way
/// out when the next one is made.
std::string new_link_name() {
  std::random_device random;
  std::string name = "veth";
  while (name.size() < IFNAMSIZ - 1) {
    name += "0123456789abcdef"[random() & 15U];
  }
  return name;
}

}  // namespace

BridgeNetwork::State::State(Options options)
    : options_(checked(std::move(options))),
      links_(Links::open()),
      gateway_(choose_gateway()),
      gateway_text_(to_string(gateway_.address)),
      subnet_text_(to_string(Subnet{.address = gateway_.first(),
                                    .prefix_len = gateway_.prefix_len})),
      firewall_({.bridge = options_.bridge,
                 .subnet = gateway_,
                 .internal = options_.internal,
                 .isolate_members = options_.isolate_members}),
      leases_(gateway_) {
  inherited_ = firewall_.mappings();
  std::erase_if(inherited_, [&](const PortMapping& mapping) {
    return !gateway_.contains(mapping.target);
  });
  // Rules first: there is no moment in which containers are open to others.
  firewall_.rebuild(inherited_);
  make_bridge();
  set_sysctl("net/ipv4/conf/" + options_.bridge + "/route_localnet", "1");
  set_sysctl("net/ipv4/ip_forward", "1");
  for (const Link& link : container_links()) {
    inherited_links_.insert_or_assign(link.alias, link);
  }
}

Subnet BridgeNetwork::State::choose_gateway() {
  if (!options_.subnet.empty()) {
    return as_gateway(typed(parse_subnet(options_.subnet)));
  }
  if (const auto bridge = links_.find(options_.bridge)) {
    const auto addresses = links_.addresses(bridge->index);
    if (!addresses.empty()) {
      return as_gateway(addresses.front());
    }
  }
  std::vector<Subnet> taken = links_.routes();
  add_name_servers(taken);
  const auto free = choose_subnet(pools_of(options_.pools), taken);
  if (!free) {
    throw std::runtime_error(
        "could not find an available, non-overlapping IPv4 address pool among "
        "the defaults to assign to the network");
  }
  return as_gateway(*free);
}

void BridgeNetwork::State::make_bridge() {
  auto bridge = links_.find(options_.bridge);
  if (!bridge) {
    links_.create_bridge(options_.bridge, mac_of(gateway_.address),
                         options_.mtu);
    bridge = links_.find(options_.bridge);
  }
  if (!bridge || bridge->kind != "bridge") {
    throw Error({.code = EEXIST, .call = "find the link"},
                options_.bridge + " is not a bridge");
  }
  bridge_ = bridge->index;
  const auto addresses = links_.addresses(bridge_);
  for (const Subnet& old : addresses) {
    if (old != gateway_) {
      links_.remove_address(bridge_, old);
    }
  }
  if (std::ranges::find(addresses, gateway_) == addresses.end()) {
    links_.set_address(bridge_, gateway_);
  }
  links_.set_up(bridge_);
}

void BridgeNetwork::State::lease(BridgeEndpoint& endpoint,
                                 const EndpointRequest& request) {
  if (request.ip.empty()) {
    const auto address = leases_.take();
    if (!address) {
      throw std::runtime_error(
          "no available IPv4 addresses on this network's "
          "address pools: " +
          options_.bridge + " (" + subnet_text_ + ")");
    }
    endpoint.ip = *address;
  } else {
    const Ipv4 wanted = typed(parse_ipv4(request.ip));
    if (!gateway_.contains(wanted)) {
      throw std::invalid_argument("invalid address " + request.ip +
                                  ": It does not belong to any of this "
                                  "network's subnets");
    }
    if (!leases_.take(wanted)) {
      throw Error({.code = EADDRINUSE, .call = "lease"},
                  "give the address " + request.ip);
    }
    endpoint.ip = wanted;
  }
  const MacAddress mac =
      request.mac.empty() ? mac_of(endpoint.ip) : typed(parse_mac(request.mac));
  endpoint.info = {.ip = to_string(endpoint.ip),
                   .gateway = gateway_text_,
                   .mac = to_string(mac),
                   .prefix_len = gateway_.prefix_len};
}

void BridgeNetwork::State::reserve(BridgeEndpoint& endpoint,
                                   const std::vector<PublishedPort>& ports) {
  for (PublishedPort port : ports) {
    const std::uint8_t protocol = typed(parse_protocol(port.protocol));
    const Ipv4 host =
        port.host_ip.empty() ? Ipv4{} : typed(parse_ipv4(port.host_ip));
    endpoint.reservations.push_back(
        ports_.reserve(protocol, host, port.host_port));
    port.protocol = port.protocol.empty() ? "tcp" : port.protocol;
    port.host_ip = to_string(host);
    port.host_port = endpoint.reservations.back().host_port;
    endpoint.mappings.push_back({.host_ip = host,
                                 .protocol = protocol,
                                 .host_port = port.host_port,
                                 .target = endpoint.ip,
                                 .target_port = port.container_port});
    endpoint.info.ports.push_back(std::move(port));
  }
}

void BridgeNetwork::State::link_up(BridgeEndpoint& endpoint, int netns) {
  std::optional<Links> inside;
  in_network_namespace(netns, [&] {
    inside = Links::open();
    // For links made from now on: the bridge carries IPv4 only. There is no
    // such file where the machine was booted without IPv6.
    static_cast<void>(sys::write_control(
        "/proc/sys/net/ipv6/conf/default/disable_ipv6", "1"));
  });
  std::string name = "eth0";
  for (int i = 1; inside->find(name); ++i) {
    name = "eth" + std::to_string(i);
  }
  give_way(endpoint.ip);
  endpoint.link.name = new_link_name();
  links_.create_veth({.name = endpoint.link.name,
                      .alias = endpoint.link.alias,
                      .bridge = bridge_,
                      .peer_name = name,
                      .peer_netns = netns,
                      .peer_mac = typed(parse_mac(endpoint.info.mac)),
                      .mtu = options_.mtu});
  DOCKER_CPP_FAILPOINT("network.link_made");
  endpoint.link = must_find(links_, endpoint.link.name);
  const int index = must_find(*inside, name).index;
  inside->set_up_endpoint(
      index, {.address = endpoint.ip, .prefix_len = gateway_.prefix_len},
      gateway_.address);
  links_.set_up_port(endpoint.link.index,
                     {.hairpin = !endpoint.mappings.empty(),
                      .isolated = options_.isolate_members});
  // Or the first packets are lost, and TCP tries again only after a second:
  // by the container's end, by the port that does not forward yet, and by the
  // bridge, which has no carrier before its first port.
  inside->wait_until_operational(name);
  links_.wait_until_operational(endpoint.link.name);
  links_.wait_until_operational(options_.bridge);
}

/// The last one with this address may still be a port of the bridge. It is
/// cut here and not in disconnect(): that would wait for the lock which the
/// kernel holds while it takes the dead container's links down.
void BridgeNetwork::State::give_way(Ipv4 ip) {
  if (const auto old = retired_.find(ip); old != retired_.end()) {
    links_.cut_port(old->second);
    retired_.erase(old);
  }
}

void BridgeNetwork::State::publish(const BridgeEndpoint& endpoint) {
  DOCKER_CPP_FAILPOINT("network.publish");
  try {
    firewall_.add(endpoint.mappings);
  } catch (const Error& error) {
    if (error.code().value() != EEXIST) {
      throw;
    }
    const PublishedPort& first = endpoint.info.ports.front();
    throw PortAllocated(first.host_ip, first.host_port);
  }
}

EndpointInfo BridgeNetwork::State::connect(int netns,
                                           const EndpointRequest& request) {
  disconnect(request.container_id);
  const std::lock_guard lock(mutex_);
  BridgeEndpoint endpoint;
  endpoint.link.alias = request.container_id;
  try {
    lease(endpoint, request);
    reserve(endpoint, request.ports);
    DOCKER_CPP_FAILPOINT("network.reserved");
    link_up(endpoint, netns);
    publish(endpoint);
    return endpoints_.emplace(request.container_id, std::move(endpoint))
        .first->second.info;
  } catch (...) {
    if (!endpoint.link.name.empty()) {
      reaper_.add(endpoint.link.name);
    }
    leases_.release(endpoint.ip);
    throw;
  }
}

void BridgeNetwork::State::release(const BridgeEndpoint& endpoint) {
  firewall_.remove(endpoint.mappings);
  if (!endpoint.link.name.empty()) {
    retired_[endpoint.ip] = endpoint.link.index;
    reaper_.add(endpoint.link.name);
  }
  leases_.release(endpoint.ip);
}

void BridgeNetwork::State::disconnect(std::string_view id) {
  const std::lock_guard lock(mutex_);
  const auto found = endpoints_.find(id);
  if (found != endpoints_.end()) {
    release(found->second);
    endpoints_.erase(found);
  }
}

void BridgeNetwork::State::adopt(std::string_view id,
                                 const EndpointInfo& info) {
  const std::lock_guard lock(mutex_);
  BridgeEndpoint endpoint;
  endpoint.info = info;
  if (const auto link = inherited_links_.find(id);
      link != inherited_links_.end()) {
    endpoint.link = link->second;
  }
  endpoint.ip = typed(parse_ipv4(info.ip));
  if (endpoints_.contains(id)) {
    return;
  }
  static_cast<void>(leases_.take(endpoint.ip));  // it has it already
  for (const PublishedPort& port : info.ports) {
    const PortMapping mapping{.host_ip = port.host_ip.empty()
                                             ? Ipv4{}
                                             : typed(parse_ipv4(port.host_ip)),
                              .protocol = typed(parse_protocol(port.protocol)),
                              .host_port = port.host_port,
                              .target = endpoint.ip,
                              .target_port = port.container_port};
    try {
      endpoint.reservations.push_back(
          ports_.reserve(mapping.protocol, mapping.host_ip, mapping.host_port));
    } catch (const Error&) {
      // Somebody bound it while no daemon was there to keep it. The rule goes
      // before the socket, and the container keeps what it was promised.
    }
    endpoint.mappings.push_back(mapping);
  }
  std::vector<PortMapping> missing;
  for (const PortMapping& mapping : endpoint.mappings) {
    if (std::erase(inherited_, mapping) == 0) {
      missing.push_back(mapping);
    }
  }
  firewall_.add(missing);
  endpoints_.emplace(id, std::move(endpoint));
}

std::vector<PortMapping> BridgeNetwork::State::all_mappings() const {
  std::vector<PortMapping> all = inherited_;
  for (const auto& [id, endpoint] : endpoints_) {
    all.insert(all.end(), endpoint.mappings.begin(), endpoint.mappings.end());
  }
  return all;
}

void BridgeNetwork::State::reconcile() {
  const std::lock_guard lock(mutex_);
  inherited_.clear();
  firewall_.rebuild(all_mappings());
  std::vector<std::string> known;
  for (const auto& [id, endpoint] : endpoints_) {
    known.push_back(endpoint.link.name);
  }
  for (const Link& link : container_links()) {
    if (std::ranges::find(known, link.name) == known.end()) {
      links_.cut_port(link.index);
      reaper_.add(link.name);
    }
  }
  inherited_links_.clear();
}

std::vector<Link> BridgeNetwork::State::container_links() {
  std::vector<Link> links = links_.list();
  std::erase_if(links, [&](const Link& link) {
    return link.master != bridge_ || link.kind != "veth" ||
           !link.name.starts_with("veth");
  });
  return links;
}

void BridgeNetwork::State::remove() {
  const std::lock_guard lock(mutex_);
  for (const auto& [id, endpoint] : endpoints_) {
    reaper_.add(endpoint.link.name);
    leases_.release(endpoint.ip);
  }
  reaper_.settle();
  endpoints_.clear();
  inherited_.clear();
  // The bridge first: while it is there, its rules are.
  links_.remove(options_.bridge);
  firewall_.destroy();
}

void BridgeNetwork::State::on_change() {
  const std::lock_guard lock(mutex_);
  if (firewall_.needs_rebuild()) {
    firewall_.rebuild(all_mappings());
  }
}

}  // namespace docker_cpp::network
