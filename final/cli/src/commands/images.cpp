// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "commands/commands.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/cli/times.hpp"
#include "docker_cpp/cli/units.hpp"

namespace docker_cpp::cli::commands {

namespace {

constexpr const char* none = "<none>";

using Header = std::pair<std::string_view, std::string_view>;
constexpr std::array headers = {Header{"Containers", "CONTAINERS"},
                                Header{"CreatedAt", "CREATED AT"},
                                Header{"CreatedSince", "CREATED"},
                                Header{"Digest", "DIGEST"},
                                Header{"ID", "IMAGE ID"},
                                Header{"Repository", "REPOSITORY"},
                                Header{"SharedSize", "SHARED SIZE"},
                                Header{"Size", "SIZE"},
                                Header{"Tag", "TAG"},
                                Header{"UniqueSize", "UNIQUE SIZE"},
                                Header{"VirtualSize", "SIZE"}};

constexpr std::string_view table =
    "{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}";
constexpr std::string_view table_with_digests =
    "{{.Repository}}\t{{.Tag}}\t{{.Digest}}\t{{.ID}}\t{{.CreatedSince}}\t"
    "{{.Size}}";

struct ImageName {
  std::string repository = none;
  std::string tag = none;
  std::string digest = none;
};

/// "localhost:5000/x:1" without and after its tag.
std::pair<std::string, std::string> split_tag(const std::string& name) {
  const auto colon = name.rfind(':');
  return colon == std::string::npos ||
                 name.find('/', colon) != std::string::npos
             ? std::pair(name, std::string(none))
             : std::pair(name.substr(0, colon), name.substr(colon + 1));
}

std::vector<std::string> digests_of(const Value& image,
                                    const std::string& repository) {
  std::vector<std::string> digests;
  for (const auto& one : image["RepoDigests"].items()) {
    const auto [name, digest] = cut(one.text(), '@');
    if (name == repository) {
      digests.push_back(digest);
    }
  }
  return digests;
}

/// A line for each tag; for each digest of a repository without one.
std::vector<ImageName> names_of(const Value& image, bool with_digests) {
  std::vector<ImageName> names;
  for (const auto& one : image["RepoTags"].items()) {
    if (one.text() == "<none>:<none>") {
      continue;
    }
    auto [repository, tag] = split_tag(one.text());
    const auto digests = digests_of(image, repository);
    names.push_back(
        {.repository = repository,
         .tag = tag,
         .digest = digests.empty() || !with_digests ? none : digests.front()});
  }
  if (names.empty()) {
    for (const auto& one : image["RepoDigests"].items()) {
      auto [repository, digest] = cut(one.text(), '@');
      if (repository != none) {
        names.push_back(
            {.repository = repository, .digest = with_digests ? digest : none});
      }
    }
  }
  if (names.empty()) {
    names.emplace_back();
  }
  return names;
}

std::string counted(std::int64_t number) {
  return number < 0 ? "N/A" : std::to_string(number);
}

std::string sized(std::int64_t size) {
  return size < 0 ? "N/A" : human_size(static_cast<double>(size), 3);
}

Value image_row(const Value& image, const ImageName& name, bool whole_ids) {
  const auto created = image["Created"].number();
  const auto& id = image["Id"].text();
  const auto size = image["Size"].number();
  const auto shared = image["SharedSize"].number();
  const auto age = std::chrono::seconds(now().seconds - created);
  auto row = Value::object();
  row.set("Containers", counted(image["Containers"].number()))
      .set("CreatedAt", go_time(created))
      .set("CreatedSince", human_duration(age) + " ago")
      .set("Digest", name.digest)
      .set("ID", whole_ids ? id : short_id(id))
      .set("Repository", name.repository)
      .set("SharedSize", sized(shared))
      .set("Size", sized(size))
      .set("Tag", name.tag)
      .set("UniqueSize", shared < 0 ? "N/A" : sized(size - shared))
      .set("VirtualSize", human_size(static_cast<double>(size)));
  return row;
}

std::string list_path(const Arguments& arguments) {
  auto filters = filter_value(arguments.list("filter"));
  if (!arguments.words.empty()) {
    filters.member("reference").set(arguments.words[0], Value(true));
  }
  http::Query query;
  query.add_if(arguments.flag("all"), "all");
  add_filters(query, filters);
  return "/images/json" + query.text();
}

}  // namespace

int images(Context& context, const Arguments& arguments) {
  const auto list = context.engine.get(list_path(arguments));
  auto format = arguments.text("format");
  if (arguments.flag("quiet") && (format.empty() || format == "table")) {
    format = "{{.ID}}";
  }
  const bool digests = arguments.flag("digests");
  const bool with_digests =
      digests || format.find(".Digest") != std::string::npos;
  std::vector<Value> rows;
  for (const auto& image : list.items()) {
    for (const auto& name : names_of(image, with_digests)) {
      rows.push_back(image_row(image, name, arguments.flag("no-trunc")));
    }
  }
  print_list(format,
             {.table = digests ? table_with_digests : table,
              .headers = headers,
              .type = "*formatter.imageContext"},
             rows);
  return 0;
}

}  // namespace docker_cpp::cli::commands
