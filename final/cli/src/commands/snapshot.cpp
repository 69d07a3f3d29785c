// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <chrono>

#include "commands/support.hpp"
#include "commands/wishes.hpp"

#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/cli/times.hpp"
#include "docker_cpp/cli/units.hpp"

namespace docker_cpp::cli::commands {

namespace {

using Header = std::pair<std::string_view, std::string_view>;
constexpr std::array headers = {
    Header{"Name", "SNAPSHOT"}, Header{"Container", "CONTAINER"},
    Header{"CreatedAt", "CREATED AT"}, Header{"CreatedSince", "CREATED"},
    Header{"ID", "SNAPSHOT ID"}};

std::string path_of(const std::string& container) {
  return "/docker-cpp/containers/" + http::escape(container);
}

std::string path_of(const std::string& container, const std::string& snapshot) {
  return path_of(container) + "/snapshots/" + http::escape(snapshot);
}

Value row_of(const Value& snapshot) {
  const auto created = snapshot["Created"].text();
  const auto moment = parse_time(created);
  const std::chrono::seconds age(moment ? now().seconds - moment->seconds : 0);
  auto row = Value::object();
  row.set("Name", snapshot["Name"].text())
      .set("Container", snapshot["ContainerName"].text())
      .set("CreatedAt", created)
      .set("CreatedSince", human_duration(age) + " ago")
      .set("ID", snapshot["Id"].text().substr(0, 12));
  return row;
}

}  // namespace

int snapshot_create(Context& context, const Arguments& arguments) {
  http::Query query;
  if (arguments.words.size() > 1) {
    query.add("name", arguments.words[1]);
  }
  const auto made = context.engine.post(path_of(arguments.words[0]) +
                                        "/snapshots" + query.text());
  print(made["Name"].text() + "\n");
  return 0;
}

int snapshot_ls(Context& context, const Arguments& arguments) {
  http::Query query;
  if (!arguments.words.empty()) {
    query.add("container", arguments.words[0]);
  }
  auto format = arguments.text("format");
  if (arguments.flag("quiet") && format.empty()) {
    format = "{{.Name}}";
  }
  std::vector<Value> rows;
  const auto all = context.engine.get("/docker-cpp/snapshots" + query.text());
  for (const auto& snapshot : all.items()) {
    rows.push_back(row_of(snapshot));
  }
  print_list(format,
             {.table = "{{.Name}}\t{{.Container}}\t{{.CreatedSince}}\t{{.ID}}",
              .headers = headers,
              .type = "*formatter.snapshotContext"},
             rows);
  return 0;
}

int snapshot_restore(Context& context, const Arguments& arguments) {
  context.engine.post(path_of(arguments.words[0], arguments.words[1]) +
                      "/restore");
  return 0;
}

int snapshot_rm(Context& context, const Arguments& arguments) {
  Arguments names = arguments;
  const auto container = names.words.front();
  names.words.erase(names.words.begin());
  return for_each_word(names, [&](const std::string& name) {
    context.engine.remove(path_of(container, name));
    return name;
  });
}

int clone(Context& context, const Arguments& arguments) {
  http::Query query;
  if (arguments.words.size() > 1) {
    query.add("name", arguments.words[1]);
  }
  if (const auto snapshot = arguments.text("snapshot"); !snapshot.empty()) {
    query.add("snapshot", snapshot);
  }
  const auto made = context.engine.post(path_of(arguments.words[0]) + "/clone" +
                                        query.text());
  print(made["Id"].text() + "\n");
  return 0;
}

}  // namespace docker_cpp::cli::commands
