// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <functional>

#include "commands/container_row.hpp"
#include "commands/storage_commands.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/table.hpp"
#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/cli/times.hpp"
#include "docker_cpp/cli/units.hpp"

namespace docker_cpp::cli::commands {

namespace {

using Header = std::pair<std::string_view, std::string_view>;
constexpr std::array headers = {
    Header{"Type", "TYPE"}, Header{"TotalCount", "TOTAL"},
    Header{"Active", "ACTIVE"}, Header{"Size", "SIZE"},
    Header{"Reclaimable", "RECLAIMABLE"}};

std::string size_text(std::int64_t bytes) {
  return human_size(static_cast<double>(bytes));
}

struct Usage {
  std::string type;
  std::size_t total = 0;
  std::int64_t active = 0;
  std::int64_t size = 0;
  std::int64_t reclaimable = 0;
};

Value usage_row(const Usage& usage) {
  auto reclaimable = size_text(usage.reclaimable);
  if (usage.size > 0) {
    reclaimable +=
        " (" + std::to_string(usage.reclaimable * 100 / usage.size) + "%)";
  }
  auto row = Value::object();
  row.set("Active", std::to_string(usage.active))
      .set("Reclaimable", reclaimable)
      .set("Size", size_text(usage.size))
      .set("TotalCount", std::to_string(usage.total))
      .set("Type", usage.type);
  return row;
}

/// What no image in use needs can be had back.
Usage image_usage(const Value& report) {
  Usage usage{.type = "Images",
              .total = report["Images"].size(),
              .size = report["LayersSize"].number()};
  std::int64_t used = 0;
  for (const auto& image : report["Images"].items()) {
    if (image["Containers"].number() > 0) {
      ++usage.active;
      used += image["Size"].number() - image["SharedSize"].number();
    }
  }
  usage.reclaimable = std::max<std::int64_t>(0, usage.size - used);
  if (usage.active == static_cast<std::int64_t>(usage.total)) {
    usage.reclaimable = 0;
  }
  return usage;
}

Usage container_usage(const Value& report) {
  Usage usage{.type = "Containers", .total = report["Containers"].size()};
  for (const auto& container : report["Containers"].items()) {
    const auto& state = container["State"].text();
    const auto size = container["SizeRw"].number();
    const bool active =
        state == "running" || state == "paused" || state == "restarting";
    usage.size += size;
    usage.active += active ? 1 : 0;
    usage.reclaimable += active ? 0 : size;
  }
  return usage;
}

Usage volume_usage(const Value& report) {
  Usage usage{.type = "Local Volumes", .total = report["Volumes"].size()};
  for (const auto& volume : report["Volumes"].items()) {
    const auto& data = volume["UsageData"];
    const bool active = data["RefCount"].number() > 0;
    usage.size += data["Size"].number();
    usage.active += active ? 1 : 0;
    usage.reclaimable += active ? 0 : data["Size"].number();
  }
  return usage;
}

Usage cache_usage(const Value& report) {
  Usage usage{.type = "Build Cache", .total = report["BuildCache"].size()};
  for (const auto& entry : report["BuildCache"].items()) {
    const auto size = entry["Size"].number();
    usage.size += size;
    usage.active += entry["InUse"].flag() ? 1 : 0;
    usage.reclaimable += entry["InUse"].flag() ? 0 : size;
  }
  return usage;
}

std::string lines_of(const Value& report, const char* list,
                     const std::function<std::string(const Value&)>& line) {
  std::string text;
  for (const auto& item : report[list].items()) {
    text += line(item) + "\n";
  }
  return text;
}

std::string age(std::int64_t created) {
  return human_duration(std::chrono::seconds(now().seconds - created)) + " ago";
}

/// "busybox\tlatest"
std::string named(const Value& image) {
  const auto name = image["RepoTags"].at(0).text();
  const auto colon = name.rfind(':');
  return colon == std::string::npos
             ? std::string("<none>\t<none>")
             : name.substr(0, colon) + "\t" + name.substr(colon + 1);
}

void print_cache(const Value& report) {
  print("\nBuild cache usage: " + size_text(cache_usage(report).size) + "\n\n");
  print(align(
      "CACHE ID\tCACHE TYPE\tSIZE\tCREATED\tLAST USED\tUSAGE\t"
      "SHARED\n" +
      lines_of(report, "BuildCache", [](const Value& entry) {
        const auto when = [&](const char* key) {
          const auto at = parse_time(entry[key].text());
          return at ? age(at->seconds) : std::string();
        };
        return short_id(entry["ID"].text()) + "\t" + entry["Type"].text() +
               "\t" + size_text(entry["Size"].number()) + "\t" +
               when("CreatedAt") + "\t" + when("LastUsedAt") + "\t" +
               std::to_string(entry["UsageCount"].number()) + "\t" +
               (entry["Shared"].flag() ? "true" : "false");
      })));
}

void print_verbose(const Value& report) {
  print("Images space usage:\n\n");
  print(align(
      "REPOSITORY\tTAG\tIMAGE ID\tCREATED\tSIZE\tSHARED SIZE\tUNIQUE "
      "SIZE\tCONTAINERS\n" +
      lines_of(report, "Images", [](const Value& image) {
        const auto size = image["Size"].number();
        const auto shared = image["SharedSize"].number();
        return named(image) + "\t" + short_id(image["Id"].text()) + "\t" +
               age(image["Created"].number()) + "\t" + size_text(size) + "\t" +
               size_text(shared) + "\t" + size_text(size - shared) + "\t" +
               std::to_string(image["Containers"].number());
      })));
  print("\nContainers space usage:\n\n");
  print(
      align("CONTAINER ID\tIMAGE\tCOMMAND\tLOCAL VOLUMES\tSIZE\tCREATED\t"
            "STATUS\tNAMES\n" +
            lines_of(report, "Containers", [](const Value& container) {
              const auto row = container_row(container, Cut::yes);
              return row["ID"].text() + "\t" + row["Image"].text() + "\t" +
                     row["Command"].text() + "\t" + row["LocalVolumes"].text() +
                     "\t" + size_text(container["SizeRw"].number()) + "\t" +
                     row["RunningFor"].text() + "\t" + row["Status"].text() +
                     "\t" + row["Names"].text();
            })));
  print("\nLocal Volumes space usage:\n\n");
  print(align("VOLUME NAME\tLINKS\tSIZE\n" +
              lines_of(report, "Volumes", [](const Value& volume) {
                const auto& data = volume["UsageData"];
                return volume["Name"].text() + "\t" +
                       std::to_string(data["RefCount"].number()) + "\t" +
                       size_text(data["Size"].number());
              })));
  print_cache(report);
}

}  // namespace

int system_df(Context& context, const Arguments& arguments) {
  const auto report = context.engine.get("/system/df");
  if (arguments.flag("verbose")) {
    print_verbose(report);
    return 0;
  }
  print_list(
      arguments.text("format"),
      {.table = "{{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t"
                "{{.Reclaimable}}",
       .headers = headers,
       .type = "*formatter.diskUsageImagesContext"},
      {usage_row(image_usage(report)), usage_row(container_usage(report)),
       usage_row(volume_usage(report)), usage_row(cache_usage(report))});
  return 0;
}

}  // namespace docker_cpp::cli::commands
