// SPDX-License-Identifier: Apache-2.0
#include "cluster.hpp"

#include <poll.h>

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "docker_cpp/daemon/api_error.hpp"
#include "docker_cpp/network/network_addresses.hpp"

namespace docker_cpp::daemon {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr std::string_view root = "/docker-cpp/v1/";
constexpr std::uint32_t first_vni = 4097;  // as Docker: below is for VLANs

std::string network_key(const std::string& id) {
  return std::string(root) + "networks/" + id;
}
std::string name_key(const std::string& name) {
  return std::string(root) + "names/" + name;
}
std::string vni_key(std::uint32_t vni) {
  return std::string(root) + "vnis/" + std::to_string(vni);
}
std::string endpoints_key(const std::string& network) {
  return std::string(root) + "endpoints/" + network + "/";
}

/// What follows `part` in a key of ours; empty when it is none.
std::string after(const std::string& key, const char* part) {
  const std::string start = std::string(root) + part + "/";
  return key.starts_with(start) ? key.substr(start.size()) : "";
}

std::string to_text(const ClusterEndpoint& endpoint) {
  return json{{"Host", endpoint.peer.host},      {"IP", endpoint.peer.ip},
              {"IP6", endpoint.peer.ip6},        {"MAC", endpoint.peer.mac},
              {"Container", endpoint.container}, {"Name", endpoint.name},
              {"Aliases", endpoint.aliases}}
      .dump();
}

/// Nothing for a claim that is not used yet, and for what makes no sense.
std::optional<ClusterEndpoint> from_text(const std::string& network,
                                         const std::string& value) {
  const json fields = json::parse(value, nullptr, false);
  if (!fields.is_object()) {
    return std::nullopt;
  }
  try {
    ClusterEndpoint out{.network = network,
                        .peer = {.ip = fields.value("IP", ""),
                                 .ip6 = fields.value("IP6", ""),
                                 .mac = fields.value("MAC", ""),
                                 .host = fields.value("Host", "")},
                        .container = fields.value("Container", ""),
                        .name = fields.value("Name", ""),
                        .aliases = fields.value("Aliases", Strings{})};
    return out.container.empty() ? std::nullopt : std::optional(out);
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

}  // namespace

Cluster::Cluster(Options options)
    : options_(std::move(options)),
      client_(options_.endpoints, options_.access),
      watcher_(options_.endpoints, options_.access) {}

Cluster::~Cluster() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void Cluster::follow(Hooks hooks) {
  hooks_ = std::move(hooks);
  thread_ = std::thread([this] { run(); });
}

void Cluster::add_network(const std::string& id, const std::string& name,
                          std::uint32_t vni, const std::string& record) {
  const std::lock_guard asking(asking_);
  if (!client_.put_new({{network_key(id), record},
                        {name_key(name), id},
                        {vni_key(vni), id}})) {
    throw ApiError(ErrorCode::conflict,
                   "network with name " + name + " or VXLAN id " +
                       std::to_string(vni) + " already exists in the cluster");
  }
}

void Cluster::remove_network(const std::string& id, const std::string& name,
                             std::uint32_t vni) {
  const std::lock_guard asking(asking_);
  std::string who;
  for (const StoredValue& one : client_.list(endpoints_key(id)).values) {
    const auto endpoint = from_text(id, one.value);
    if (endpoint) {
      who += (who.empty() ? "name:\"" : ", name:\"") + endpoint->name +
             "\" on " + endpoint->peer.host;
    }
  }
  if (!who.empty()) {
    throw ApiError(ErrorCode::forbidden,
                   "error while removing network: network " + name +
                       " has active endpoints (" + who + ")");
  }
  client_.remove(network_key(id));
  client_.remove(name_key(name));
  client_.remove(vni_key(vni));
}

std::uint32_t Cluster::free_vni() {
  const std::lock_guard asking(asking_);
  std::set<std::string> taken;
  for (const StoredValue& one :
       client_.list(std::string(root) + "vnis/").values) {
    taken.insert(one.key);
  }
  std::uint32_t vni = first_vni;
  while (taken.contains(vni_key(vni))) {
    ++vni;
  }
  return vni;
}

/// Under asking_.
std::string Cluster::lease() {
  const std::lock_guard lock(mutex_);
  if (lease_.empty()) {
    lease_ = client_.grant(lease_time);
  }
  return lease_;
}

std::string Cluster::claim(const std::string& network,
                           const network::NetworkAddresses::Options& addresses,
                           const std::string& wanted) {
  const std::lock_guard asking(asking_);
  const std::string prefix = endpoints_key(network);
  // Somebody may be faster: then the next one.
  for (int attempt = 0; attempt < 20; ++attempt) {
    network::NetworkAddresses free(addresses);
    for (const StoredValue& one : client_.list(prefix).values) {
      free.keep({.ip = one.key.substr(prefix.size())});
    }
    const auto lease4 = free.lease({.ip = wanted}).v4;
    const std::string address = to_string(lease4.value());
    const std::string value = json{{"Host", options_.advertise}}.dump();
    if (client_.put_new({{prefix + address, value}}, lease())) {
      const std::lock_guard lock(mutex_);
      ours_[prefix + address] = value;
      return address;
    }
  }
  throw ApiError(ErrorCode::internal,
                 "no available IPv4 addresses on this network's address "
                 "pools: " +
                     addresses.network);
}

void Cluster::publish(const ClusterEndpoint& endpoint) {
  const std::string key = endpoints_key(endpoint.network) + endpoint.peer.ip;
  const std::string value = to_text(endpoint);
  {
    const std::lock_guard lock(mutex_);
    ours_[key] = value;
  }
  try {
    const std::lock_guard asking(asking_);
    client_.put(key, value, lease());
  } catch (const ApiError& error) {
    options_.warn(error.what());
  }
}

void Cluster::remember(const ClusterEndpoint& endpoint) {
  const std::lock_guard lock(mutex_);
  ours_[endpoints_key(endpoint.network) + endpoint.peer.ip] = to_text(endpoint);
}

void Cluster::release(const std::string& network, const std::string& address) {
  const std::string key = endpoints_key(network) + address;
  {
    const std::lock_guard lock(mutex_);
    ours_.erase(key);
  }
  try {
    const std::lock_guard asking(asking_);
    client_.remove(key);
  } catch (const ApiError& error) {
    options_.warn(error.what());  // it goes with its lease
  }
}

void Cluster::learn(const StoredValue& value) {
  if (const std::string id = after(value.key, "networks"); !id.empty()) {
    if (value.gone) {
      networks_.erase(id);
      hooks_.network_gone(id);
    } else if (networks_.insert(id).second) {
      hooks_.network_appeared(value.value);
    }
    return;
  }
  if (learn_host(value)) {
    return;
  }
  const std::string place = after(value.key, "endpoints");
  const std::string network = place.substr(0, place.find('/'));
  const auto endpoint =
      value.gone ? std::nullopt : from_text(network, value.value);
  const auto known = known_.find(value.key);
  if (known != known_.end() && known->second != endpoint) {
    hooks_.endpoint_gone(known->second);
    known_.erase(known);
  }
  if (endpoint && endpoint->peer.host != options_.advertise &&
      !known_.contains(value.key)) {
    known_.emplace(value.key, *endpoint);
    hooks_.endpoint_appeared(*endpoint);
  }
}

/// What went while nobody was looking.
void Cluster::forget_missing(const std::set<std::string>& present) {
  std::vector<StoredValue> gone;
  for (const auto& [key, endpoint] : known_) {
    if (!present.contains(key)) {
      gone.push_back({.key = key, .gone = true});
    }
  }
  for (const std::string& id : networks_) {
    if (!present.contains(network_key(id))) {
      gone.push_back({.key = network_key(id), .gone = true});
    }
  }
  std::ranges::for_each(gone, [&](const StoredValue& one) { learn(one); });
}

/// All that is ours, under a lease that holds.
void Cluster::take_part() {
  const std::lock_guard asking(asking_);
  std::map<std::string, std::string> mine;
  {
    const std::lock_guard lock(mutex_);
    mine = ours_;
  }
  if (!client_.keep_alive(lease())) {
    const std::lock_guard lock(mutex_);
    lease_.clear();  // it ran out while the store was away
  }
  const std::string held = lease();
  for (const auto& [key, value] : mine) {
    client_.put(key, value, held);
  }
}

void Cluster::synchronize() {
  take_part();
  check_secret();
  tell_who_we_are();
  EtcdClient::Listing all = watcher_.list(root);
  std::set<std::string> present;
  // Networks come before endpoints need them, whatever the alphabet says.
  std::ranges::stable_partition(all.values, [](const StoredValue& one) {
    return !after(one.key, "networks").empty();
  });
  for (const StoredValue& one : all.values) {
    present.insert(one.key);
    learn(one);
  }
  forget_missing(present);
  watcher_.watch(root, all.revision);
  if (!reachable_) {
    options_.warn("the cluster store is back");
  }
  reachable_ = true;
}

/// Listens, and keeps the lease, until something goes wrong.
void Cluster::attend() {
  auto next = Clock::now() + lease_time / 3;
  for (;;) {
    pollfd one{.fd = watcher_.watch_fd(), .events = POLLIN, .revents = 0};
    if (::poll(&one, 1, 200) == 1) {
      for (const StoredValue& value : watcher_.told()) {
        learn(value);
      }
    }
    {
      const std::lock_guard lock(mutex_);
      if (stop_) {
        return;
      }
    }
    tell_who_we_are();
    if (Clock::now() < next) {
      continue;
    }
    next = Clock::now() + lease_time / 3;
    const std::lock_guard asking(asking_);
    if (!client_.keep_alive(lease())) {
      const std::lock_guard lock(mutex_);
      lease_.clear();
      throw ApiError(ErrorCode::unavailable,
                     "this host was away from the cluster for too long");
    }
  }
}

void Cluster::run() {
  for (;;) {
    try {
      synchronize();
      attend();
    } catch (const std::exception& error) {
      if (reachable_) {
        options_.warn(error.what());
      }
      reachable_ = false;
    }
    std::unique_lock lock(mutex_);
    if (wake_.wait_for(lock, std::chrono::seconds(1), [&] { return stop_; })) {
      return;
    }
  }
}

}  // namespace docker_cpp::daemon
