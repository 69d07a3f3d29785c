// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "identifiers.hpp"
#include "network_kinds.hpp"
#include "network_manager_impl.hpp"

#include "docker_cpp/daemon/api_error.hpp"
#include "docker_cpp/sys/failpoint.hpp"

namespace docker_cpp::daemon {
namespace {

void check_description(const Network& wanted) {
  if (wanted.name.find_first_not_of(" \t\n") == std::string::npos) {
    throw ApiError(ErrorCode::invalid_argument, "invalid name: name is empty");
  }
  for (const char* name : {"bridge", "host", "none", "default"}) {
    if (wanted.name == name) {
      throw ApiError(ErrorCode::forbidden,
                     "operation is not permitted on predefined " + wanted.name +
                         " network");
    }
  }
  if (wanted.driver == "host" || wanted.driver == "null") {
    throw ApiError(
        ErrorCode::forbidden,
        "only one instance of \"" + wanted.driver + "\" network is allowed");
  }
  check_kind(wanted);
  check_ranges(wanted);
}

/// What a driver threw, as an ApiError.
[[noreturn]] void rethrow_for_client() {
  try {
    throw;
  } catch (const ApiError&) {
    throw;
  } catch (const std::invalid_argument& error) {
    throw ApiError(ErrorCode::invalid_argument, error.what());
  } catch (const std::exception& error) {
    throw ApiError(ErrorCode::internal, error.what());
  }
}

}  // namespace

NetworkManager::NetworkManager(Options options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}

NetworkManager::~NetworkManager() = default;

NetworkManager::Impl::EntryPtr NetworkManager::Impl::find(
    std::string_view ref) const {
  const std::lock_guard lock(mutex);
  EntryPtr by_prefix;
  int fits = 0;
  for (const EntryPtr& entry : entries) {
    if (entry->model->name == ref || entry->model->id == ref) {
      return entry;
    }
    if (!ref.empty() && entry->model->id.starts_with(ref)) {
      by_prefix = entry;
      ++fits;
    }
  }
  if (fits > 1) {
    throw ApiError(ErrorCode::invalid_argument,
                   "network " + std::string(ref) + " is ambiguous (" +
                       std::to_string(fits) + " matches found on ID)");
  }
  if (!by_prefix) {
    throw ApiError(ErrorCode::not_found,
                   "network " + std::string(ref) + " not found");
  }
  return by_prefix;
}

/// What a network is made from that names another one for all but its place.
void NetworkManager::Impl::take_configuration(Network& wanted) const {
  check_borrower(wanted);
  NetworkPtr from;
  try {
    from = find(wanted.config_from)->model;
  } catch (const ApiError&) {
  }
  if (!from || !from->config_only) {
    throw ApiError(
        ErrorCode::not_found,
        "configuration network \"" + wanted.config_from + "\" does not exist");
  }
  wanted.ipv4 = from->ipv4;
  wanted.ipv6 = from->ipv6;
  wanted.ipam_driver = from->ipam_driver;
  wanted.ipam_options = from->ipam_options;
  wanted.ranges = from->ranges;
  wanted.options = from->options;
  wanted.labels.insert(from->labels.begin(), from->labels.end());
}

/// Under the mutex.
void NetworkManager::Impl::require_no_dependants(const Network& network) const {
  for (const EntryPtr& entry : entries) {
    if (network.config_only && entry->model->config_from == network.name) {
      throw ApiError(ErrorCode::forbidden, "configuration network \"" +
                                               network.name + "\" is in use");
    }
  }
}

void NetworkManager::Impl::emit(const std::string& action,
                                const Network& network,
                                const std::string& container) const {
  if (options.events == nullptr) {
    return;
  }
  Event event{.type = "network", .action = action, .actor_id = network.id};
  event.attributes = {{"name", network.name}, {"type", network.driver}};
  if (!container.empty()) {
    event.attributes["container"] = container;
  }
  options.events->publish(std::move(event));
}

// [network-create]
NetworkPtr NetworkManager::create(Network wanted) {
  if (!wanted.config_from.empty()) {
    impl_->take_configuration(wanted);
  }
  if (wanted.driver == "overlay" && wanted.scope.empty()) {
    wanted.scope = "global";
  }
  check_description(wanted);
  impl_->check_driver(wanted);
  const std::lock_guard one_at_a_time(impl_->making);
  wanted.id = new_id();
  wanted.created = std::chrono::system_clock::now();
  impl_->require_free_name(wanted);
  impl_->require_free_parent(wanted);
  auto entry = std::make_shared<Impl::Entry>();
  if (wanted.config_only) {
    wanted.driver = "null";
  } else if (wanted.driver != "cni") {  // whose plugins choose
    entry->ipam = impl_->make_ipam(wanted);
    if (entry->ipam) {
      entry->ipam->choose(wanted);
    }
    impl_->choose_addresses(wanted);
    impl_->join_cluster(wanted);
  }
  entry->model = std::make_shared<const Network>(std::move(wanted));
  // The record first: a bridge that no record knows would be nobody's.
  impl_->store(*entry->model);
  DOCKER_CPP_FAILPOINT("network.create.recorded");
  try {
    if (!entry->model->config_only) {
      entry->driver = impl_->make_driver(*entry->model, Impl::Beginning::made);
    }
  } catch (...) {
    impl_->leave_cluster(*entry->model);
    if (impl_->keys) {
      impl_->keys->end(entry->model->id);
    }
    impl_->erase(*entry->model);
    if (entry->ipam) {
      entry->ipam->release(*entry->model);
    }
    rethrow_for_client();
  }
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->entries.push_back(entry);
  }
  impl_->watch(*entry);
  impl_->emit("create", *entry->model);
  return entry->model;
}
// [network-create]

