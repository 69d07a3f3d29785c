// SPDX-License-Identifier: Apache-2.0
#include "commands/attach_session.hpp"
#include "commands/commands.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::commands {

namespace {

std::string start_path(const Arguments& arguments, const std::string& name) {
  http::Query query;
  if (const auto checkpoint = arguments.text("checkpoint");
      !checkpoint.empty()) {
    query.add("checkpoint", checkpoint);
  }
  if (const auto folder = arguments.text("checkpoint-dir"); !folder.empty()) {
    query.add("checkpoint-dir", folder);
  }
  return container_path(name, "/start" + query.text());
}

int start_attached(Context& context, const Arguments& arguments) {
  if (arguments.words.size() > 1) {
    throw Failure("you cannot start and attach multiple containers at once");
  }
  const auto& name = arguments.words[0];
  const auto container = context.engine.get(container_path(name, "/json"));
  const auto& config = container["Config"];
  const bool tty = config["Tty"].flag();
  const bool input =
      arguments.flag("interactive") && config["OpenStdin"].flag();
  check_terminal(input, tty);
  const bool removed = container["HostConfig"]["AutoRemove"].flag();
  AttachSession session(context.engine,
                        {.id = container["Id"].text(),
                         .tty = tty,
                         .stdin_stream = input,
                         .stdout_stream = true,
                         .stderr_stream = true,
                         .proxy_signals = !tty,
                         .detach_keys = arguments.text("detach-keys"),
                         .condition = removed ? "removed" : "next-exit"});
  context.engine.post(start_path(arguments, container["Id"].text()));
  session.started();
  return session.run().exit_code;
}

}  // namespace

int start(Context& context, const Arguments& arguments) {
  if (arguments.flag("attach") || arguments.flag("interactive")) {
    return start_attached(context, arguments);
  }
  std::vector<std::string> failed;
  for (const auto& name : arguments.words) {
    try {
      context.engine.post(start_path(arguments, name));
      print(name + "\n");
    } catch (const Failure& failure) {
      print_error(failure.message() + "\n");
      failed.push_back(name);
    }
  }
  if (!failed.empty()) {
    throw Failure("Error: failed to start containers: " + join(failed, ", "));
  }
  return 0;
}

}  // namespace docker_cpp::cli::commands
