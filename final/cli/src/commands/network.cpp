// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "commands/commands.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::commands {

namespace {

using Header = std::pair<std::string_view, std::string_view>;
constexpr std::array headers = {Header{"CreatedAt", "CREATED AT"},
                                Header{"Driver", "DRIVER"},
                                Header{"ID", "NETWORK ID"},
                                Header{"IPv4", "IPV4"},
                                Header{"IPv6", "IPV6"},
                                Header{"Internal", "INTERNAL"},
                                Header{"Labels", "LABELS"},
                                Header{"Name", "NAME"},
                                Header{"Scope", "SCOPE"}};

constexpr std::string_view table =
    "{{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}";

std::string network_path(const std::string& name, std::string_view rest = "") {
  return "/networks/" + http::escape(name) + std::string(rest);
}

std::string shown_labels(const Value& labels) {
  std::vector<std::string> pairs;
  for (const auto& label : labels.members()) {
    pairs.push_back(label.key + "=" + label.value.text());
  }
  return join(pairs, ",");
}

std::string yes_or_no(bool flag) {
  return flag ? "true" : "false";
}

Value network_row(const Value& network, bool whole_ids) {
  const auto& id = network["Id"].text();
  const auto* v4 = network.find("EnableIPv4");
  auto row = Value::object();
  row.set("CreatedAt", network["Created"].text())
      .set("Driver", network["Driver"].text())
      .set("ID", whole_ids ? id : short_id(id))
      .set("IPv4", yes_or_no(v4 == nullptr || v4->flag()))
      .set("IPv6", yes_or_no(network["EnableIPv6"].flag()))
      .set("Internal", yes_or_no(network["Internal"].flag()))
      .set("Labels", shown_labels(network["Labels"]))
      .set("Name", network["Name"].text())
      .set("Scope", network["Scope"].text());
  return row;
}

}  // namespace

int network_ls(Context& context, const Arguments& arguments) {
  http::Query query;
  add_filters(query, filter_value(arguments.list("filter")));
  auto list = context.engine.get("/networks" + query.text()).items();
  std::ranges::sort(
      list, {}, [](const Value& network) { return network["Name"].text(); });
  auto format = arguments.text("format");
  if (arguments.flag("quiet") && (format.empty() || format == "table")) {
    format = "{{.ID}}";
  }
  std::vector<Value> rows;
  for (const auto& network : list) {
    rows.push_back(network_row(network, arguments.flag("no-trunc")));
  }
  print_list(
      format,
      {.table = table, .headers = headers, .type = "*formatter.networkContext"},
      rows);
  return 0;
}

int network_rm(Context& context, const Arguments& arguments) {
  return for_each_word(arguments, [&](const std::string& name) {
    try {
      context.engine.remove(network_path(name));
    } catch (const DaemonFailure& failure) {
      if (failure.status() != 404 || !arguments.flag("force")) {
        throw;
      }
    }
    return name;
  });
}

int network_connect(Context& context, const Arguments& arguments) {
  auto config = Value::object();
  const auto add_list = [&](std::string_view option, std::string_view key) {
    if (arguments.given(option)) {
      config.set(key, Value::strings(arguments.list(option)));
    }
  };
  add_list("alias", "Aliases");
  add_list("link", "Links");
  for (const auto& [option, key] :
       {std::pair{"ip", "IPv4Address"}, std::pair{"ip6", "IPv6Address"}}) {
    if (arguments.given(option)) {
      config.member("IPAMConfig").set(key, arguments.text(option));
    }
  }
  if (arguments.given("link-local-ip")) {
    config.member("IPAMConfig")
        .set("LinkLocalIPs", Value::strings(arguments.list("link-local-ip")));
  }
  if (const auto priority = arguments.number("gw-priority")) {
    config.set("GwPriority", *priority);
  }
  for (const auto& entry : arguments.list("driver-opt")) {
    const auto [key, value] = cut(entry, '=');
    config.member("DriverOpts").set(key, value);
  }
  auto body = Value::object();
  body.set("Container", arguments.words[1])
      .set("EndpointConfig", std::move(config));
  context.engine.post(network_path(arguments.words[0], "/connect"), body);
  return 0;
}

int network_disconnect(Context& context, const Arguments& arguments) {
  auto body = Value::object();
  body.set("Container", arguments.words[1])
      .set("Force", arguments.flag("force"));
  context.engine.post(network_path(arguments.words[0], "/disconnect"), body);
  return 0;
}

}  // namespace docker_cpp::cli::commands
