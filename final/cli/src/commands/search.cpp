// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "commands/commands.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/reference.hpp"
#include "docker_cpp/cli/registry_login.hpp"
#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::commands {

namespace {

using Header = std::pair<std::string_view, std::string_view>;
constexpr std::array headers = {
    Header{"Description", "DESCRIPTION"}, Header{"IsAutomated", "AUTOMATED"},
    Header{"IsOfficial", "OFFICIAL"}, Header{"Name", "NAME"},
    Header{"StarCount", "STARS"}};
constexpr std::string_view table =
    "{{.Name}}\t{{.Description}}\t{{.StarCount}}\t{{.IsOfficial}}";

Value search_row(const Value& found, bool whole) {
  auto description = found["description"].text();
  for (char& c : description) {
    c = c == '\n' || c == '\r' ? ' ' : c;
  }
  const auto mark = [&](const char* key) {
    return std::string(found[key].flag() ? "[OK]" : "");
  };
  auto row = Value::object();
  row.set("Description", whole ? description : ellipsis(description, 45))
      .set("IsAutomated", mark("is_automated"))
      .set("IsOfficial", mark("is_official"))
      .set("Name", found["name"].text())
      .set("StarCount", std::to_string(found["star_count"].number()));
  return row;
}

}  // namespace

int search(Context& context, const Arguments& arguments) {
  http::Query query;
  query.add("term", arguments.words[0]);
  if (arguments.given("limit")) {
    query.add("limit", arguments.text("limit"));
  }
  add_filters(query, filter_value(arguments.list("filter")));
  const auto reference = parse_reference(arguments.words[0]);
  const auto domain =
      reference ? cut(reference->full, '/').first : std::string();
  const auto text = context.engine.call(
      {.method = "GET",
       .path = "/images/search" + query.text(),
       .headers = {
           {"X-Registry-Auth", registry_auth(context.config, domain)}}});
  const auto found = parse_json(text);
  if (!found) {
    throw Failure("the daemon's answer is not JSON: " + found.error());
  }
  std::vector<Value> rows;
  for (const auto& one : found->items()) {
    rows.push_back(search_row(one, arguments.flag("no-trunc")));
  }
  print_list(
      arguments.text("format"),
      {.table = table, .headers = headers, .type = "*formatter.searchContext"},
      rows);
  return 0;
}

}  // namespace docker_cpp::cli::commands
