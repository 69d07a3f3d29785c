// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include "commands/commands.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/template.hpp"
#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/cli/times.hpp"

namespace docker_cpp::cli::commands {

namespace {

std::string events_path(const Arguments& arguments) {
  http::Query query;
  add_filters(query, filter_value(arguments.list("filter")));
  for (const auto* option : {"since", "until"}) {
    if (arguments.given(option)) {
      query.add(option, timestamp(arguments.text(option)));
    }
  }
  return "/events" + query.text();
}

std::string line_of(const Value& event) {
  constexpr std::int64_t second = 1'000'000'000;
  const auto nanoseconds = event["timeNano"].number();
  const Instant at =
      nanoseconds != 0
          ? Instant{.seconds = nanoseconds / second,
                    .nanoseconds = static_cast<int>(nanoseconds % second)}
          : Instant{.seconds = event["time"].number()};
  const auto& actor = event["Actor"];
  auto line = rfc3339_nano(at) + " " + event["Type"].text() + " " +
              event["Action"].text() + " " + actor["ID"].text();
  std::vector<std::string> attributes;
  for (const auto& [key, value] : actor["Attributes"].members()) {
    attributes.push_back(key + "=" + value.text());
  }
  std::ranges::sort(attributes);
  if (!attributes.empty()) {
    line += " (" + join(attributes, ", ") + ")";
  }
  return line;
}

/// A template sees the fields under the names of Go's struct, too.
Value with_go_names(Value event) {
  for (const auto& [plain, go] :
       {std::pair{"status", "Status"}, std::pair{"id", "ID"},
        std::pair{"from", "From"}, std::pair{"scope", "Scope"},
        std::pair{"time", "Time"}, std::pair{"timeNano", "TimeNano"}}) {
    const auto value = event[plain];
    event.set(go, value.is_null() ? Value("") : value);
  }
  return event;
}

}  // namespace

int events(Context& context, const Arguments& arguments) {
  const auto format = arguments.text("format");
  std::optional<Template> shape;
  if (!format.empty() && format != "json") {
    auto parsed = Template::parse(format);
    if (!parsed) {
      throw Failure("Error parsing format: " + parsed.error(), 64);
    }
    shape = *std::move(parsed);
  }
  auto exchange =
      context.engine.open({.method = "GET", .path = events_path(arguments)});
  read_json_lines(exchange, [&](const Value& event) {
    if (!shape) {
      print((format.empty() ? line_of(event) : print_json(event)) + "\n");
      return;
    }
    const auto text =
        shape->render(with_go_names(event), {.type = {}, .gaps = true});
    if (!text) {
      throw Failure(text.error());
    }
    print(*text + "\n");
  });
  return 0;
}

}  // namespace docker_cpp::cli::commands
