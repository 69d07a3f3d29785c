// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "build/build_cache.hpp"
#include "build/build_output.hpp"
#include "build/build_view.hpp"
#include "build/context_source.hpp"
#include "commands/commands.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/reference.hpp"
#include "docker_cpp/cli/registry_login.hpp"
#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/cli/units.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::cli::commands {
namespace {

/// A variable without a value takes ours, or is left out.
Value build_arguments(const Arguments& arguments) {
  Value all = Value::object();
  for (const std::string& argument : arguments.list("build-arg")) {
    const auto [name, value] = cut(argument, '=');
    if (argument.find('=') != std::string::npos) {
      all.set(name, value);
    } else if (const char* ours = std::getenv(name.c_str())) {
      all.set(name, ours);
    }
  }
  const char* epoch = std::getenv("SOURCE_DATE_EPOCH");
  if (epoch != nullptr && all.find("SOURCE_DATE_EPOCH") == nullptr) {
    all.set("SOURCE_DATE_EPOCH", epoch);
  }
  return all;
}

Value labels(const Arguments& arguments) {
  Value all = Value::object();
  for (const std::string& label : arguments.list("label")) {
    const auto [name, value] = cut(label, '=');
    all.set(name, value);
  }
  return all;
}

/// "default", "default=/socket", "id=/socket"
Value agents(const Arguments& arguments) {
  Value all = Value::object();
  for (const std::string& agent : arguments.list("ssh")) {
    const auto [id, path] = cut(agent, '=');
    const char* ours = std::getenv("SSH_AUTH_SOCK");
    if (path.empty() && ours == nullptr) {
      throw Failure(
          "invalid empty ssh agent socket: make sure SSH_AUTH_SOCK "
          "is set");
    }
    all.set(id, path.empty() ? std::string(ours) : path);
  }
  return all;
}

Value image_contexts(const Arguments& arguments) {
  constexpr std::string_view scheme = "docker-image://";
  Value all = Value::object();
  for (const std::string& context : arguments.list("build-context")) {
    const auto [name, place] = cut(context, '=');
    if (place.starts_with(scheme)) {
      all.set(name, place.substr(scheme.size()));
    }
  }
  return all;
}

void add_limits(http::Query& query, const Arguments& arguments) {
  for (const auto& [option, key] : {std::pair("cpu-period", "cpuperiod"),
                                    std::pair("cpu-quota", "cpuquota"),
                                    std::pair("cpu-shares", "cpushares")}) {
    if (const auto number = arguments.number(option)) {
      query.add(key, std::to_string(*number));
    }
  }
  for (const auto& [option, key] :
       {std::pair("memory", "memory"), std::pair("memory-swap", "memswap"),
        std::pair("shm-size", "shmsize")}) {
    if (arguments.given(option)) {
      query.add(key, std::to_string(arguments.bytes(option)));
    }
  }
  for (const auto& [option, key] :
       {std::pair("cpuset-cpus", "cpusetcpus"),
        std::pair("cpuset-mems", "cpusetmems"),
        std::pair("cgroup-parent", "cgroupparent"),
        std::pair("network", "networkmode"), std::pair("platform", "platform"),
        std::pair("target", "target")}) {
    if (const auto text = arguments.text(option); !text.empty()) {
      query.add(key, text);
    }
  }
}

void add_object(http::Query& query, std::string_view key, const Value& object) {
  if (object.size() > 0) {
    query.add(key, print_json(object));
  }
}

std::vector<BuildCachePlace> cache_places(const Arguments& arguments,
                                          const char* option) {
  std::vector<BuildCachePlace> places;
  for (const std::string& text : arguments.list(option)) {
    places.push_back(parse_build_cache(option, text));
  }
  return places;
}

http::Query query_of(const Arguments& arguments, const ContextSource& source,
                     const std::vector<std::string>& cache_from) {
  http::Query query;
  if (!cache_from.empty()) {
    query.add("cachefrom", print_json(Value::strings(cache_from)));
  }
  query.add("dockerfile", source.dockerfile);
  for (const std::string& tag : arguments.list("tag")) {
    if (const auto name = parse_reference(tag); !name) {
      throw Failure("invalid argument \"" + tag +
                        "\" for \"-t, --tag\" flag: " + name.error(),
                    125);
    }
    query.add("t", tag);
  }
  if (!source.remote.empty()) {
    query.add("remote", source.remote);
  }
  query.add_if(arguments.flag("quiet"), "q");
  query.add_if(arguments.flag("no-cache"), "nocache");
  query.add_if(arguments.flag("pull"), "pull");
  query.add("rm", arguments.flag("rm", true) ? "1" : "0");
  query.add_if(arguments.flag("force-rm"), "forcerm");
  add_object(query, "buildargs", build_arguments(arguments));
  add_object(query, "labels", labels(arguments));
  for (const std::string& host : arguments.list("add-host")) {
    query.add("extrahosts", host);
  }
  add_limits(query, arguments);
  if (source.has_folders()) {
    query.add("layout", "folders");
  }
  for (const std::string& right : arguments.list("allow")) {
    query.add("allow", right);
  }
  add_object(query, "ssh", agents(arguments));
  add_object(query, "imagecontexts", image_contexts(arguments));
  return query;
}

BuildView::Style style_of(const Arguments& arguments) {
  const std::string progress = arguments.text("progress", "auto");
  if (progress != "auto" && progress != "plain" && progress != "tty") {
    throw Failure("invalid progress mode " + progress);
  }
  if (arguments.flag("quiet")) {
    return BuildView::Style::quiet;
  }
  const bool moving =
      progress == "tty" || (progress == "auto" && ::isatty(STDOUT_FILENO) == 1);
  return moving ? BuildView::Style::moving : BuildView::Style::plain;
}

}  // namespace

