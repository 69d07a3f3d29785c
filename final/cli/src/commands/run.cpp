// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "commands/attach_session.hpp"
#include "commands/commands.hpp"
#include "commands/container_create.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::commands {

namespace {

/// Docker tells by the text why a program could not be started.
int exit_code_of(const std::string& message) {
  const auto says = [&](const char* text) {
    return message.find(text) != std::string::npos;
  };
  if (says("executable file not found") || says("no such file or directory") ||
      says("system cannot find the file specified")) {
    return 127;
  }
  return says("permission denied") || says("is a directory") ? 126 : 125;
}

void start(Engine& engine, const std::string& id) {
  engine.post(container_path(id, "/start"));
}

SessionOptions session_options(const Arguments& arguments,
                               const CreateBody& request, std::string id) {
  return {.id = std::move(id),
          .tty = request.tty,
          .stdin_stream = request.attach_stdin && request.open_stdin,
          .stdout_stream = request.attach_stdout,
          .stderr_stream = request.attach_stderr,
          .proxy_signals = arguments.flag("sig-proxy", true),
          .detach_keys = arguments.text("detach-keys"),
          .condition = request.auto_remove ? "removed" : "next-exit"};
}

int run_attached(Context& context, const Arguments& arguments,
                 const CreateBody& request, std::string id) {
  AttachSession session(context.engine,
                        session_options(arguments, request, id));
  try {
    start(context.engine, id);
  } catch (const Failure&) {
    if (request.auto_remove) {
      session.wait_for_removal();
    }
    throw;
  }
  session.started();
  return session.run().exit_code;
}

void add_console_size(CreateBody& request) {
  const auto size = screen_size();
  if (request.tty && size.rows > 0) {
    request.body.member("HostConfig")
        .set("ConsoleSize",
             Value::array().append(size.rows).append(size.columns));
  }
}

}  // namespace

int run(Context& context, const Arguments& arguments) {
  const bool detach = arguments.flag("detach");
  if (detach && !arguments.list("attach").empty()) {
    throw Failure(
        "conflicting options: cannot specify both --attach and --detach");
  }
  auto request = read_create_options(context, arguments);
  if (!detach) {
    check_terminal(request.attach_stdin, request.tty);
  }
  add_console_size(request);
  try {
    auto id = create_container(context, arguments, request);
    if (!detach) {
      return run_attached(context, arguments, request, std::move(id));
    }
    start(context.engine, id);
    print(id + "\n");
    return 0;
  } catch (const Failure& failure) {
    throw with_hint(failure.message(), arguments,
                    exit_code_of(failure.message()));
  }
}

}  // namespace docker_cpp::cli::commands
