// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>

#include "commands/support.hpp"
#include "compose/commands.hpp"
#include "compose/normalise.hpp"
#include "compose/service_body.hpp"
#include "compose/session.hpp"

#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::compose {

namespace {

/// Containers of services that the files no longer have.
std::vector<Running> orphans(Session& session) {
  auto all = session.containers(Session::Which::all, {});
  std::erase_if(all, [&](const Running& one) {
    return session.project().services.find(one.service) != nullptr ||
           session.project().disabled.find(one.service) != nullptr;
  });
  return all;
}

void handle_orphans(Session& session) {
  const auto left = orphans(session);
  if (left.empty()) {
    return;
  }
  if (session.arguments.flag("remove-orphans")) {
    remove_containers(session, left, session.arguments.text("timeout"), false);
    return;
  }
  std::vector<std::string> names;
  for (const auto& one : left) {
    names.push_back(one.name);
  }
  print_error("WARNING: Found orphan containers (" + join(names, " ") +
              ") for this project. If you removed or renamed this service in "
              "your compose file, you can run this command with the "
              "--remove-orphans flag to clean it up.\n");
}

ConvergeOptions converge_options(const Arguments& arguments) {
  if (arguments.flag("force-recreate") && arguments.flag("no-recreate")) {
    throw Failure("--force-recreate and --no-recreate are incompatible");
  }
  if (arguments.flag("build") && arguments.flag("no-build")) {
    throw Failure("--build and --no-build are incompatible");
  }
  return {.start = !arguments.flag("no-start"),
          .force_recreate = arguments.flag("force-recreate"),
          .recreate = !arguments.flag("no-recreate"),
          .renew_volumes = arguments.flag("renew-anon-volumes"),
          .timeout = arguments.text("timeout")};
}

int follow(Session& session, std::vector<Running> started) {
  const auto& arguments = session.arguments;
  const auto only = arguments.list("attach");
  const auto never = arguments.list("no-attach");
  std::erase_if(started, [&](const Running& one) {
    const bool named =
        only.empty() || std::ranges::find(only, one.service) != only.end();
    const auto& attach = session.project().service(one.service)["attach"];
    return !named || (!attach.is_null() && !truth(attach)) ||
           std::ranges::find(never, one.service) != never.end();
  });
  session.progress.pause();
  const auto from = arguments.text("exit-code-from");
  return show_logs(
      session, std::move(started),
      {.follow = true,
       .prefix = !arguments.flag("no-log-prefix"),
       .colours = !arguments.flag("no-color"),
       .timestamps = arguments.flag("timestamps"),
       .attached = true,
       .abort_on_exit =
           arguments.flag("abort-on-container-exit") || !from.empty(),
       .abort_on_failure = arguments.flag("abort-on-container-failure"),
       .exit_code_from = from});
}

/// Services that can go together, those first that nobody depends on.
std::vector<std::set<std::string>> levels(const Project& project) {
  std::map<std::string, std::size_t> depth;
  std::vector<std::set<std::string>> all;
  for (const auto& name : project.in_order({}, true)) {
    std::size_t mine = 0;
    for (const auto& [other, how] :
         project.service(name)["depends_on"].members()) {
      if (depth.contains(other)) {
        mine = std::max(mine, depth[other] + 1);
      }
    }
    depth[name] = mine;
    all.resize(std::max(all.size(), mine + 1));
    all[mine].insert(name);
  }
  std::ranges::reverse(all);
  return all;
}

void remove_networks(Session& session, const std::string& project) {
  http::Query query;
  add_filters(query, filter_value({"label=" + std::string(labels::project) +
                                   "=" + project}));
  const auto found = session.engine().get("/networks" + query.text());
  for (const auto& network : found.items()) {
    const auto object = "Network " + network["Name"].text();
    session.progress.working(object, "Removing");
    try {
      session.engine().remove("/networks/" + network["Id"].text());
      session.progress.done(object, "Removed");
    } catch (const DaemonFailure& failure) {
      if (failure.reason().find("active endpoints") == std::string::npos &&
          failure.reason().find("in use") == std::string::npos) {
        throw;
      }
      session.progress.failed(object, "Resource is still in use");
    }
  }
}

void remove_volumes(Session& session, const std::string& project) {
  http::Query query;
  add_filters(query, filter_value({"label=" + std::string(labels::project) +
                                   "=" + project}));
  const auto found = session.engine().get("/volumes" + query.text());
  for (const auto& volume : found["Volumes"].items()) {
    const auto& name = volume["Name"].text();
    const auto object = "Volume " + name;
    session.progress.working(object, "Removing");
    session.engine().remove("/volumes/" + http::escape(name));
    session.progress.done(object, "Removed");
  }
}

void remove_images(Session& session, const std::string& which) {
  std::set<std::string> names;
  for (const auto& [name, service] : session.project().services.members()) {
    if (which == "all" || service["image"].is_null()) {
      names.insert(session.project().image_of(name));
    }
  }
  for (const auto& name : names) {
    const auto object = "Image " + name;
    session.progress.working(object, "Removing");
    try {
      session.engine().remove(image_path(name, ""));
      session.progress.done(object, "Removed");
    } catch (const DaemonFailure& failure) {
      session.progress.done(object, failure.status() == 404
                                        ? "No such image"
                                        : "Resource is still in use");
    }
  }
}

}  // namespace

