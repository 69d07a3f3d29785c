// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <map>

#include "commands/container_row.hpp"
#include "commands/json_lines.hpp"
#include "commands/support.hpp"
#include "compose/commands.hpp"
#include "compose/normalise.hpp"
#include "compose/service_body.hpp"
#include "compose/session.hpp"

#include "docker_cpp/cli/table.hpp"
#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/cli/times.hpp"
#include "docker_cpp/cli/units.hpp"
#include "docker_cpp/cli/version.hpp"

namespace docker_cpp::cli::compose {

namespace {

using Headers = std::pair<std::string_view, std::string_view>;

Value row_of(const Running& one, Cut cut) {
  auto row = container_row(one.entry, cut);
  row.set("Name", one.name)
      .set("Service", one.service)
      .set("Project", one.labels[labels::project].text())
      .set("ExitCode", Value(0))
      .set("Health", "");
  const auto& status = one.entry["Status"].text();
  if (status.starts_with("Exited (")) {
    row.set(
        "ExitCode",
        Value(
            parse_integer(status.substr(8, status.find(')') - 8)).value_or(0)));
  }
  for (const auto* word : {"healthy", "unhealthy", "starting"}) {
    if (status.find("(" + std::string(word)) != std::string::npos ||
        status.find("health: " + std::string(word)) != std::string::npos) {
      row.set("Health", word);
    }
  }
  return row;
}

bool passes(const Running& one, const Arguments& arguments) {
  auto wanted = arguments.list("status");
  for (const auto& filter : arguments.list("filter")) {
    const auto [key, value] = cut(filter, '=');
    if (key != "status") {
      throw Failure("unknown filter " + key);
    }
    wanted.push_back(value);
  }
  return wanted.empty() || std::ranges::find(wanted, one.state) != wanted.end();
}

}  // namespace

int ps(Context& context, const Arguments& arguments) {
  Session session(context, arguments);
  const bool filtered = arguments.given("status") || arguments.given("filter");
  auto found = session.containers(arguments.flag("all") || filtered
                                      ? Session::Which::all
                                      : Session::Which::running,
                                  session.services());
  std::erase_if(found,
                [&](const Running& one) { return !passes(one, arguments); });
  if (arguments.flag("quiet") || arguments.flag("services")) {
    std::vector<std::string> lines;
    for (const auto& one : found) {
      const auto& line = arguments.flag("quiet") ? one.id : one.service;
      if (std::ranges::find(lines, line) == lines.end()) {
        lines.push_back(line);
        print(line + "\n");
      }
    }
    return 0;
  }
  constexpr std::array headers = {
      Headers{"Command", "COMMAND"},    Headers{"ExitCode", "EXIT CODE"},
      Headers{"Health", "HEALTH"},      Headers{"ID", "CONTAINER ID"},
      Headers{"Image", "IMAGE"},        Headers{"Labels", "LABELS"},
      Headers{"Name", "NAME"},          Headers{"Names", "NAMES"},
      Headers{"Ports", "PORTS"},        Headers{"Project", "PROJECT"},
      Headers{"RunningFor", "CREATED"}, Headers{"Service", "SERVICE"},
      Headers{"State", "STATE"},        Headers{"Status", "STATUS"}};
  std::vector<Value> rows;
  const auto cut = arguments.flag("no-trunc") ? Cut::no : Cut::yes;
  for (const auto& one : found) {
    rows.push_back(row_of(one, cut));
  }
  print_list(arguments.text("format"),
             {.table = "{{.Name}}\t{{.Image}}\t{{.Command}}\t{{.Service}}\t"
                       "{{.RunningFor}}\t{{.Status}}\t{{.Ports}}",
              .headers = headers,
              .type = "*formatter.ContainerContext"},
             rows);
  return 0;
}

int ls(Context& context, const Arguments& arguments) {
  http::Query query;
  query.add("all", "1");
  add_filters(query, filter_value({"label=" + std::string(labels::project)}));
  struct Found {
    std::map<std::string, int> states;
    std::string files;
  };
  std::map<std::string, Found> projects;
  const auto entries = context.engine.get("/containers/json" + query.text());
  for (const auto& entry : entries.items()) {
    auto& one = projects[entry["Labels"][labels::project].text()];
    ++one.states[entry["State"].text()];
    one.files = entry["Labels"][labels::config_files].text();
  }
  std::vector<Value> rows;
  for (const auto& [name, found] : projects) {
    std::vector<std::string> states;
    for (const auto& [state, count] : found.states) {
      states.push_back(state + "(" + std::to_string(count) + ")");
    }
    const bool runs = found.states.contains("running");
    if (!runs && !arguments.flag("all")) {
      continue;
    }
    rows.push_back(Value::object()
                       .set("Name", name)
                       .set("Status", join(states, ", "))
                       .set("ConfigFiles", found.files));
  }
  if (arguments.flag("quiet")) {
    for (const auto& row : rows) {
      print(row["Name"].text() + "\n");
    }
    return 0;
  }
  if (arguments.text("format") == "json") {
    print(print_json(Value(rows)) + "\n");
    return 0;
  }
  constexpr std::array headers = {Headers{"Name", "NAME"},
                                  Headers{"Status", "STATUS"},
                                  Headers{"ConfigFiles", "CONFIG FILES"}};
  print_list("",
             {.table = "{{.Name}}\t{{.Status}}\t{{.ConfigFiles}}",
              .headers = headers,
              .type = "*compose.projectContext"},
             rows);
  return 0;
}

int logs(Context& context, const Arguments& arguments) {
  Session session(context, arguments);
  auto found = session.containers(Session::Which::all, session.services());
  if (const auto index = arguments.number("index")) {
    std::erase_if(found,
                  [&](const Running& one) { return one.number != *index; });
  }
  return show_logs(session, std::move(found),
                   {.follow = arguments.flag("follow"),
                    .prefix = !arguments.flag("no-log-prefix"),
                    .colours = !arguments.flag("no-color"),
                    .timestamps = arguments.flag("timestamps"),
                    .tail = arguments.text("tail", "all"),
                    .since = arguments.text("since"),
                    .until = arguments.text("until")});
}

int top(Context& context, const Arguments& arguments) {
  Session session(context, arguments);
  for (const auto& one :
       session.containers(Session::Which::running, session.services())) {
    const auto table = session.engine().get(container_path(one.id, "/top"));
    std::string lines;
    const auto add = [&](const Value& cells) {
      for (const auto& cell : cells.items()) {
        lines += cell.text() + "\t";
      }
      lines += "\n";
    };
    add(table["Titles"]);
    for (const auto& process : table["Processes"].items()) {
      add(process);
    }
    print(one.name + "\n" + align(lines) + "\n");
  }
  return 0;
}

int images(Context& context, const Arguments& arguments) {
  Session session(context, arguments);
  std::vector<Value> rows;
  for (const auto& one :
       session.containers(Session::Which::all, session.services())) {
    const auto& id = one.entry["ImageID"].text();
    const auto image = session.engine().get(image_path(id, "/json"));
    auto name = one.entry["Image"].text();
    const auto colon = name.rfind(':');
    const bool tagged = colon != std::string::npos &&
                        name.find('/', colon) == std::string::npos;
    rows.push_back(
        Value::object()
            .set("ContainerName", one.name)
            .set("Repository", tagged ? name.substr(0, colon) : name)
            .set("Tag", tagged ? name.substr(colon + 1) : "latest")
            .set("ID", short_id(id))
            .set("Size",
                 human_size(static_cast<double>(image["Size"].number()), 3)));
  }
  if (arguments.flag("quiet")) {
    for (const auto& row : rows) {
      print(row["ID"].text() + "\n");
    }
    return 0;
  }
  if (arguments.text("format") == "json") {
    print(print_json(Value(rows)) + "\n");
    return 0;
  }
  constexpr std::array headers = {
      Headers{"ContainerName", "CONTAINER"},
      Headers{"Repository", "REPOSITORY"}, Headers{"Tag", "TAG"},
      Headers{"ID", "IMAGE ID"}, Headers{"Size", "SIZE"}};
  print_list("",
             {.table = "{{.ContainerName}}\t{{.Repository}}\t{{.Tag}}\t"
                       "{{.ID}}\t{{.Size}}",
              .headers = headers,
              .type = "*compose.imageContext"},
             rows);
  return 0;
}

int port(Context& context, const Arguments& arguments) {
  auto only_service = arguments;
  only_service.words.resize(1);
  Session session(context, only_service);
  const auto one =
      session.one(arguments.words[0], arguments.number("index").value_or(0));
  const auto inside = parse_unsigned(arguments.words[1], 16);
  if (!inside) {
    throw Failure("invalid port " + quote(arguments.words[1]));
  }
  const auto protocol = arguments.text("protocol", "tcp");
  for (const auto& entry : one.entry["Ports"].items()) {
    if (entry["PrivatePort"].number() == static_cast<std::int64_t>(*inside) &&
        entry["Type"].text() == protocol && !entry["PublicPort"].is_null()) {
      print(entry["IP"].text() + ":" +
            std::to_string(entry["PublicPort"].number()) + "\n");
      return 0;
    }
  }
  throw Failure("no port " + arguments.words[1] + "/" + protocol +
                " for container " + one.name);
}

int events(Context& context, const Arguments& arguments) {
  Session session(context, arguments);
  http::Query query;
  add_filters(query, filter_value({"type=container",
                                   "label=" + std::string(labels::project) +
                                       "=" + session.name()}));
  for (const auto* option : {"since", "until"}) {
    if (arguments.given(option)) {
      query.add(option, timestamp(arguments.text(option), option));
    }
  }
  const auto wanted = session.services();
  auto exchange = session.engine().open(
      {.method = "GET", .path = "/events" + query.text()});
  read_json_lines(exchange, [&](const Value& event) {
    const auto& attributes = event["Actor"]["Attributes"];
    const auto& service = attributes[labels::service].text();
    if (!wanted.empty() && std::ranges::find(wanted, service) == wanted.end()) {
      return;
    }
    auto shown = Value::object();
    std::vector<std::string> pairs;
    for (const auto& [key, value] : attributes.members()) {
      if (!key.starts_with("com.docker.compose.")) {
        shown.set(key, value);
        pairs.push_back(key + "=" + value.text());
      }
    }
    const auto time = rfc3339(event["time"].number());
    if (arguments.flag("json")) {
      print(print_json(Value::object()
                           .set("time", time)
                           .set("type", "container")
                           .set("service", service)
                           .set("id", event["Actor"]["ID"].text())
                           .set("action", event["Action"].text())
                           .set("attributes", shown)) +
            "\n");
    } else {
      print(time + " container " + event["Action"].text() + " " +
            event["Actor"]["ID"].text() + " (" + join(pairs, ", ") + ")\n");
    }
  });
  return 0;
}

int version(Context& context, const Arguments& arguments) {
  static_cast<void>(context);
  if (arguments.flag("short")) {
    print(std::string(build_info.version) + "\n");
  } else if (arguments.text("format") == "json") {
    print("{\"version\":\"" + std::string(build_info.version) + "\"}\n");
  } else {
    print("docker-cpp compose version " + std::string(build_info.version) +
          "\n");
  }
  return 0;
}

}  // namespace docker_cpp::cli::compose
