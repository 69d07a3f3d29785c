// SPDX-License-Identifier: Apache-2.0
#include "commands/commands.hpp"
#include "commands/storage_commands.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/cli/units.hpp"

namespace docker_cpp::cli::commands {

namespace {

struct Pruned {
  std::string text;
  std::int64_t reclaimed = 0;
};

/// "Deleted Containers:" and the ids, if there are any.
std::string listed(std::string_view heading, const Value& names) {
  if (names.items().empty()) {
    return {};
  }
  auto text = std::string(heading) + ":\n";
  for (const auto& name : names.items()) {
    text += name.text() + "\n";
  }
  return text + "\n";
}

std::string prune_path(std::string_view kind, const Value& filters) {
  http::Query query;
  add_filters(query, filters);
  return "/" + std::string(kind) + "/prune" + query.text();
}

Pruned prune_containers(Engine& engine, const Value& filters) {
  const auto report = engine.post(prune_path("containers", filters));
  return {.text = listed("Deleted Containers", report["ContainersDeleted"]),
          .reclaimed = report["SpaceReclaimed"].number()};
}

Pruned prune_networks(Engine& engine, const Value& filters) {
  const auto report = engine.post(prune_path("networks", filters));
  return {.text = listed("Deleted Networks", report["NetworksDeleted"])};
}

Pruned prune_volumes(Engine& engine, const Value& filters) {
  const auto report = engine.post(prune_path("volumes", filters));
  return {.text = listed("Deleted Volumes", report["VolumesDeleted"]),
          .reclaimed = report["SpaceReclaimed"].number()};
}

Pruned prune_images(Engine& engine, Value filters, bool all) {
  filters.member("dangling").set(all ? "false" : "true", Value(true));
  const auto report = engine.post(prune_path("images", filters));
  Pruned result{.reclaimed = report["SpaceReclaimed"].number()};
  for (const auto& image : report["ImagesDeleted"].items()) {
    const auto& untagged = image["Untagged"].text();
    result.text += untagged.empty() ? "deleted: " + image["Deleted"].text()
                                    : "untagged: " + untagged;
    result.text += "\n";
  }
  if (!result.text.empty()) {
    result.text = "Deleted Images:\n" + result.text + "\n";
  }
  return result;
}

void print_total(std::int64_t reclaimed) {
  print("Total reclaimed space: " + human_size(static_cast<double>(reclaimed)) +
        "\n");
}

int finish(const Pruned& pruned) {
  print(pruned.text);
  print_total(pruned.reclaimed);
  return 0;
}

bool agreed(const Arguments& arguments, const std::string& warning) {
  return arguments.flag("force") ||
         confirm(warning + "\nAre you sure you want to continue?");
}

std::string system_warning(const Arguments& arguments) {
  return std::string(
             "WARNING! This will remove:\n"
             "  - all stopped containers\n"
             "  - all networks not used by at least one container\n") +
         (arguments.flag("volumes")
              ? "  - all anonymous volumes not used by at least one "
                "container\n"
              : "") +
         (arguments.flag("all")
              ? "  - all images without at least one container associated to "
                "them\n"
              : "  - all dangling images\n") +
         (arguments.flag("all") ? "  - all build cache\n"
                                : "  - unused build cache\n");
}

}  // namespace

int container_prune(Context& context, const Arguments& arguments) {
  if (!agreed(arguments, "WARNING! This will remove all stopped containers.")) {
    return 0;
  }
  return finish(
      prune_containers(context.engine, filter_value(arguments.list("filter"))));
}

int image_prune(Context& context, const Arguments& arguments) {
  const bool all = arguments.flag("all");
  const auto* warning =
      all ? "WARNING! This will remove all images without at least one "
            "container associated to them."
          : "WARNING! This will remove all dangling images.";
  if (!agreed(arguments, warning)) {
    return 0;
  }
  return finish(prune_images(context.engine,
                             filter_value(arguments.list("filter")), all));
}

int volume_prune(Context& context, const Arguments& arguments) {
  const bool all = arguments.flag("all");
  const auto* warning =
      all ? "WARNING! This will remove all local volumes not used by at least "
            "one container."
          : "WARNING! This will remove anonymous local volumes not used by at "
            "least one container.";
  if (!agreed(arguments, warning)) {
    return 0;
  }
  auto filters = filter_value(arguments.list("filter"));
  if (all) {
    filters.member("all").set("true", Value(true));
  }
  return finish(prune_volumes(context.engine, filters));
}

int network_prune(Context& context, const Arguments& arguments) {
  if (!agreed(arguments,
              "WARNING! This will remove all custom networks not used by at "
              "least one container.")) {
    return 0;
  }
  print(prune_networks(context.engine, filter_value(arguments.list("filter")))
            .text);
  return 0;
}

int system_prune(Context& context, const Arguments& arguments) {
  if (!agreed(arguments, system_warning(arguments))) {
    return 0;
  }
  auto& engine = context.engine;
  const auto filters = filter_value(arguments.list("filter"));
  std::int64_t reclaimed = 0;
  const auto add = [&](const Pruned& pruned) {
    print(pruned.text);
    reclaimed += pruned.reclaimed;
  };
  add(prune_containers(engine, filters));
  add(prune_networks(engine, filters));
  if (arguments.flag("volumes")) {
    add(prune_volumes(engine, filters));
  }
  add(prune_images(engine, filters, arguments.flag("all")));
  http::Query query;
  query.add_if(arguments.flag("all"), "all");
  reclaimed +=
      engine.post("/build/prune" + query.text())["SpaceReclaimed"].number();
  print_total(reclaimed);
  return 0;
}

}  // namespace docker_cpp::cli::commands
