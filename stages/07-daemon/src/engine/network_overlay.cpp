// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "network_kinds.hpp"
#include "network_manager_impl.hpp"

#include "docker_cpp/daemon/api_error.hpp"
#include "docker_cpp/daemon/network_json.hpp"
#include "docker_cpp/network/links.hpp"
#include "docker_cpp/network/overlay_network.hpp"
#include "docker_cpp/sys/file.hpp"

/// Networks that span hosts: what we tell the others, and what they tell us.
namespace docker_cpp::daemon {
namespace {

using network::OverlayNetwork;

constexpr const char* mtu_key = "com.docker.network.driver.mtu";
constexpr int vxlan_header = 50;  // RFC 7348: outer Ethernet, IP, UDP, VXLAN
// RFC 4303 and 4106: header, initialization vector, padding, trailer, check.
constexpr int esp_overhead = 8 + 8 + 3 + 2 + 16;

[[noreturn]] void refuse(const std::string& why) {
  throw ApiError(ErrorCode::invalid_argument, why);
}

constexpr const char* no_esp =
    ": it has no ESP with AES-GCM (CONFIG_INET_ESP, CONFIG_CRYPTO_GCM)";

/// As Docker: "--opt encrypted" alone is enough.
bool is_encrypted(const Network& network) {
  const auto found = network.options.find("encrypted");
  return found != network.options.end() && found->second != "false" &&
         found->second != "0";
}

/// The MTU of the link that has this address.
int mtu_of(const std::string& address) {
  network::Links links = network::Links::open();
  for (const network::Link& link : links.list()) {
    for (const network::Subnet& one : links.addresses(link.index)) {
      if (to_string(one.address) == address) {
        return link.mtu;
      }
    }
  }
  return 1500;
}

/// Of its IPv4 address, so that who has the one has the other to himself.
std::string address_v6(const std::string& subnet, const std::string& v4) {
  network::Ipv6 out = network::parse_subnet6(subnet).value().first();
  const auto bytes = network::parse_ipv4(v4).value().bytes();
  std::ranges::copy(bytes, out.value.begin() + 12);
  return to_string(out);
}

std::string address_of_link(const std::string& name) {
  network::Links links = network::Links::open();
  const auto link = links.find(name);
  const auto addresses =
      link ? links.addresses(link->index) : std::vector<network::Subnet>{};
  return addresses.empty() ? "" : to_string(addresses.front().address);
}

StoreAccess parse_access(const std::vector<std::string>& store_options) {
  StoreAccess out;
  for (const std::string& option : store_options) {
    const std::size_t equals = std::min(option.find('='), option.size());
    const std::string key = option.substr(0, equals);
    const std::string value =
        equals == option.size() ? "" : option.substr(equals + 1);
    if (key == "kv.cacertfile" && !value.empty()) {
      out.authority = value;
    } else if (key == "kv.certfile") {
      out.certificate = value;
    } else if (key == "kv.keyfile") {
      out.key = value;
    } else if (key == "kv.user") {
      out.user = value;
    } else if (key == "kv.passwordfile") {
      // A file, for a command line is everybody's to read: proc(5), cmdline.
      auto text = sys::read_file(value.c_str());
      if (!text) {
        refuse("could not read the cluster store's password: " + value);
      }
      out.password = text->substr(0, text->find('\n'));
    } else {
      refuse("invalid cluster store option \"" + option +
             "\": there are kv.cacertfile, kv.certfile, kv.keyfile, kv.user "
             "and kv.passwordfile");
    }
  }
  if (out.certificate.empty() != out.key.empty() ||
      (!out.certificate.empty() && out.authority.empty())) {
    refuse(
        "kv.certfile and kv.keyfile belong together, and need kv.cacertfile");
  }
  if (out.user.empty() != out.password.empty()) {
    refuse("kv.user and kv.passwordfile belong together");
  }
  return out;
}

}  // namespace

ClusterPlace parse_cluster(const std::string& store,
                           const std::string& advertise,
                           const std::vector<std::string>& store_options) {
  constexpr std::string_view scheme = "etcd://";
  if (!store.starts_with(scheme)) {
    refuse("invalid cluster store \"" + store +
           "\": it should be etcd://ADDRESS:PORT[,ADDRESS:PORT]");
  }
  ClusterPlace out;
  out.access = parse_access(store_options);
  std::string rest = store.substr(scheme.size());
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string one = rest.substr(0, comma);
    const std::size_t colon = one.rfind(':');
    if (colon == std::string::npos ||
        !network::parse_ipv4(one.substr(0, colon))) {
      refuse("invalid cluster store \"" + one +
             "\": it should be an IPv4 address and a port");
    }
    out.store.push_back(one);
    rest.erase(0, comma + 1);
  }
  out.advertise = advertise.substr(0, advertise.find(':'));
  if (!network::parse_ipv4(out.advertise)) {
    out.advertise = address_of_link(out.advertise);
  }
  if (out.store.empty() || out.advertise.empty()) {
    refuse("invalid cluster address \"" + advertise +
           "\": it should be an IPv4 address of this host, or a link that has "
           "one");
  }
  return out;
}

