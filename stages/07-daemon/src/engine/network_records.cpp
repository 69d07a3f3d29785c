// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "folders.hpp"
#include "network_kinds.hpp"
#include "network_manager_impl.hpp"

#include "docker_cpp/daemon/api_error.hpp"
#include "docker_cpp/daemon/network_json.hpp"
#include "docker_cpp/daemon/record.hpp"
#include "docker_cpp/images/digest.hpp"
#include "docker_cpp/network/ipv4.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"

namespace docker_cpp::daemon {
namespace {

bool is_id(std::string_view name) {
  return name.size() == 64 &&
         name.find_first_not_of("0123456789abcdef") == name.npos;
}

std::vector<std::string> ids_in(const std::string& folder) {
  struct Close {
    void operator()(DIR* dir) const noexcept { ::closedir(dir); }
  };
  std::vector<std::string> ids;
  const std::unique_ptr<DIR, Close> dir(::opendir(folder.c_str()));
  while (const dirent* one = dir ? ::readdir(dir.get()) : nullptr) {
    if (is_id(one->d_name)) {
      ids.emplace_back(one->d_name);
    }
  }
  std::ranges::sort(ids);
  return ids;
}

std::string flag_text(bool on) {
  return on ? "true" : "false";
}

std::vector<AddressRange> default_bridge_ranges(
    const network::BridgeNetwork::Options& bridge,
    const network::NetworkDriver& driver) {
  std::vector<AddressRange> out = {{.subnet = driver.subnet(),
                                    .ip_range = bridge.ip_range,
                                    .gateway = driver.gateway()}};
  if (!bridge.subnet6.empty()) {
    out.push_back({.subnet = bridge.subnet6, .gateway = bridge.gateway6});
  }
  return out;
}

Labels default_bridge_options(const network::BridgeNetwork::Options& bridge) {
  return {{"com.docker.network.bridge.default_bridge", "true"},
          {"com.docker.network.bridge.enable_icc",
           flag_text(!bridge.isolate_members)},
          {"com.docker.network.bridge.enable_ip_masquerade",
           flag_text(bridge.masquerade)},
          {"com.docker.network.bridge.host_binding_ipv4",
           bridge.host_ip.empty() ? "0.0.0.0" : bridge.host_ip},
          {"com.docker.network.bridge.name", bridge.bridge},
          {"com.docker.network.driver.mtu", std::to_string(bridge.mtu)}};
}

}  // namespace

NetworkManager::Impl::Impl(Options given) : options(std::move(given)) {
  start_cluster();
  add_predefined();
  if (!options.folder.empty()) {
    read_all();
  }
}

void NetworkManager::Impl::add_predefined() {
  const auto add = [&](const char* name, const char* driver) {
    auto model = std::make_shared<Network>();
    model->id =
        images::Digest::of(options.engine_id + "/network/" + name).hex();
    model->name = name;
    model->driver = driver;
    model->created = std::chrono::system_clock::now();
    model->predefined = true;
    model->chosen_subnet = true;
    auto entry = std::make_shared<Entry>();
    if (model->name == "bridge") {
      if (!options.bridge_id.empty()) {
        model->id = options.bridge_id;
      }
      if (options.bridge) {
        entry->driver =
            std::make_shared<network::BridgeNetwork>(*options.bridge);
        model->ranges = default_bridge_ranges(*options.bridge, *entry->driver);
        model->ipv6 = !options.bridge->subnet6.empty();
        model->options = default_bridge_options(*options.bridge);
      }
    }
    entry->model = std::move(model);
    entries.push_back(std::move(entry));
  };
  add("bridge", "bridge");
  add("host", "host");
  add("none", "null");
}

void NetworkManager::Impl::read_all() {
  for (const std::string& id : ids_in(options.folder)) {
    try {
      read_one(id);
    } catch (const std::exception& error) {
      options.warn("network " + id + ": " + error.what());
    }
  }
}

void NetworkManager::Impl::read_one(const std::string& id) {
  const auto folder = open_folder(options.folder);
  const auto body = read_record(folder.get(), id);
  auto entry = std::make_shared<Entry>();
  try {
    if (!body) {
      throw std::runtime_error(body.error().reason);
    }
    entry->model = std::make_shared<const Network>(network_from_record(*body));
  } catch (const std::exception& error) {
    options.warn("network " + id + ": its record is damaged (" + error.what() +
                 ") and was set aside");
    static_cast<void>(set_aside(folder.get(), id));
    return;
  }
  try {
    if (!entry->model->config_only) {
      entry->ipam = make_ipam(*entry->model);
      entry->driver = make_driver(*entry->model, Beginning::found);
    }
  } catch (const std::exception& error) {
    entry->problem = error.what();
    options.warn("network " + entry->model->name + ": " + entry->problem);
  }
  entries.push_back(std::move(entry));
}

void NetworkManager::Impl::store(const Network& network) const {
  if (!options.folder.empty()) {
    write_record(open_folder(options.folder).get(), network.id,
                 network_to_record(network));
  }
}

void NetworkManager::Impl::erase(const Network& network) const {
  if (options.folder.empty()) {
    return;
  }
  const auto folder = open_folder(options.folder);
  if (::unlinkat(folder.get(), network.id.c_str(), 0) == -1 &&
      errno != ENOENT) {
    must(sys::Result<void>(sys::fail("unlink")),
         "remove the record of the network " + network.name);
  }
  must(sys::check_void(::fsync(folder.get()), "fsync"),
       "remove the network " + network.name);
}

void NetworkManager::Impl::require_free_name(const Network& wanted) const {
  const std::lock_guard lock(mutex);
  const std::string bridge =
      wanted.driver == "bridge" ? bridge_options(wanted).bridge : "";
  for (const EntryPtr& entry : entries) {
    const Network& other = *entry->model;
    if (other.name == wanted.name) {
      throw ApiError(ErrorCode::conflict,
                     "network with name " + wanted.name + " already exists");
    }
    const auto theirs = other.options.find("com.docker.network.bridge.name");
    const bool same = !bridge.empty() && other.driver == "bridge" &&
                      theirs != other.options.end() && theirs->second == bridge;
    if (same) {
      throw ApiError(ErrorCode::forbidden,
                     "cannot create network " + wanted.id + " (" + bridge +
                         "): conflicts with network " + other.id + " (" +
                         bridge + "): networks have same bridge name");
    }
  }
}

/// The kernel hands what comes in by a link to one kind of children only, and
/// a passthru child has its parent to itself.
void NetworkManager::Impl::require_free_parent(const Network& wanted) const {
  const auto value = [](const Network& network, const char* key) {
    const auto found = network.options.find(key);
    return found == network.options.end() ? std::string() : found->second;
  };
  const auto is_sublink = [](const Network& network) {
    return network.driver == "macvlan" || network.driver == "ipvlan";
  };
  const std::string parent = value(wanted, "parent");
  if (!is_sublink(wanted) || parent.empty()) {
    return;
  }
  const std::lock_guard lock(mutex);
  for (const EntryPtr& entry : entries) {
    const Network& other = *entry->model;
    if (!is_sublink(other) || value(other, "parent") != parent) {
      continue;
    }
    const bool alone = value(wanted, "macvlan_mode") == "passthru" ||
                       value(other, "macvlan_mode") == "passthru";
    if (alone || other.driver != wanted.driver) {
      throw ApiError(ErrorCode::forbidden,
                     "network " + other.id +
                         " is already using parent interface " + parent);
    }
  }
}

void NetworkManager::Impl::watch(const Entry& entry) {
  if (tell_watch && entry.driver && entry.driver->change_fd() != -1) {
    tell_watch(entry.model->id, {.fd = entry.driver->change_fd(),
                                 .ready = [driver = entry.driver] {
                                   driver->on_change();
                                 }});
  }
}

}  // namespace docker_cpp::daemon
