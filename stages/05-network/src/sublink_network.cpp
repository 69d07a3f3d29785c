// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/network/sublink_network.hpp"

#include <fcntl.h>
#include <linux/if_link.h>
#include <net/if.h>

#include <array>
#include <charconv>
#include <map>
#include <mutex>
#include <utility>

#include "docker_cpp/network/container_side.hpp"
#include "docker_cpp/network/in_namespace.hpp"
#include "docker_cpp/network/network_addresses.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::network {
namespace {

struct Named {
  std::string_view name;
  std::uint32_t number;
};
constexpr std::array macvlan_modes = {Named{"bridge", MACVLAN_MODE_BRIDGE},
                                      Named{"private", MACVLAN_MODE_PRIVATE},
                                      Named{"vepa", MACVLAN_MODE_VEPA},
                                      Named{"passthru", MACVLAN_MODE_PASSTHRU}};
constexpr std::array ipvlan_modes = {Named{"l2", IPVLAN_MODE_L2},
                                     Named{"l3", IPVLAN_MODE_L3},
                                     Named{"l3s", IPVLAN_MODE_L3S}};
constexpr std::array ipvlan_flags = {Named{"bridge", 0},
                                     Named{"private", IPVLAN_F_PRIVATE},
                                     Named{"vepa", IPVLAN_F_VEPA}};

/// The first is what nobody has to say.
template <typename List>
std::uint32_t number_of(const List& list, const std::string& name,
                        const std::string& what) {
  if (name.empty()) {
    return list.front().number;
  }
  for (const Named& one : list) {
    if (one.name == name) {
      return one.number;
    }
  }
  throw std::invalid_argument("requested " + what + " '" + name +
                              "' is not valid");
}

/// "eth0.10": the link and the VLAN.
std::pair<std::string, std::uint16_t> vlan_of(const std::string& name) {
  const std::size_t dot = name.find('.');
  if (dot == std::string::npos) {
    throw std::invalid_argument("invalid subinterface vlan name " + name +
                                ", example formatting is eth0.10");
  }
  constexpr unsigned last_vlan = 4094;  // IEEE 802.1Q, 9.6
  unsigned id = 0;
  const char* end = name.data() + name.size();
  const auto parsed = std::from_chars(name.data() + dot + 1, end, id);
  if (parsed.ec != std::errc{} || parsed.ptr != end || id == 0 ||
      id > last_vlan) {
    throw std::invalid_argument(
        "vlan id must be between 1 and 4094, received: " +
        name.substr(dot + 1));
  }
  return {name.substr(0, dot), static_cast<std::uint16_t>(id)};
}

struct SublinkEndpoint {
  AddressLease lease;
  /// Held while the container is on the network: the link is in there, and
  /// may have to be deleted while the container lives.
  sys::UniqueFd netns;
};

}  // namespace

class SublinkNetwork::State {
 public:
  explicit State(Options options);

  EndpointInfo connect(int netns, const EndpointRequest& request);
  void disconnect(std::string_view id);
  void adopt(std::string_view id, const EndpointInfo& info);
  void hold(std::string_view id, int netns);
  void remove();

  [[nodiscard]] const std::string& subnet() const { return subnet_; }
  [[nodiscard]] const std::string& gateway() const { return gateway_; }
  [[nodiscard]] const std::string& parent() const { return options_.parent; }

 private:
  void find_parent();
  void make_parent();
  void put_link(int netns, EndpointInfo& info, const EndpointRequest& request);
  [[nodiscard]] ContainerSide::WayOut way_out(
      const EndpointRequest& request) const;
  [[nodiscard]] bool is_macvlan() const { return options_.kind == "macvlan"; }
  [[nodiscard]] bool routes() const {
    return !is_macvlan() && mode_ != IPVLAN_MODE_L2;
  }
  [[nodiscard]] std::string mark() const { return "docker-cpp " + options_.id; }

  std::mutex mutex_;
  Options options_;
  std::uint32_t mode_;
  std::uint32_t flags_;
  Links links_;
  NetworkAddresses addresses_;
  std::string subnet_;
  std::string gateway_;
  int parent_ = 0;
  MacAddress parent_mac_{};
  std::map<std::string, SublinkEndpoint, std::less<>> endpoints_;
};

SublinkNetwork::State::State(Options options)
    : options_(std::move(options)),
      mode_(is_macvlan()
                ? number_of(macvlan_modes, options_.mode, "macvlan mode")
                : number_of(ipvlan_modes, options_.mode, "ipvlan mode")),
      flags_(is_macvlan()
                 ? 0
                 : number_of(ipvlan_flags, options_.flag, "ipvlan flag")),
      links_(Links::open()),
      addresses_({.network = options_.id,
                  .gateway = options_.subnet.empty()
                                 ? std::nullopt
                                 : std::optional(gateway_of(options_.subnet,
                                                            options_.gateway)),
                  .gateway6 = gateway6_of(options_.subnet6, options_.gateway6),
                  .ip_range = options_.ip_range,
                  .ip_range6 = options_.ip_range6,
                  .reserved = options_.reserved}),
      subnet_(addresses_.subnet_text()),
      gateway_(addresses_.gateway_text()) {
  if (options_.parent == "lo") {
    throw std::invalid_argument("loopback interface is not a valid " +
                                options_.kind + " parent link");
  }
  find_parent();
}

void SublinkNetwork::State::make_parent() {
  if (options_.parent.starts_with("dm-")) {
    links_.create_cable(options_.parent);
  } else {
    const auto [name, vlan] = vlan_of(options_.parent);
    const auto base = links_.find(name);
    if (!base) {
      throw std::invalid_argument(
          "-o parent interface was not found on the host: " + name);
    }
    links_.create_vlan(options_.parent, base->index, vlan);
  }
  DOCKER_CPP_FAILPOINT("network.parent_made");
  links_.set_alias(options_.parent, mark());
}