void NetworkManager::Impl::start_cluster() {
  if (!options.cluster) {
    return;
  }
  cluster = std::make_unique<Cluster>(
      Cluster::Options{.endpoints = options.cluster->store,
                       .advertise = options.cluster->advertise,
                       .access = options.cluster->access,
                       .warn = options.warn});
  keys = std::make_unique<OverlayKeys>(
      cluster->advertise(), [this](bool wanted) { cluster->secure(wanted); });
}

void NetworkManager::Impl::follow_cluster() {
  if (!cluster) {
    return;
  }
  cluster->follow(
      {.network_appeared =
           [this](const std::string& record) { network_appeared(record); },
       .network_gone = [this](const std::string& id) { network_gone(id); },
       .endpoint_appeared =
           [this](const ClusterEndpoint& one) { endpoint_appeared(one); },
       .endpoint_gone =
           [this](const ClusterEndpoint& one) { endpoint_gone(one); },
       .host_met =
           [this](const network::SecureFlow& to,
                  const network::SecureFlow& from) {
             keys->meet(to, from);
           }});
}

/// What all hosts are to know of it, before it is made here.
void NetworkManager::Impl::join_cluster(Network& wanted) const {
  if (wanted.driver != "overlay") {
    return;
  }
  if (!wanted.options.contains(mtu_key)) {
    wanted.options[mtu_key] =
        std::to_string(mtu_of(cluster->advertise()) - vxlan_header -
                       (is_encrypted(wanted) ? esp_overhead : 0));
  }
  if (!wanted.options.contains(vni_option)) {
    wanted.options[vni_option] = std::to_string(cluster->free_vni());
  }
  cluster->add_network(wanted.id, wanted.name, vni_of(wanted),
                       network_to_record(wanted));
}

void NetworkManager::Impl::leave_cluster(const Network& network) const {
  if (network.driver != "overlay") {
    return;
  }
  if (!cluster) {
    throw ApiError(ErrorCode::unavailable,
                   "this daemon has no --cluster-store to say it to");
  }
  cluster->remove_network(network.id, network.name, vni_of(network));
}

void NetworkManager::Impl::check_overlay(const Network& wanted) const {
  if (!cluster) {
    throw ApiError(ErrorCode::unavailable,
                   "This node is not a swarm manager. Use \"docker swarm "
                   "init\" or \"docker swarm join\" to connect this node to "
                   "swarm and try again, or start the daemon with "
                   "--cluster-store.");
  }
  if (is_encrypted(wanted) && !keys->supported()) {
    refuse("encrypted overlay networks are not supported by this kernel" +
           std::string(no_esp));
  }
  if (!wanted.ipv4) {
    refuse("IPv4 cannot be disabled on an overlay network");
  }
}

NetworkManager::Impl::DriverPtr NetworkManager::Impl::make_overlay(
    const Network& network) const {
  if (!cluster) {
    throw std::runtime_error("this daemon has no --cluster-store");
  }
  const bool encrypted = is_encrypted(network);
  if (encrypted) {
    if (!keys->supported()) {
      throw std::runtime_error("this kernel cannot encrypt it" +
                               std::string(no_esp));
    }
    keys->begin(network.id);
  }
  return std::make_shared<OverlayNetwork>(OverlayNetwork::Options{
      .bridge = bridge_options(network),
      .vxlan = "vx-" + network.id.substr(0, 12),
      .vni = vni_of(network),
      .local = cluster->advertise(),
      .port = encrypted ? OverlayKeys::port : OverlayNetwork::usual_port});
}