int up(Context& context, const Arguments& arguments) {
  Session session(context, arguments);
  const auto wanted = session.services();
  const auto options = converge_options(arguments);
  const auto names =
      session.project().in_order(wanted, !arguments.flag("no-deps"));
  handle_orphans(session);
  auto started = converge(session, names, options);
  if (arguments.flag("wait")) {
    await_healthy(session, started,
                  arguments.number("wait-timeout").value_or(0));
    return 0;
  }
  if (arguments.flag("detach") || !options.start) {
    return 0;
  }
  if (!wanted.empty()) {
    std::erase_if(started, [&](const Running& one) {
      return std::ranges::find(wanted, one.service) == wanted.end();
    });
  }
  return follow(session, std::move(started));
}

int create(Context& context, const Arguments& arguments) {
  Session session(context, arguments);
  auto options = converge_options(arguments);
  options.start = false;
  const auto names = session.project().in_order(session.services(), true);
  handle_orphans(session);
  converge(session, names, options);
  return 0;
}

int scale(Context& context, const Arguments& arguments) {
  auto changed = arguments;
  std::vector<std::string> names;
  for (const auto& word : arguments.words) {
    const auto [name, count] = cut(word, '=');
    if (count.empty()) {
      throw Failure("invalid scale specifier: " + word);
    }
    names.push_back(name);
  }
  changed.options.emplace_back("scale", arguments.words);
  changed.words = names;
  Session session(context, changed);
  const auto wanted = session.services();
  converge(session,
           session.project().in_order(wanted, !arguments.flag("no-deps")), {});
  return 0;
}

int down(Context& context, const Arguments& arguments) {
  Session session(context, arguments);
  const auto wanted = session.services();
  const auto project = session.name();
  auto there = session.containers(Session::Which::all, wanted, wanted.empty());
  const bool known =
      !arguments.given("project-name") || !arguments.list("file").empty();
  if (known && wanted.empty() && !arguments.flag("remove-orphans")) {
    const auto left = orphans(session);
    std::erase_if(there, [&](const Running& one) {
      return std::ranges::find(left, one.id, &Running::id) != left.end();
    });
  }
  if (const auto rmi = arguments.text("rmi");
      !rmi.empty() && rmi != "all" && rmi != "local") {
    throw Failure("invalid value for --rmi: " + quote(rmi));
  }
  // Those that others depend on go last.
  if (known) {
    for (const auto& level : levels(session.project())) {
      std::vector<Running> part;
      std::ranges::copy_if(
          there, std::back_inserter(part),
          [&](const Running& one) { return level.contains(one.service); });
      std::erase_if(there, [&](const Running& one) {
        return level.contains(one.service);
      });
      remove_containers(session, part, arguments.text("timeout"),
                        arguments.flag("volumes"));
    }
  }
  remove_containers(session, there, arguments.text("timeout"),
                    arguments.flag("volumes"));
  if (!wanted.empty()) {
    return 0;
  }
  remove_networks(session, project);
  if (arguments.flag("volumes")) {
    remove_volumes(session, project);
  }
  if (const auto rmi = arguments.text("rmi"); !rmi.empty()) {
    remove_images(session, rmi);
  }
  return 0;
}

}  // namespace docker_cpp::cli::compose
