// SPDX-License-Identifier: Apache-2.0
#include "ipam_plugin.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "docker_cpp/daemon/api_error.hpp"

namespace docker_cpp::daemon {
namespace {

using nlohmann::json;

std::string text(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>()
                                                     : "";
}

/// "10.0.0.2/24" without the length.
std::string bare(const std::string& address) {
  return address.substr(0, address.find('/'));
}

}  // namespace

json IpamPlugin::call(const char* method, const json& body) const {
  json answer = plugin_.call(std::string("/IpamDriver.") + method, body);
  for (const char* key : {"Error", "Err"}) {
    if (const std::string problem = text(answer, key); !problem.empty()) {
      throw ApiError(ErrorCode::internal, "ipam: " + problem);
    }
  }
  return answer;
}

void IpamPlugin::choose(Network& network, AddressRange& range, bool v6) const {
  const json spaces = call("GetDefaultAddressSpaces", json::object());
  const json pool =
      call("RequestPool",
           {{"AddressSpace", text(spaces, "LocalDefaultAddressSpace")},
            {"Pool", range.subnet},
            {"SubPool", range.ip_range},
            {"Options", network.ipam_options},
            {"V6", v6}});
  range.pool = text(pool, "PoolID");
  range.subnet = text(pool, "Pool");
  const json gateway = call(
      "RequestAddress",
      {{"PoolID", range.pool},
       {"Address", range.gateway},
       {"Options", {{"RequestAddressType", "com.docker.network.gateway"}}}});
  range.gateway = bare(text(gateway, "Address"));
}

void IpamPlugin::choose(Network& network) const {
  const auto add_missing = [&](bool wanted, bool v6) {
    const bool there = std::ranges::any_of(
        network.ranges,
        [&](const AddressRange& range) { return is_v6(range) == v6; });
    if (wanted && !there) {
      network.ranges.emplace_back();
      choose(network, network.ranges.back(), v6);
    }
  };
  try {
    for (AddressRange& range : network.ranges) {
      choose(network, range, is_v6(range));
    }
    add_missing(network.ipv4, false);
    add_missing(network.ipv6, true);
  } catch (...) {
    release(network);
    throw;
  }
}

void IpamPlugin::release(const Network& network) const {
  for (const AddressRange& range : network.ranges) {
    if (range.pool.empty()) {
      continue;
    }
    try {
      if (!range.gateway.empty()) {
        give_back(range, range.gateway);
      }
      static_cast<void>(call("ReleasePool", {{"PoolID", range.pool}}));
    } catch (const ApiError&) {
      // It is gone, and its pools with it.
    }
  }
}

std::string IpamPlugin::take(const AddressRange& range,
                             const std::string& wanted,
                             const std::string& mac) const {
  json options = json::object();
  if (!mac.empty()) {
    options["com.docker.network.endpoint.macaddress"] = mac;
  }
  return bare(text(call("RequestAddress", {{"PoolID", range.pool},
                                           {"Address", wanted},
                                           {"Options", std::move(options)}}),
                   "Address"));
}

void IpamPlugin::give_back(const AddressRange& range,
                           const std::string& address) const {
  try {
    static_cast<void>(
        call("ReleaseAddress", {{"PoolID", range.pool}, {"Address", address}}));
  } catch (const ApiError&) {
    // It is gone, and the address with it.
  }
}

}  // namespace docker_cpp::daemon
