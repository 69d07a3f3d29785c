// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>
#include <array>
#include <random>

#include "commands/attach_session.hpp"
#include "commands/support.hpp"
#include "compose/commands.hpp"
#include "compose/normalise.hpp"
#include "compose/service_body.hpp"
#include "compose/session.hpp"

#include "docker_cpp/cli/create_parts.hpp"
#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::compose {

namespace {

std::string random_suffix() {
  std::random_device device;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (int i = 0; i < 12; ++i) {
    text += digits[device() % digits.size()];
  }
  return text;
}

/// The service, with what `run`'s options say instead.
Value changed_service(Value service, const Arguments& arguments) {
  for (const auto& entry : arguments.list("env")) {
    const auto [key, value] = cut(env_entry(entry), '=');
    service.member("environment").set(key, value);
  }
  for (const auto& entry : arguments.list("label")) {
    const auto [key, value] = cut(entry, '=');
    service.member("labels").set(key, value);
  }
  for (const auto& [option, key] :
       Pairs{{"user", "user"}, {"workdir", "working_dir"}}) {
    if (arguments.given(option)) {
      service.set(key, arguments.text(option));
    }
  }
  for (const auto* option : {"cap-add", "cap-drop"}) {
    for (const auto& capability : arguments.list(option)) {
      service.member(std::string(option) == "cap-add" ? "cap_add" : "cap_drop")
          .append(capability);
    }
  }
  if (arguments.given("entrypoint")) {
    const auto words = shell_words(arguments.text("entrypoint"));
    if (!words) {
      throw Failure(words.error());
    }
    service.set("entrypoint", Value::strings(*words));
  }
  if (arguments.words.size() > 1) {
    service.set("command", Value::strings({arguments.words.begin() + 1,
                                           arguments.words.end()}));
  } else if (arguments.given("entrypoint")) {
    service.set("command", Value());
  }
  return service;
}

void add_volumes_and_ports(const Arguments& arguments, const std::string& name,
                           Value& service, const Project& project) {
  auto extra = Value::object();
  if (!arguments.list("volume").empty()) {
    extra.set("volumes", Value::strings(arguments.list("volume")));
  }
  if (!arguments.list("publish").empty()) {
    extra.set("ports", Value::strings(arguments.list("publish")));
  }
  const auto more =
      normalise_service(name, extra, project.folder, project.variables);
  if (!arguments.flag("service-ports")) {
    service.set("ports", Value());
  }
  service = merge_services(service, more);
}

int attach_and_start(Session& session, const std::string& id, bool tty,
                     bool input) {
  check_terminal(input, tty && ::isatty(STDIN_FILENO) != 0);
  AttachSession attached(session.engine(), {.id = id,
                                            .tty = tty,
                                            .stdin_stream = input,
                                            .stdout_stream = true,
                                            .stderr_stream = true,
                                            .proxy_signals = !tty,
                                            .condition = "next-exit"});
  session.engine().post(container_path(id, "/start"));
  attached.started();
  return attached.run().exit_code;
}

}  // namespace

int run(Context& context, const Arguments& arguments) {
  auto words_are_a_command = arguments;
  words_are_a_command.words.resize(1);
  Session session(context, words_are_a_command);
  auto& project = session.project();
  const auto name = arguments.words[0];
  auto service = changed_service(project.service(name), arguments);
  add_volumes_and_ports(arguments, name, service, project);
  const bool tty = !arguments.flag("no-TTY", ::isatty(STDOUT_FILENO) == 0);
  const bool detach = arguments.flag("detach");
  service.set("tty", Value(tty && !detach))
      .set("stdin_open", Value(arguments.flag("interactive", true) && !detach))
      .set("restart", Value());
  if (!arguments.flag("no-deps")) {
    auto needed = project.in_order({name}, true);
    std::erase(needed, name);
    if (!needed.empty()) {
      converge(session, needed, {});
    }
    await_dependencies(session, name);
  }
  ensure_images(session, {name});
  project.services.set(name, service);
  ensure_networks(session, {name});
  ensure_volumes(session, {name});
  PlanOptions options{.oneoff = true,
                      .use_aliases = arguments.flag("use-aliases"),
                      .name = arguments.text("name")};
  if (options.name.empty()) {
    options.name = project.name + "-" + name + "-run-" + random_suffix();
  }
  for (const auto& one : session.containers(Session::Which::all, {})) {
    options.containers.emplace_back(one.service, one.id);
  }
  const bool input = service["stdin_open"].flag();
  auto changes = Value::object();
  changes.set("AttachStdin", Value(input))
      .set("AttachStdout", Value(!detach))
      .set("AttachStderr", Value(!detach))
      .set("StdinOnce", Value(input));
  const auto id = create_one(session, name, options, {}, changes);
  session.progress.pause();
  if (detach) {
    session.engine().post(container_path(id, "/start"));
    print(options.name + "\n");
    return 0;
  }
  int code = 0;
  try {
    code = attach_and_start(session, id, service["tty"].flag(), input);
  } catch (const DaemonFailure&) {
    session.engine().remove("/containers/" + id + "?force=1");
    throw;
  }
  if (arguments.flag("rm")) {
    session.engine().remove("/containers/" + id + "?force=1&v=1");
  }
  return code;
}

int exec(Context& context, const Arguments& arguments) {
  auto only_service = arguments;
  only_service.words.resize(1);
  Session session(context, only_service);
  const auto one =
      session.one(arguments.words[0], arguments.number("index").value_or(0));
  std::vector<std::string> words = {"exec"};
  const bool terminal =
      ::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0;
  const bool detach = arguments.flag("detach");
  if (detach) {
    words.emplace_back("-d");
  } else {
    words.emplace_back("-i");
    if (!arguments.flag("no-TTY", !terminal)) {
      words.emplace_back("-t");
    }
  }
  if (arguments.flag("privileged")) {
    words.emplace_back("--privileged");
  }
  for (const auto* option : {"user", "workdir"}) {
    if (arguments.given(option)) {
      words.push_back("--" + std::string(option) + "=" +
                      arguments.text(option));
    }
  }
  for (const auto& entry : arguments.list("env")) {
    words.push_back("--env=" + entry);
  }
  words.push_back(one.id);
  words.insert(words.end(), arguments.words.begin() + 1, arguments.words.end());
  return session.run_line(words);
}

int cp(Context& context, const Arguments& arguments) {
  auto no_services = arguments;
  no_services.words.clear();
  Session session(context, no_services);
  std::vector<std::string> words = {"cp"};
  for (const auto* option : {"archive", "follow-link"}) {
    if (arguments.flag(option)) {
      words.push_back("--" + std::string(option));
    }
  }
  for (const auto& word : arguments.words) {
    const auto [service, path] = cut(word, ':');
    const bool inside = word.find(':') != std::string::npos &&
                        service.find('/') == std::string::npos &&
                        !service.starts_with('.');
    words.push_back(inside ? session.one(service,
                                         arguments.number("index").value_or(0),
                                         Session::Which::all)
                                     .id +
                                 ":" + path
                           : word);
  }
  return session.run_line(words);
}

}  // namespace docker_cpp::cli::compose
