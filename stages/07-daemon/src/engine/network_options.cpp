// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <expected>

#include "network_kinds.hpp"

#include "docker_cpp/daemon/api_error.hpp"
#include "docker_cpp/daemon/networks.hpp"
#include "docker_cpp/network/ipv4.hpp"
#include "docker_cpp/network/ipv6.hpp"

namespace docker_cpp::daemon {
namespace {

/// All that is wrong with a description, one sentence per line, as Docker.
class Complaints {
 public:
  void add(const std::string& what, const std::string& why) {
    text_ += "\ninvalid " + what + ": " + why;
  }
  void check() const {
    if (!text_.empty()) {
      throw ApiError(ErrorCode::invalid_argument,
                     "invalid network config:" + text_);
    }
  }

 private:
  std::string text_;
};

/// The two families, read alike.
struct V4 {
  static auto subnet(const std::string& text) {
    return network::parse_subnet(text);
  }
  static auto address(const std::string& text) {
    return network::parse_ipv4(text);
  }
};
struct V6 {
  static auto subnet(const std::string& text) {
    return network::parse_subnet6(text);
  }
  static auto address(const std::string& text) {
    return network::parse_ipv6(text);
  }
};

template <typename Net>
std::string masked(Net subnet) {
  subnet.address = subnet.first();
  return to_string(subnet);
}

template <typename Of, typename Net>
void check_range(const Net& subnet, const AddressRange& range,
                 Complaints& out) {
  const std::string what = "ip-range " + range.ip_range;
  const auto part = Of::subnet(range.ip_range);
  if (!part) {
    out.add(what, "invalid CIDR block notation");
  } else if (part->prefix_len < subnet.prefix_len) {
    out.add(what,
            "CIDR block is bigger than its parent subnet " + range.subnet);
  } else if (part->address != part->first()) {
    out.add(what, "it should be " + masked(*part));
  } else if (!subnet.contains(part->first())) {
    out.add(what,
            "parent subnet " + range.subnet + " doesn't contain ip-range");
  }
}

template <typename Of, typename Net>
void check_address(const std::string& kind, const std::string& text,
                   const Net& subnet, Complaints& out) {
  const auto address = Of::address(text);
  if (!address) {
    out.add(kind + " " + text, "invalid address");
  } else if (!subnet.contains(*address)) {
    out.add(kind + " " + text, "parent subnet " + to_string(subnet) +
                                   " doesn't contain this address");
  }
}

template <typename Of>
void check_one(const AddressRange& range, Complaints& out) {
  const std::string what = "subnet " + range.subnet;
  const auto subnet = Of::subnet(range.subnet);
  if (!subnet) {
    out.add(what, "invalid CIDR block notation");
    return;
  }
  if (subnet->address != subnet->first()) {
    out.add(what, "it should be " + masked(*subnet));
    return;
  }
  if (!range.ip_range.empty()) {
    check_range<Of>(*subnet, range, out);
  }
  if (!range.gateway.empty()) {
    check_address<Of>("gateway", range.gateway, *subnet, out);
  }
  for (const auto& [name, address] : range.reserved) {
    check_address<Of>("auxiliary address", address, *subnet, out);
  }
}

[[noreturn]] void refuse_option(const std::string& key,
                                const std::string& value) {
  throw ApiError(ErrorCode::invalid_argument,
                 "invalid value for option " + key + ": \"" + value + "\"");
}

/// As Go's strconv.ParseBool.
bool flag_option(const Network& network, const std::string& key, bool usual) {
  const auto found = network.options.find(key);
  if (found == network.options.end()) {
    return usual;
  }
  const std::string& value = found->second;
  for (const char* yes : {"1", "t", "T", "TRUE", "true", "True"}) {
    if (value == yes) {
      return true;
    }
  }
  for (const char* no : {"0", "f", "F", "FALSE", "false", "False"}) {
    if (value == no) {
      return false;
    }
  }
  refuse_option(key, value);
}

std::string text_option(const Network& network, const std::string& key) {
  const auto found = network.options.find(key);
  return found == network.options.end() ? "" : found->second;
}

int mtu_option(const Network& network, int usual) {
  const std::string key = "com.docker.network.driver.mtu";
  const std::string text = text_option(network, key);
  int mtu = usual;
  if (!text.empty()) {
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, mtu);
    if (parsed.ec != std::errc{} || parsed.ptr != end || mtu < 68 ||
        mtu > 65535) {
      refuse_option(key, text);
    }
  }
  return mtu;
}

template <typename Options>
void take_ranges(const Network& network, Options& options) {
  for (const AddressRange& range : network.ranges) {
    if (is_v6(range)) {
      options.subnet6 = range.subnet;
      options.gateway6 = range.gateway;
      options.ip_range6 = range.ip_range;
    } else {
      options.subnet = range.subnet;
      options.gateway = range.gateway;
      options.ip_range = range.ip_range;
    }
    for (const auto& [name, address] : range.reserved) {
      options.reserved.push_back(address);
    }
  }
}

}  // namespace

