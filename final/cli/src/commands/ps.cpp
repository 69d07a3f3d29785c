// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "commands/commands.hpp"
#include "commands/container_row.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/template.hpp"
#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::commands {

namespace {

constexpr std::array headers = {
    std::pair<std::string_view, std::string_view>{"Command", "COMMAND"},
    std::pair<std::string_view, std::string_view>{"CreatedAt", "CREATED AT"},
    std::pair<std::string_view, std::string_view>{"ID", "CONTAINER ID"},
    std::pair<std::string_view, std::string_view>{"Image", "IMAGE"},
    std::pair<std::string_view, std::string_view>{"Labels", "LABELS"},
    std::pair<std::string_view, std::string_view>{"LocalVolumes",
                                                  "LOCAL VOLUMES"},
    std::pair<std::string_view, std::string_view>{"Mounts", "MOUNTS"},
    std::pair<std::string_view, std::string_view>{"Names", "NAMES"},
    std::pair<std::string_view, std::string_view>{"Networks", "NETWORKS"},
    std::pair<std::string_view, std::string_view>{"Platform", "PLATFORM"},
    std::pair<std::string_view, std::string_view>{"Ports", "PORTS"},
    std::pair<std::string_view, std::string_view>{"RunningFor", "CREATED"},
    std::pair<std::string_view, std::string_view>{"Size", "SIZE"},
    std::pair<std::string_view, std::string_view>{"State", "STATE"},
    std::pair<std::string_view, std::string_view>{"Status", "STATUS"}};

constexpr std::string_view row_type = "*formatter.ContainerContext";
constexpr std::string_view table =
    "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t"
    "{{.Ports}}\t{{.Names}}";
constexpr std::string_view table_with_size =
    "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t"
    "{{.Ports}}\t{{.Names}}\t{{.Size}}";

std::string list_path(const Arguments& arguments, const std::string& format) {
  http::Query query;
  query.add_if(arguments.flag("all"), "all");
  add_filters(query, filter_value(arguments.list("filter")));
  auto last = arguments.number("last").value_or(-1);
  if (arguments.flag("latest") && last == -1) {
    last = 1;
  }
  if (last > 0) {
    query.add("limit", std::to_string(last));
  }
  // Counting a container's files is work for the daemon: only when shown.
  const bool shown = format.find(".Size") != std::string::npos;
  query.add_if(arguments.flag("size") || shown, "size");
  return "/containers/json" + query.text();
}

/// As docker, a field that does not exist is told of even if there is no
/// container to show it of.
void check_fields(const std::string& format) {
  if (!format.empty() && !format.starts_with("table") && format != "json") {
    const auto parsed = Template::parse(format);
    auto names = Value::object();
    for (const auto& [name, header] : headers) {
      names.set(name, header);
    }
    if (!parsed) {
      throw Failure("failed to parse template: " + parsed.error());
    }
    const auto text = parsed->render(names, {.type = row_type});
    if (!text) {
      throw Failure("failed to execute template: " + text.error());
    }
  }
}

}  // namespace

int ps(Context& context, const Arguments& arguments) {
  auto format = arguments.text("format");
  check_fields(format);
  const auto containers = context.engine.get(list_path(arguments, format));
  const auto cut = arguments.flag("no-trunc") ? Cut::no : Cut::yes;
  if (arguments.flag("quiet") && (format.empty() || format == "table")) {
    format = "{{.ID}}";
  }
  std::vector<Value> rows;
  for (const auto& container : containers.items()) {
    rows.push_back(container_row(container, cut));
  }
  print_list(format,
             {.table = arguments.flag("size") ? table_with_size : table,
              .headers = headers,
              .type = row_type},
             rows);
  return 0;
}

}  // namespace docker_cpp::cli::commands