int build(Context& context, const Arguments& arguments) {
  const ContextSource source = choose_context(arguments);
  std::vector<BuildOutputSpec> outputs;
  for (const std::string& output : arguments.list("output")) {
    outputs.push_back(parse_build_output(output));
  }
  const auto cache_to = cache_places(arguments, "cache-to");
  const auto cache_from =
      import_build_cache(context, cache_places(arguments, "cache-from"));
  BuildView view(style_of(arguments));
  ContextBody body(source);
  auto exchange = context.engine.open(
      {.method = "POST",
       .path = "/build" + query_of(arguments, source, cache_from).text(),
       .content_type = "application/x-tar",
       .headers = {{"X-Registry-Config", registry_config(context.config)}},
       .body_file = body.fd()});
  read_json_lines(exchange, [&](const Value& message) { view.take(message); });
  body.finish();
  view.finish();
  if (arguments.flag("quiet")) {
    print(view.image() + "\n");
  }
  if (const auto path = arguments.text("iidfile"); !path.empty()) {
    const auto file =
        sys::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (!file) {
      throw Failure("open " + path + ": " +
                    to_lower(::strerror(file.error().code)));
    }
    write_to(file->get(), view.image());
  }
  for (const BuildOutputSpec& output : outputs) {
    write_build_output(context.engine, view.image(), output);
  }
  export_build_cache(context, view.image(), cache_to);
  return 0;
}

int builder_prune(Context& context, const Arguments& arguments) {
  const bool all = arguments.flag("all");
  if (!arguments.flag("force") &&
      !confirm(all ? "WARNING! This will remove all build cache. Are you sure "
                     "you want to continue?"
                   : "WARNING! This will remove all dangling build cache. Are "
                     "you sure you want to continue?")) {
    return 0;
  }
  http::Query query;
  query.add_if(all, "all");
  if (arguments.given("keep-storage")) {
    query.add("keep-storage", std::to_string(arguments.bytes("keep-storage")));
  }
  add_filters(query, filter_value(arguments.list("filter")));
  const Value answer = context.engine.post("/build/prune" + query.text());
  const auto& deleted = answer["CachesDeleted"].items();
  if (!deleted.empty()) {
    print("Deleted build cache objects:\n");
    for (const Value& key : deleted) {
      print(key.text() + "\n");
    }
    print("\n");
  }
  print("Total reclaimed space: " +
        human_size(static_cast<double>(answer["SpaceReclaimed"].number())) +
        "\n");
  return 0;
}

}  // namespace docker_cpp::cli::commands