NetworkPtr NetworkManager::find(std::string_view ref) const {
  return impl_->find(ref)->model;
}

std::vector<NetworkPtr> NetworkManager::list() const {
  const std::lock_guard lock(impl_->mutex);
  std::vector<NetworkPtr> all;
  for (const Impl::EntryPtr& entry : impl_->entries) {
    all.push_back(entry->model);
  }
  return all;
}

bool NetworkManager::unused(std::string_view id) const {
  const auto entry = impl_->find(id);
  const std::lock_guard lock(impl_->mutex);
  return entry->members.empty();
}

network::NetworkDriver* NetworkManager::default_bridge() const {
  return impl_->find("bridge")->driver.get();
}

void NetworkManager::remove(std::string_view ref) {
  const std::lock_guard one_at_a_time(impl_->making);
  const auto entry = impl_->find(ref);
  const Network& network = *entry->model;
  if (network.predefined) {
    throw ApiError(
        ErrorCode::forbidden,
        network.name + " is a pre-defined network and cannot be removed");
  }
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->require_no_dependants(network);
    if (!entry->members.empty()) {
      std::string who;
      for (const auto& [id, name] : entry->members) {
        who += (who.empty() ? "name:\"" : ", name:\"") + name + "\" id:\"" +
               short_id(id) + "\"";
      }
      throw ApiError(ErrorCode::forbidden,
                     "error while removing network: network " + network.name +
                         " has active endpoints (" + who + ")");
    }
    // From here on nobody finds it, so nobody connects to it.
    std::erase(impl_->entries, entry);
  }
  if (impl_->forget_watch) {
    impl_->forget_watch(network.id);
  }
  try {
    impl_->leave_cluster(network);
    if (entry->driver) {
      entry->driver->remove();
    }
    if (impl_->keys) {
      impl_->keys->end(network.id);
    }
    DOCKER_CPP_FAILPOINT("network.remove.gone");
    if (entry->ipam) {
      entry->ipam->release(network);
    }
    impl_->erase(network);
  } catch (...) {
    impl_->watch(*entry);
    const std::lock_guard lock(impl_->mutex);
    impl_->entries.push_back(entry);
    rethrow_for_client();
  }
  impl_->emit("destroy", network);
}

void NetworkManager::reconcile() {
  impl_->follow_cluster();
  std::vector<std::shared_ptr<network::NetworkDriver>> drivers;
  {
    const std::lock_guard lock(impl_->mutex);
    for (const Impl::EntryPtr& entry : impl_->entries) {
      if (entry->driver) {
        drivers.push_back(entry->driver);
      }
    }
  }
  for (const auto& driver : drivers) {
    driver->reconcile();
  }
}

void NetworkManager::on_new_watch(
    std::function<void(const std::string&, Watch)> tell,
    std::function<void(const std::string&)> forget) {
  impl_->tell_watch = std::move(tell);
  impl_->forget_watch = std::move(forget);
  for (const Impl::EntryPtr& entry : impl_->entries) {
    impl_->watch(*entry);
  }
}

}  // namespace docker_cpp::daemon
