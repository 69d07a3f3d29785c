// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/daemon/network_json.hpp"

#include "json_fields.hpp"

#include "docker_cpp/daemon/model_json.hpp"

namespace docker_cpp::daemon {
namespace {

using nlohmann::json;

json wanted_addresses(const Endpoint& endpoint) {
  json out = json::object();
  if (!endpoint.wanted_ip.empty()) {
    out["IPv4Address"] = endpoint.wanted_ip;
  }
  if (!endpoint.wanted_ipv6.empty()) {
    out["IPv6Address"] = endpoint.wanted_ipv6;
  }
  if (!endpoint.link_local_ips.empty()) {
    out["LinkLocalIPs"] = endpoint.link_local_ips;
  }
  return out.empty() ? json(nullptr) : out;
}

json ranges_to_json(const std::vector<AddressRange>& ranges) {
  json out = json::array();
  for (const AddressRange& range : ranges) {
    json entry = json::object();
    const auto add = [&](const char* key, const std::string& value) {
      if (!value.empty()) {
        entry[key] = value;
      }
    };
    add("Subnet", range.subnet);
    add("IPRange", range.ip_range);
    add("Gateway", range.gateway);
    if (!range.reserved.empty()) {
      entry["AuxiliaryAddresses"] = range.reserved;
    }
    out.push_back(std::move(entry));
  }
  return out;
}

void read_addresses(const json& value, Network& out) {
  const Fields fields(value, "IPAM");
  fields.read("Driver", out.ipam_driver);
  fields.read("Options", out.ipam_options);
  fields.each("Config", [&](const json& entry) {
    const Fields range(entry, "IPAMConfig");
    AddressRange read;
    range.read("Subnet", read.subnet);
    range.read("IPRange", read.ip_range);
    range.read("Gateway", read.gateway);
    range.read("AuxiliaryAddresses", read.reserved);
    if (!read.subnet.empty() || !read.ip_range.empty() ||
        !read.gateway.empty() || !read.reserved.empty()) {
      out.ranges.push_back(std::move(read));
    }
  });
}

/// What a client may not say: only records have it.
void read_pools(const json& record, Network& out) {
  const json& ranges = record.at("IPAM").at("Config");
  for (std::size_t i = 0; i < out.ranges.size() && i < ranges.size(); ++i) {
    out.ranges[i].pool = ranges[i].value("PoolID", "");
  }
}

}  // namespace

json endpoint_to_json(const Endpoint& endpoint) {
  return {
      {"IPAMConfig", wanted_addresses(endpoint)},
      {"Links", list_or_null(endpoint.links)},
      {"Aliases", list_or_null(endpoint.aliases)},
      {"MacAddress", endpoint.mac_address},
      {"DriverOpts", endpoint.driver_options.empty()
                         ? json(nullptr)
                         : json(endpoint.driver_options)},
      {"GwPriority", endpoint.gateway_priority},
      {"NetworkID", endpoint.network_id},
      {"EndpointID", endpoint.endpoint_id},
      {"Gateway", endpoint.gateway},
      {"IPAddress", endpoint.ip_address},
      {"IPPrefixLen", endpoint.ip_prefix_len},
      {"IPv6Gateway", endpoint.ipv6_gateway},
      {"GlobalIPv6Address", endpoint.ipv6_address},
      {"GlobalIPv6PrefixLen", endpoint.ipv6_prefix_len},
      {"DNSNames", nullptr},
  };
}

Endpoint endpoint_from_json(std::string_view network, const json& value) {
  Endpoint out{.network = std::string(network)};
  const Fields fields(value, "EndpointSettings");
  fields.read("NetworkID", out.network_id);
  fields.read("EndpointID", out.endpoint_id);
  fields.read("Gateway", out.gateway);
  fields.read("IPAddress", out.ip_address);
  fields.read("IPPrefixLen", out.ip_prefix_len);
  fields.read("IPv6Gateway", out.ipv6_gateway);
  fields.read("GlobalIPv6Address", out.ipv6_address);
  fields.read("GlobalIPv6PrefixLen", out.ipv6_prefix_len);
  fields.read("MacAddress", out.mac_address);
  fields.read("Aliases", out.aliases);
  fields.read("Links", out.links);
  fields.read("DriverOpts", out.driver_options);
  fields.read("GwPriority", out.gateway_priority);
  if (const auto* ipam = fields.find("IPAMConfig")) {
    const Fields wanted(*ipam, "EndpointIPAMConfig");
    wanted.read("IPv4Address", out.wanted_ip);
    wanted.read("IPv6Address", out.wanted_ipv6);
    wanted.read("LinkLocalIPs", out.link_local_ips);
  }
  return out;
}

Endpoint endpoint_request_from_json(std::string_view network,
                                    const json& value) {
  Endpoint out = endpoint_from_json(network, value);
  out.wanted_mac = out.mac_address;
  forget_run(out);
  return out;
}

json network_to_json(const Network& network) {
  return {{"Name", network.name},
          {"Id", network.id},
          {"Created", format_time(network.created)},
          {"Scope", network.scope.empty() ? "local" : network.scope},
          {"Driver", network.driver},
          {"EnableIPv4", network.ipv4},
          {"EnableIPv6", network.ipv6},
          {"IPAM",
           {{"Driver", network.ipam_driver},
            {"Options", network.ipam_options.empty() && network.predefined
                            ? json(nullptr)
                            : json(network.ipam_options)},
            {"Config", ranges_to_json(network.ranges)}}},
          {"Internal", network.internal},
          {"Attachable", network.attachable},
          {"Ingress", network.ingress},
          {"ConfigFrom", {{"Network", network.config_from}}},
          {"ConfigOnly", network.config_only},
          {"Containers", json::object()},
          {"Options", network.options},
          {"Labels", network.labels}};
}

Network network_from_json(const json& value) {
  const Fields fields(value, "NetworkCreateRequest");
  Network out;
  fields.read("Name", out.name);
  fields.read("Driver", out.driver);
  fields.read("EnableIPv4", out.ipv4);
  fields.read("EnableIPv6", out.ipv6);
  fields.read("Internal", out.internal);
  fields.read("Attachable", out.attachable);
  fields.read("Ingress", out.ingress);
  fields.read("Scope", out.scope);
  fields.read("ConfigOnly", out.config_only);
  if (const auto* from = fields.find("ConfigFrom")) {
    Fields(*from, "ConfigReference").read("Network", out.config_from);
  }
  fields.read("Options", out.options);
  fields.read("Labels", out.labels);
  if (const auto* ipam = fields.find("IPAM")) {
    read_addresses(*ipam, out);
  }
  if (out.driver.empty()) {
    out.driver = "bridge";
  }
  if (out.ipam_driver.empty()) {
    out.ipam_driver = "default";
  }
  return out;
}

std::string network_to_record(const Network& network) {
  json out = network_to_json(network);
  out.erase("Containers");
  out["ChosenSubnet"] = network.chosen_subnet;
  for (std::size_t i = 0; i < network.ranges.size(); ++i) {
    if (!network.ranges[i].pool.empty()) {
      out["IPAM"]["Config"][i]["PoolID"] = network.ranges[i].pool;
    }
  }
  return dump(out);
}

Network network_from_record(std::string_view text) {
  const json document = parse_json(text);
  const Fields fields(document, "Network");
  Network out = network_from_json(document);
  fields.read("Id", out.id);
  fields.read("ChosenSubnet", out.chosen_subnet);
  read_pools(document, out);
  std::string created;
  fields.read("Created", created);
  out.created = parse_time(created).value_or(Time{});
  return out;
}

}  // namespace docker_cpp::daemon
