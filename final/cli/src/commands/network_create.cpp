// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>

#include <charconv>

#include "commands/commands.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::commands {

namespace {

struct Subnet {
  int family = 0;
  in6_addr address{};
  int prefix = 0;
  Value config = Value::object();  ///< an entry of IPAM.Config
};

/// The family of what is an address, 0 for what is none.
int read_address(const std::string& text, in6_addr& out) {
  for (const int family : {AF_INET, AF_INET6}) {
    if (::inet_pton(family, text.c_str(), &out) == 1) {
      return family;
    }
  }
  return 0;
}

Subnet read_subnet(const std::string& text) {
  Subnet out;
  const auto [address, length] = cut(text, '/');
  const char* end = length.data() + length.size();
  out.family = read_address(address, out.address);
  const auto [rest, error] = std::from_chars(length.data(), end, out.prefix);
  if (out.family == 0 || error != std::errc{} || rest != end) {
    throw Failure("invalid CIDR address: " + text);
  }
  out.config.set("Subnet", text);
  return out;
}

bool contains(const Subnet& subnet, const std::string& text) {
  in6_addr address{};
  if (read_address(cut(text, '/').first, address) != subnet.family) {
    return false;
  }
  for (int bit = 0; bit < subnet.prefix; ++bit) {
    const int differ =
        subnet.address.s6_addr[bit / 8] ^ address.s6_addr[bit / 8];
    if ((differ & (0x80 >> bit % 8)) != 0) {
      return false;
    }
  }
  return true;
}

Subnet& home_of(std::vector<Subnet>& subnets, const std::string& text,
                const std::string& kind) {
  for (auto& subnet : subnets) {
    if (contains(subnet, text)) {
      return subnet;
    }
  }
  throw Failure("no matching subnet for " + kind + " " + text);
}

/// Which range, gateway and address belongs to which subnet.
Value ipam_config(const Arguments& arguments) {
  std::vector<Subnet> subnets;
  for (const auto& text : arguments.list("subnet")) {
    subnets.push_back(read_subnet(text));
  }
  if (subnets.empty() &&
      (arguments.given("ip-range") || arguments.given("gateway"))) {
    throw Failure("every ip-range or gateway must have a corresponding subnet");
  }
  for (const auto& range : arguments.list("ip-range")) {
    home_of(subnets, range, "range").config.set("IPRange", range);
  }
  for (const auto& gateway : arguments.list("gateway")) {
    home_of(subnets, gateway, "gateway").config.set("Gateway", gateway);
  }
  for (const auto& entry : arguments.list("aux-address")) {
    const auto [name, address] = cut(entry, '=');
    home_of(subnets, address, "aux-address")
        .config.member("AuxiliaryAddresses")
        .set(name, address);
  }
  auto config = Value::array();
  for (auto& subnet : subnets) {
    config.append(std::move(subnet.config));
  }
  return config;
}

Value options_of(const Arguments& arguments, std::string_view option) {
  auto out = Value::object();
  for (const auto& entry : arguments.list(option)) {
    const auto [key, value] = cut(entry, '=');
    out.set(key, value);
  }
  return out;
}

}  // namespace

int network_create(Context& context, const Arguments& arguments) {
  auto body = Value::object();
  body.set("Name", arguments.words[0])
      .set("Driver", arguments.text("driver", "bridge"))
      .set("Scope", arguments.text("scope"))
      .set("Internal", arguments.flag("internal"))
      .set("Attachable", arguments.flag("attachable"))
      .set("Ingress", arguments.flag("ingress"))
      .set("ConfigOnly", arguments.flag("config-only"))
      .set("Options", options_of(arguments, "opt"))
      .set("Labels", options_of(arguments, "label"));
  for (const auto& [option, key] :
       {std::pair{"ipv4", "EnableIPv4"}, std::pair{"ipv6", "EnableIPv6"}}) {
    if (arguments.given(option)) {
      body.set(key, arguments.flag(option));
    }
  }
  if (arguments.given("config-from")) {
    body.member("ConfigFrom").set("Network", arguments.text("config-from"));
  }
  body.member("IPAM")
      .set("Driver", arguments.text("ipam-driver", "default"))
      .set("Options", options_of(arguments, "ipam-opt"))
      .set("Config", ipam_config(arguments));
  const auto made = context.engine.post("/networks/create", body);
  if (const auto& warning = made["Warning"].text(); !warning.empty()) {
    print_error("WARNING: " + warning + "\n");
  }
  print(made["Id"].text() + "\n");
  return 0;
}

}  // namespace docker_cpp::cli::commands
