// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "commands/commands.hpp"
#include "commands/inspection.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::commands {

namespace {

std::string size_query(const Arguments& arguments) {
  return arguments.flag("size") ? "?size=1" : "";
}

struct ObjectType {
  std::string_view name;
  std::string (*path)(const std::string& name, const std::string& query);
};

/// In the order in which a name without --type is looked for.
constexpr std::array types = {
    ObjectType{"container",
               [](const std::string& name, const std::string& query) {
                 return container_path(name, "/json" + query);
               }},
    ObjectType{"image",
               [](const std::string& name, const std::string&) {
                 return image_path(name, "/json");
               }},
    ObjectType{"network",
               [](const std::string& name, const std::string&) {
                 return "/networks/" + http::escape(name);
               }},
    ObjectType{"volume",
               [](const std::string& name, const std::string&) {
                 return "/volumes/" + http::escape(name);
               }},
    ObjectType{"plugin", [](const std::string& name, const std::string&) {
                 return "/plugins/" + http::escape_path(name) + "/json";
               }}};

Value find_any(Engine& engine, const Arguments& arguments,
               const std::string& name) {
  for (const auto& type : types) {
    try {
      return engine.get(type.path(name, size_query(arguments)));
    } catch (const DaemonFailure& failure) {
      // 404 asks the next one; so does a kind of object that the daemon does
      // not serve at all.
      if (failure.status() != 404 && failure.status() != 501 &&
          failure.status() != 503) {
        throw;
      }
    }
  }
  throw Failure("Error: No such object: " + name);
}

Value find_typed(Engine& engine, const ObjectType& type,
                 const Arguments& arguments, const std::string& name) {
  return engine.get(type.path(name, size_query(arguments)));
}

int inspect_type(Context& context, const Arguments& arguments,
                 std::string_view wanted) {
  const auto* type = std::ranges::find(types, wanted, &ObjectType::name);
  if (type == types.end()) {
    throw Failure(
        "unknown type: " + quote(wanted) +
        ": must be one of \"config\", \"container\", \"image\", \"network\", "
        "\"node\", \"plugin\", \"secret\", \"service\", \"task\", \"volume\"");
  }
  return inspect_all(
      arguments.text("format"), arguments.words, [&](const std::string& name) {
        return find_typed(context.engine, *type, arguments, name);
      });
}

}  // namespace

int inspect(Context& context, const Arguments& arguments) {
  if (const auto type = arguments.text("type"); !type.empty()) {
    return inspect_type(context, arguments, type);
  }
  return inspect_all(arguments.text("format"), arguments.words,
                     [&](const std::string& name) {
                       return find_any(context.engine, arguments, name);
                     });
}

int container_inspect(Context& context, const Arguments& arguments) {
  return inspect_type(context, arguments, "container");
}

int network_inspect(Context& context, const Arguments& arguments) {
  return inspect_type(context, arguments, "network");
}

int image_inspect(Context& context, const Arguments& arguments) {
  return inspect_type(context, arguments, "image");
}

}  // namespace docker_cpp::cli::commands