void SublinkNetwork::State::find_parent() {
  if (options_.parent.empty() || options_.internal) {
    options_.parent = "dm-" + options_.id.substr(0, IFNAMSIZ - 5);
  }
  if (!links_.find(options_.parent)) {
    make_parent();
  }
  const Link link = must_find(links_, options_.parent);
  parent_ = link.index;
  parent_mac_ = link.mac;
  if (!link.up) {
    links_.set_up(parent_);
  }
}

ContainerSide::WayOut SublinkNetwork::State::way_out(
    const EndpointRequest& request) const {
  if (!request.default_route || options_.internal) {
    return ContainerSide::WayOut::none;
  }
  return routes() ? ContainerSide::WayOut::by_link
                  : ContainerSide::WayOut::by_gateway;
}

void SublinkNetwork::State::put_link(int netns, EndpointInfo& info,
                                     const EndpointRequest& request) {
  ContainerSide inside(netns, addresses_.gateway6()
                                  ? ContainerSide::Ipv6Use::on
                                  : ContainerSide::Ipv6Use::off);
  const std::string name = inside.name_for(request);
  const bool own_mac = is_macvlan() && mode_ != MACVLAN_MODE_PASSTHRU;
  if (!own_mac) {
    info.mac = to_string(parent_mac_);
  }
  if (routes()) {
    info.gateway.clear();
    info.gateway6.clear();
  }
  links_.create_sublink({.kind = options_.kind,
                         .parent = parent_,
                         .mode = mode_,
                         .flags = static_cast<std::uint16_t>(flags_),
                         .name = name,
                         .netns = netns,
                         .mac = own_mac
                                    ? std::optional(typed(parse_mac(info.mac)))
                                    : std::nullopt,
                         .mtu = options_.mtu});
  inside.links().set_alias(name, mark());
  DOCKER_CPP_FAILPOINT("network.link_made");
  inside.set_up(name, info, way_out(request));
}

EndpointInfo SublinkNetwork::State::connect(int netns,
                                            const EndpointRequest& request) {
  disconnect(request.container_id);
  const std::lock_guard lock(mutex_);
  SublinkEndpoint endpoint;
  endpoint.netns = sys::UniqueFd(::fcntl(netns, F_DUPFD_CLOEXEC, 0));
  endpoint.lease = addresses_.lease(request);
  const auto at =
      endpoints_.emplace(request.container_id, std::move(endpoint)).first;
  EndpointInfo info = addresses_.describe(at->second.lease, request.mac);
  try {
    put_link(netns, info, request);
  } catch (...) {
    addresses_.release(at->second.lease);
    endpoints_.erase(at);
    throw;
  }
  return info;
}

void SublinkNetwork::State::disconnect(std::string_view id) {
  const std::lock_guard lock(mutex_);
  const auto found = endpoints_.find(id);
  if (found == endpoints_.end()) {
    return;
  }
  if (found->second.netns) {
    in_network_namespace(found->second.netns.get(), [&] {
      Links inside = Links::open();
      for (const Link& link : inside.list()) {
        if (link.alias == mark()) {
          inside.remove(link.name);
        }
      }
    });
  }
  addresses_.release(found->second.lease);
  endpoints_.erase(found);
}

void SublinkNetwork::State::adopt(std::string_view id,
                                  const EndpointInfo& info) {
  const std::lock_guard lock(mutex_);
  if (!endpoints_.contains(id)) {
    endpoints_[std::string(id)].lease = addresses_.keep(info);
  }
}

void SublinkNetwork::State::hold(std::string_view id, int netns) {
  const std::lock_guard lock(mutex_);
  if (const auto found = endpoints_.find(id); found != endpoints_.end()) {
    found->second.netns = sys::UniqueFd(::fcntl(netns, F_DUPFD_CLOEXEC, 0));
  }
}

/// The containers' links go with the parent, or with their namespaces.
void SublinkNetwork::State::remove() {
  const std::lock_guard lock(mutex_);
  endpoints_.clear();
  const auto link = links_.find(options_.parent);
  if (link && link->alias == mark()) {
    links_.remove(options_.parent);
  }
}

SublinkNetwork::SublinkNetwork(Options options)
    : state_(std::make_unique<State>(std::move(options))) {}

SublinkNetwork::~SublinkNetwork() = default;

EndpointInfo SublinkNetwork::connect(int netns_fd,
                                     const EndpointRequest& request) {
  return state_->connect(netns_fd, request);
}

/// As Docker: everything is reachable on such a network, there is nothing to
/// publish.
std::vector<PublishedPort> SublinkNetwork::publish(
    std::string_view, const std::vector<PublishedPort>&) {
  return {};
}

void SublinkNetwork::disconnect(std::string_view container_id) {
  state_->disconnect(container_id);
}

void SublinkNetwork::adopt(std::string_view container_id,
                           const EndpointInfo& info) {
  state_->adopt(container_id, info);
}

void SublinkNetwork::hold(std::string_view container_id, int netns_fd) {
  state_->hold(container_id, netns_fd);
}

void SublinkNetwork::remove() {
  state_->remove();
}

const std::string& SublinkNetwork::subnet() const noexcept {
  return state_->subnet();
}

const std::string& SublinkNetwork::gateway() const noexcept {
  return state_->gateway();
}

const std::string& SublinkNetwork::parent() const noexcept {
  return state_->parent();
}

}  // namespace docker_cpp::network
