// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "commands/commands.hpp"
#include "commands/inspection.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::commands {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> headers =
    {{{"Description", "DESCRIPTION"},
      {"Enabled", "ENABLED"},
      {"ID", "ID"},
      {"Name", "NAME"},
      {"PluginReference", "PLUGIN REFERENCE"}}};

std::string plugin_path(const std::string& name, const std::string& rest) {
  return "/plugins/" + http::escape_path(name) + rest;
}

}  // namespace

int plugin_list(Context& context, const Arguments& arguments) {
  http::Query query;
  add_filters(query, filter_value(arguments.list("filter")));
  const auto plugins = context.engine.get("/plugins" + query.text());
  std::vector<Value> rows;
  for (const auto& plugin : plugins.items()) {
    const auto& id = plugin["Id"].text();
    const auto& about = plugin["Config"]["Description"].text();
    const bool whole = arguments.flag("no-trunc");
    rows.push_back(Value::object()
                       .set("Description", whole ? about : ellipsis(about, 45))
                       .set("Enabled", plugin["Enabled"])
                       .set("ID", whole ? id : short_id(id))
                       .set("Name", plugin["Name"].text())
                       .set("PluginReference", plugin["PluginReference"]));
  }
  auto format = arguments.text("format");
  if (arguments.flag("quiet") && format.empty()) {
    format = "{{.ID}}";
  }
  print_list(format,
             {.table = "{{.ID}}\t{{.Name}}\t{{.Description}}\t{{.Enabled}}",
              .headers = headers,
              .type = "*plugin.pluginContext"},
             rows);
  return 0;
}

int plugin_inspect(Context& context, const Arguments& arguments) {
  return inspect_all(arguments.text("format"), arguments.words,
                     [&](const std::string& name) {
                       return context.engine.get(plugin_path(name, "/json"));
                     });
}

int plugin_enable(Context& context, const Arguments& arguments) {
  const auto& name = arguments.words[0];
  const auto timeout = arguments.number("timeout").value_or(30);
  context.engine.post(
      plugin_path(name, "/enable?timeout=" + std::to_string(timeout)));
  print(name + "\n");
  return 0;
}

int plugin_disable(Context& context, const Arguments& arguments) {
  const auto& name = arguments.words[0];
  context.engine.post(plugin_path(
      name, arguments.flag("force") ? "/disable?force=1" : "/disable"));
  print(name + "\n");
  return 0;
}

int plugin_remove(Context& context, const Arguments& arguments) {
  return for_each_word(arguments, [&](const std::string& name) {
    context.engine.remove(
        plugin_path(name, arguments.flag("force") ? "?force=1" : ""));
    return name;
  });
}

int plugin_set(Context& context, const Arguments& arguments) {
  auto settings = Value::array();
  for (std::size_t i = 1; i < arguments.words.size(); ++i) {
    settings.append(arguments.words[i]);
  }
  context.engine.post(plugin_path(arguments.words[0], "/set"), settings);
  return 0;
}

}  // namespace docker_cpp::cli::commands