bool is_v6(const AddressRange& range) {
  return range.subnet.find(':') != std::string::npos;
}

void check_ranges(const Network& network) {
  Complaints complaints;
  std::size_t of_v6 = 0;
  for (const AddressRange& range : network.ranges) {
    if (!is_v6(range) && network.ipv4) {
      check_one<V4>(range, complaints);
    } else if (!is_v6(range)) {
      complaints.add("subnet " + range.subnet,
                     "IPv4 has not been enabled for this network");
    } else if (network.ipv6) {
      ++of_v6;
      check_one<V6>(range, complaints);
    } else {
      complaints.add("subnet " + range.subnet,
                     "IPv6 has not been enabled for this network");
    }
  }
  complaints.check();
  if (of_v6 > 1 || network.ranges.size() - of_v6 > 1) {
    throw ApiError(ErrorCode::invalid_argument,
                   network.driver + " driver doesn't support multiple subnets");
  }
}

network::BridgeNetwork::Options bridge_options(const Network& network) {
  const std::string prefix = "com.docker.network.bridge.";
  network::BridgeNetwork::Options options;
  options.bridge = text_option(network, prefix + "name");
  if (options.bridge.empty()) {
    options.bridge = "br-" + network.id.substr(0, 12);
  }
  options.ipv4 = network.ipv4;
  options.mtu = mtu_option(network, 1500);
  options.internal = network.internal;
  options.isolate_members = !flag_option(network, prefix + "enable_icc", true);
  options.masquerade =
      flag_option(network, prefix + "enable_ip_masquerade", true);
  options.host_ip = text_option(network, prefix + "host_binding_ipv4");
  if (!options.host_ip.empty() && !network::parse_ipv4(options.host_ip)) {
    refuse_option(prefix + "host_binding_ipv4", options.host_ip);
  }
  take_ranges(network, options);
  return options;
}

std::uint32_t vni_of(const Network& network) {
  const std::string text = text_option(network, vni_option);
  constexpr std::uint32_t last = (1U << 24U) - 1;
  std::uint32_t vni = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, vni);
  if (parsed.ec != std::errc{} || parsed.ptr != end || vni == 0 || vni > last) {
    refuse_option(vni_option, text);
  }
  return vni;
}

network::SublinkNetwork::Options sublink_options(const Network& network) {
  network::SublinkNetwork::Options options;
  options.id = network.id;
  options.kind = network.driver;
  options.parent = text_option(network, "parent");
  options.mode = text_option(network, network.driver + "_mode");
  options.flag = text_option(network, network.driver + "_flag");
  options.mtu = mtu_option(network, 0);
  options.internal = network.internal;
  take_ranges(network, options);
  return options;
}

network::NetworkAddresses::Options addresses_of(const Network& network) {
  network::NetworkAddresses::Options out{.network = network.name,
                                         .gateway = std::nullopt,
                                         .gateway6 = std::nullopt,
                                         .ip_range = {},
                                         .ip_range6 = {},
                                         .reserved = {}};
  for (const AddressRange& range : network.ranges) {
    if (is_v6(range)) {
      out.gateway6 = network::gateway6_of(range.subnet, range.gateway);
      out.ip_range6 = range.ip_range;
    } else {
      out.gateway = network::gateway_of(range.subnet, range.gateway);
      out.ip_range = range.ip_range;
    }
    for (const auto& [name, address] : range.reserved) {
      out.reserved.push_back(address);
    }
  }
  return out;
}

}  // namespace docker_cpp::daemon
