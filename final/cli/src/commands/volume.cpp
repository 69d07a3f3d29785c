// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "commands/inspection.hpp"
#include "commands/storage_commands.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::commands {

namespace {

using Header = std::pair<std::string_view, std::string_view>;
constexpr std::array headers = {
    Header{"Driver", "DRIVER"}, Header{"Labels", "LABELS"},
    Header{"Mountpoint", "MOUNTPOINT"}, Header{"Name", "VOLUME NAME"},
    Header{"Scope", "SCOPE"}};

std::string volume_path(std::string_view name) {
  return "/volumes/" + http::escape(name);
}

Value pairs_value(const std::vector<std::string>& pairs) {
  auto value = Value::object();
  for (const auto& pair : pairs) {
    const auto [key, text] = cut(pair, '=');
    value.set(key, text);
  }
  return value;
}

Value volume_row(const Value& volume) {
  std::vector<std::string> labels;
  for (const auto& label : volume["Labels"].members()) {
    labels.push_back(label.key + "=" + label.value.text());
  }
  auto row = Value::object();
  row.set("Driver", volume["Driver"].text())
      .set("Labels", join(labels, ","))
      .set("Mountpoint", volume["Mountpoint"].text())
      .set("Name", volume["Name"].text())
      .set("Scope", volume["Scope"].text());
  return row;
}

}  // namespace

int volume_create(Context& context, const Arguments& arguments) {
  auto name = arguments.text("name");
  if (!arguments.words.empty()) {
    if (!name.empty()) {
      throw Failure(
          "conflicting options: either specify --name or provide "
          "positional arg, not both");
    }
    name = arguments.words[0];
  }
  auto body = Value::object();
  body.set("Name", name)
      .set("Driver", arguments.text("driver", "local"))
      .set("DriverOpts", pairs_value(arguments.list("opt")))
      .set("Labels", pairs_value(arguments.list("label")));
  const auto volume = context.engine.post("/volumes/create", body);
  print(volume["Name"].text() + "\n");
  return 0;
}

int volume_inspect(Context& context, const Arguments& arguments) {
  return inspect_all(arguments.text("format"), arguments.words,
                     [&](const std::string& name) {
                       return context.engine.get(volume_path(name));
                     });
}

int volume_ls(Context& context, const Arguments& arguments) {
  http::Query query;
  add_filters(query, filter_value(arguments.list("filter")));
  const auto answer = context.engine.get("/volumes" + query.text());
  auto format = arguments.text("format");
  if (arguments.flag("quiet") && format.empty()) {
    format = "{{.Name}}";
  }
  std::vector<Value> rows;
  for (const auto& volume : answer["Volumes"].items()) {
    rows.push_back(volume_row(volume));
  }
  print_list(format,
             {.table = "{{.Driver}}\t{{.Name}}",
              .headers = headers,
              .type = "*formatter.volumeContext"},
             rows);
  return 0;
}

int volume_rm(Context& context, const Arguments& arguments) {
  http::Query query;
  query.add_if(arguments.flag("force"), "force");
  return for_each_word(arguments, [&](const std::string& name) {
    context.engine.remove(volume_path(name) + query.text());
    return name;
  });
}

int volume_rename(Context& context, const Arguments& arguments) {
  http::Query query;
  query.add("name", arguments.words[1]);
  context.engine.post(volume_path(arguments.words[0]) + "/rename" +
                      query.text());
  return 0;
}

}  // namespace docker_cpp::cli::commands