void NetworkManager::Impl::claim_addresses(
    const Entry& entry, Endpoint& endpoint,
    network::EndpointRequest& request) const {
  if (entry.model->driver != "overlay" || !cluster) {
    return;
  }
  request.ip =
      cluster->claim(entry.model->id, addresses_of(*entry.model), request.ip);
  endpoint.ip_address = request.ip;  // so that a failure gives it back
  for (const AddressRange& range : entry.model->ranges) {
    if (is_v6(range)) {
      request.ip6 = address_v6(range.subnet, request.ip);
    }
  }
}

ClusterEndpoint NetworkManager::Impl::as_told(const Network& network,
                                              const Container& container,
                                              const Endpoint& endpoint) const {
  return {.network = network.id,
          .peer = {.ip = endpoint.ip_address,
                   .ip6 = endpoint.ipv6_address,
                   .mac = endpoint.mac_address,
                   .host = cluster->advertise()},
          .container = container.id,
          .name = container.name,
          .aliases = endpoint.aliases};
}

void NetworkManager::Impl::network_appeared(const std::string& record) {
  const std::lock_guard one_at_a_time(making);
  auto entry = std::make_shared<Entry>();
  entry->model = std::make_shared<const Network>(network_from_record(record));
  {
    const std::lock_guard lock(mutex);
    for (const EntryPtr& one : entries) {
      if (one->model->id == entry->model->id) {
        return;
      }
      if (one->model->name == entry->model->name) {
        options.warn("network " + entry->model->name +
                     " of the cluster: there is another one of that name "
                     "here");
        return;
      }
    }
  }
  store(*entry->model);
  try {
    entry->driver = make_overlay(*entry->model);
  } catch (const std::exception& error) {
    entry->problem = error.what();
    options.warn("network " + entry->model->name + ": " + entry->problem);
  }
  {
    const std::lock_guard lock(mutex);
    entries.push_back(entry);
  }
  watch(*entry);
  emit("create", *entry->model);
}

void NetworkManager::Impl::network_gone(const std::string& id) {
  const std::lock_guard one_at_a_time(making);
  EntryPtr gone;
  {
    const std::lock_guard lock(mutex);
    const auto found = std::ranges::find_if(
        entries, [&](const EntryPtr& entry) { return entry->model->id == id; });
    if (found == entries.end()) {
      return;
    }
    if (!(*found)->members.empty()) {
      options.warn("network " + (*found)->model->name +
                   " is gone from the cluster; containers here keep it");
      return;
    }
    gone = *found;
    entries.erase(found);
  }
  if (forget_watch) {
    forget_watch(id);
  }
  if (gone->driver) {
    gone->driver->remove();
  }
  keys->end(id);
  erase(*gone->model);
  emit("destroy", *gone->model);
}

std::pair<NetworkPtr, OverlayNetwork*> NetworkManager::Impl::overlay(
    const std::string& id) const {
  const std::lock_guard lock(mutex);
  for (const EntryPtr& entry : entries) {
    if (entry->model->id == id) {
      return {entry->model, dynamic_cast<OverlayNetwork*>(entry->driver.get())};
    }
  }
  return {nullptr, nullptr};
}

void NetworkManager::Impl::endpoint_appeared(const ClusterEndpoint& one) {
  const auto [model, driver] = overlay(one.network);
  if (driver == nullptr) {
    return;
  }
  driver->add_peer(one.peer);
  Container there;
  there.id = one.container;
  there.name = one.name;
  Endpoint endpoint;
  endpoint.ip_address = one.peer.ip;
  endpoint.ipv6_address = one.peer.ip6;
  endpoint.aliases = one.aliases;
  names.add(*model, there, endpoint);
}

void NetworkManager::Impl::endpoint_gone(const ClusterEndpoint& one) {
  const auto [model, driver] = overlay(one.network);
  if (driver == nullptr) {
    return;
  }
  driver->remove_peer(one.peer);
  names.remove(*model, one.container);
}

}  // namespace docker_cpp::daemon
