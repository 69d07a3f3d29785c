// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "create_body_parts.hpp"

#include "docker_cpp/cli/create_parts.hpp"
#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli {
namespace {

struct Attachment {
  std::string network = "default";
  Value settings = Value::object();  ///< an EndpointSettings
};

bool user_defined(const std::string& network) {
  return network != "default" && network != "bridge" && network != "host" &&
         network != "none" && !network.starts_with("container:");
}

/// "name=net,alias=x,ip=1.2.3.4" or just "net".
Attachment parse_attachment(const std::string& text) {
  Attachment result;
  if (text.find('=') == std::string::npos) {
    result.network = text;
    return result;
  }
  for (const auto& field : csv_fields(text)) {
    const auto [name, value] = cut(field, '=');
    const auto key = to_lower(trim(name));
    auto& settings = result.settings;
    if (key == "name") {
      result.network = to_lower(trim(value));
    } else if (key == "alias") {
      settings.member("Aliases").append(value);
    } else if (key == "driver-opt") {
      const auto [option, text_of] = cut(value, '=');
      settings.member("DriverOpts").set(option, text_of);
    } else if (key == "ip") {
      settings.member("IPAMConfig").set("IPv4Address", value);
    } else if (key == "ip6") {
      settings.member("IPAMConfig").set("IPv6Address", value);
    } else if (key == "link-local-ip") {
      settings.member("IPAMConfig").member("LinkLocalIPs").append(value);
    } else if (key == "mac-address") {
      settings.set("MacAddress", value);
    } else if (key == "gw-priority") {
      settings.set("GwPriority", parse_integer(value).value_or(0));
    } else {
      throw Failure("invalid field key " + key);
    }
  }
  return result;
}

bool is_mac(const std::string& text) {
  if (text.size() != 17) {
    return false;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool separator = i % 3 == 2;
    const auto wanted =
        std::string_view(separator ? ":-" : "0123456789abcdefABCDEF");
    if (wanted.find(text[i]) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

/// What the options of a single network (--ip, --network-alias…) add.
void add_single_options(const Arguments& arguments, Attachment& first) {
  auto& settings = first.settings;
  if (arguments.given("network-alias")) {
    if (!user_defined(first.network)) {
      throw Failure(
          "network-scoped aliases are only supported for user-defined "
          "networks");
    }
    settings.set("Aliases", Value::strings(arguments.list("network-alias")));
  }
  if (arguments.given("link") && user_defined(first.network)) {
    settings.set("Links", Value::strings(arguments.list("link")));
  }
  for (const auto& [option, key] :
       {std::pair{"ip", "IPv4Address"}, std::pair{"ip6", "IPv6Address"}}) {
    if (const auto address = arguments.text(option); !address.empty()) {
      settings.member("IPAMConfig").set(key, address);
    }
  }
  if (arguments.given("link-local-ip")) {
    settings.member("IPAMConfig")
        .set("LinkLocalIPs", Value::strings(arguments.list("link-local-ip")));
  }
  if (const auto mac = arguments.text("mac-address"); !mac.empty()) {
    if (!is_mac(mac)) {
      throw Failure(mac + " is not a valid mac address");
    }
    settings.set("MacAddress", mac);
  }
}

/// "in=10mbit,out=2mbit", or "10mbit" for both.
void add_bandwidth(const Arguments& arguments, Attachment& first) {
  const auto text = arguments.text("network-bandwidth");
  if (text.empty()) {
    return;
  }
  if (!user_defined(first.network) && first.network != "default" &&
      first.network != "bridge") {
    throw Failure("--network-bandwidth needs a network of the container's own");
  }
  auto& options = first.settings.member("DriverOpts");
  const auto set = [&](const std::string& way, const std::string& value) {
    options.set("docker-cpp.bandwidth." + way, value);
  };
  for (const auto& field : csv_fields(text)) {
    const auto [way, value] = cut(field, '=');
    if (field.find('=') == std::string::npos) {
      set("in", field);
      set("out", field);
    } else if (way == "in" || way == "out") {
      set(way, value);
    } else {
      throw Failure("invalid --network-bandwidth " + text +
                    ": it should be in=RATE,out=RATE");
    }
  }
}

void add_ports(const Arguments& arguments, Value& body, Value& host) {
  PublishedPorts ports;
  for (const auto& text : arguments.list("publish")) {
    if (auto wrong = publish_port(text, ports)) {
      throw Failure(*wrong);
    }
  }
  for (const auto& text : arguments.list("expose")) {
    if (auto wrong = expose_port(text, ports)) {
      throw Failure(*wrong);
    }
  }
  if (!ports.exposed.is_null()) {
    body.set("ExposedPorts", std::move(ports.exposed));
  }
  if (!ports.bindings.is_null()) {
    host.set("PortBindings", std::move(ports.bindings));
  }
  set_flag(arguments, "publish-all", host, "PublishAllPorts");
}

void add_hosts(const Arguments& arguments, Value& host) {
  for (const auto& entry : arguments.list("add-host")) {
    host.member("ExtraHosts").append(parse_extra_host(entry).value_or(entry));
  }
  set_list(arguments, "dns", host, "Dns");
  set_list(arguments, "dns-option", host, "DnsOptions");
  set_list(arguments, "dns-search", host, "DnsSearch");
}

}  // namespace

void add_network(const Arguments& arguments, Value& body, Value& host) {
  add_ports(arguments, body, host);
  add_hosts(arguments, host);
  std::vector<Attachment> attachments;
  for (const auto& text : arguments.list("network")) {
    attachments.push_back(parse_attachment(text));
  }
  if (attachments.empty()) {
    attachments.emplace_back();
  }
  auto& first = attachments.front();
  add_single_options(arguments, first);
  add_bandwidth(arguments, first);
  host.set("NetworkMode", first.network);
  if (arguments.given("link") && !user_defined(first.network)) {
    set_list(arguments, "link", host, "Links");
  }
  for (auto& [network, settings] : attachments) {
    if (user_defined(network) || settings.size() > 0) {
      body.member("NetworkingConfig")
          .member("EndpointsConfig")
          .set(network, std::move(settings));
    }
  }
}

}  // namespace docker_cpp::cli
