// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "commands/support.hpp"
#include "compose/commands.hpp"
#include "compose/service_body.hpp"
#include "compose/session.hpp"

#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::compose {

namespace {

std::string with_timeout(const Arguments& arguments, const std::string& path) {
  const auto timeout = arguments.text("timeout");
  return timeout.empty() ? path : path + "?t=" + timeout;
}

/// The same for all containers of the services that are named.
int act(Context& context, const Arguments& arguments, Session::Which which,
        const Session::Action& action) {
  Session session(context, arguments);
  session.all_of(session.containers(which, session.services()), action);
  return 0;
}

}  // namespace

int start(Context& context, const Arguments& arguments) {
  Session session(context, arguments);
  const auto wanted = session.services();
  if (session.containers(Session::Which::all, wanted).empty()) {
    throw Failure("no container found for project " + quote(session.name()) +
                  ": not found");
  }
  for (const auto& name : session.project().in_order(wanted, true)) {
    await_dependencies(session, name);
    session.all_of(session.containers(Session::Which::all, {name}),
                   {.doing = "Starting", .done = "Started", .rest = "/start"});
  }
  return 0;
}

int stop(Context& context, const Arguments& arguments) {
  return act(context, arguments, Session::Which::running,
             {.doing = "Stopping",
              .done = "Stopped",
              .rest = with_timeout(arguments, "/stop")});
}

int restart(Context& context, const Arguments& arguments) {
  return act(context, arguments, Session::Which::all,
             {.doing = "Restarting",
              .done = "Started",
              .rest = with_timeout(arguments, "/restart")});
}

int pause(Context& context, const Arguments& arguments) {
  return act(context, arguments, Session::Which::running,
             {.doing = "Pausing", .done = "Paused", .rest = "/pause"});
}

int unpause(Context& context, const Arguments& arguments) {
  return act(context, arguments, Session::Which::running,
             {.doing = "Unpausing", .done = "Unpaused", .rest = "/unpause"});
}

int kill(Context& context, const Arguments& arguments) {
  const auto signal = arguments.text("signal");
  return act(context, arguments, Session::Which::running,
             {.doing = "Killing",
              .done = "Killed",
              .rest = signal.empty() ? "/kill" : "/kill?signal=" + signal,
              .also_fine = 409});
}

int rm(Context& context, const Arguments& arguments) {
  Session session(context, arguments);
  const auto wanted = session.services();
  auto found = session.containers(Session::Which::all, wanted);
  if (!arguments.flag("stop")) {
    std::erase_if(found, [](const Running& one) {
      return one.state == "running" || one.state == "paused" ||
             one.state == "restarting";
    });
  }
  if (found.empty()) {
    print_error("No stopped containers\n");
    return 0;
  }
  std::vector<std::string> names;
  for (const auto& one : found) {
    names.push_back(one.name);
  }
  if (!arguments.flag("force") &&
      !confirm("? Going to remove " + join(names, ", "))) {
    return 0;
  }
  remove_containers(session, found, arguments.text("timeout"),
                    arguments.flag("volumes"));
  return 0;
}

int wait(Context& context, const Arguments& arguments) {
  Session session(context, arguments);
  const auto found =
      session.containers(Session::Which::running, session.services());
  if (found.empty()) {
    throw Failure("no containers for project " + quote(session.name()));
  }
  int code = 0;
  std::vector<Exchange> waiting;
  for (const auto& one : found) {
    waiting.push_back(session.engine().begin(
        {.method = "POST", .path = container_path(one.id, "/wait")}));
  }
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    waiting[i].head();
    const auto result = parse_json(waiting[i].body());
    code = result ? static_cast<int>((*result)["StatusCode"].number()) : 1;
    print("container " + quote(found[i].name) + " exited with status code " +
          std::to_string(code) + "\n");
    if (arguments.flag("down-project")) {
      auto changed = arguments;
      changed.words.clear();
      down(context, changed);
      break;
    }
  }
  return code;
}

int build(Context& context, const Arguments& arguments) {
  Session session(context, arguments);
  const auto wanted = session.services();
  for (const auto& name : session.project().in_order(
           wanted, arguments.flag("with-dependencies"))) {
    if (!session.project().service(name)["build"].is_null()) {
      build_service(session, name);
    }
  }
  return 0;
}

int pull(Context& context, const Arguments& arguments) {
  Session session(context, arguments);
  const auto wanted = session.services();
  std::vector<std::string> failures;
  std::vector<std::string> seen;
  for (const auto& name :
       session.project().in_order(wanted, arguments.flag("include-deps"))) {
    const auto& service = session.project().service(name);
    const auto image = session.project().image_of(name);
    const bool builds = !service["build"].is_null();
    const bool skip = builds && (service["image"].is_null() ||
                                 arguments.flag("ignore-buildable"));
    if (skip || std::ranges::find(seen, image) != seen.end()) {
      session.progress.done(name,
                            skip ? "Skipped - No image to be pulled"
                                 : "Skipped - Image is already being pulled");
      continue;
    }
    seen.push_back(image);
    try {
      pull_service(session, name);
    } catch (const DaemonFailure& failure) {
      if (!arguments.flag("ignore-pull-failures")) {
        throw;
      }
      failures.push_back(failure.message());
    }
  }
  if (!failures.empty()) {
    print_error(join(failures, "\n") + "\n");
  }
  return 0;
}

int push(Context& context, const Arguments& arguments) {
  Session session(context, arguments);
  const auto wanted = session.services();
  for (const auto& name :
       session.project().in_order(wanted, arguments.flag("include-deps"))) {
    const auto& service = session.project().service(name);
    if (service["build"].is_null() || service["image"].is_null()) {
      continue;  // only what is built here is ours to push
    }
    try {
      session.run_line({"push", service["image"].text()});
    } catch (const DaemonFailure&) {
      if (!arguments.flag("ignore-push-failures")) {
        throw;
      }
    }
  }
  return 0;
}

}  // namespace docker_cpp::cli::compose
