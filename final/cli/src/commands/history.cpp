// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "commands/commands.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/cli/times.hpp"
#include "docker_cpp/cli/units.hpp"

namespace docker_cpp::cli::commands {

namespace {

using Header = std::pair<std::string_view, std::string_view>;
constexpr std::array headers = {Header{"Comment", "COMMENT"},
                                Header{"CreatedAt", "CREATED AT"},
                                Header{"CreatedBy", "CREATED BY"},
                                Header{"CreatedSince", "CREATED"},
                                Header{"ID", "IMAGE"},
                                Header{"Size", "SIZE"}};

constexpr std::string_view table =
    "{{.ID}}\t{{.CreatedSince}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}";
constexpr std::string_view exact_table =
    "{{.ID}}\t{{.CreatedAt}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}";

Value history_row(const Value& layer, bool human, bool whole) {
  auto command = layer["CreatedBy"].text();
  std::ranges::replace(command, '\t', ' ');
  const auto created = layer["Created"].number();
  const auto size = layer["Size"].number();
  const auto& id = layer["Id"].text();
  const auto age = std::chrono::seconds(now().seconds - created);
  auto row = Value::object();
  row.set("Comment", layer["Comment"].text())
      .set("CreatedAt", rfc3339(created))
      .set("CreatedBy", whole ? command : ellipsis(command, 45))
      .set("CreatedSince",
           human ? human_duration(age) + " ago" : rfc3339(created))
      .set("ID", whole ? id : short_id(id))
      .set("Size", human ? human_size(static_cast<double>(size), 3)
                         : std::to_string(size));
  return row;
}

}  // namespace

int history(Context& context, const Arguments& arguments) {
  const auto layers =
      context.engine.get(image_path(arguments.words[0], "/history"));
  const bool human = arguments.flag("human", true);
  const bool whole = arguments.flag("no-trunc");
  auto format = arguments.text("format");
  if (arguments.flag("quiet") && format.empty()) {
    format = "{{.ID}}";
  }
  std::vector<Value> rows;
  for (const auto& layer : layers.items()) {
    rows.push_back(history_row(layer, human, whole));
  }
  print_list(format,
             {.table = human ? table : exact_table,
              .headers = headers,
              .type = "*image.historyContext"},
             rows);
  return 0;
}

}  // namespace docker_cpp::cli::commands
