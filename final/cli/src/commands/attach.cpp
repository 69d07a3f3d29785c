// SPDX-License-Identifier: Apache-2.0
#include "commands/attach_session.hpp"
#include "commands/commands.hpp"
#include "commands/support.hpp"

namespace docker_cpp::cli::commands {

namespace {

void check_state(const Value& state) {
  if (!state["Running"].flag()) {
    throw Failure("You cannot attach to a stopped container, start it first");
  }
  if (state["Paused"].flag()) {
    throw Failure("cannot attach to a paused container, unpause it first");
  }
  if (state["Restarting"].flag()) {
    throw Failure(
        "cannot attach to a restarting container, wait until it is running");
  }
}

}  // namespace

int attach(Context& context, const Arguments& arguments) {
  const auto container =
      context.engine.get(container_path(arguments.words[0], "/json"));
  check_state(container["State"]);
  const auto& config = container["Config"];
  const bool tty = config["Tty"].flag();
  const bool input = !arguments.flag("no-stdin") && config["OpenStdin"].flag();
  check_terminal(input, tty);
  AttachSession session(context.engine,
                        {.id = container["Id"].text(),
                         .tty = tty,
                         .stdin_stream = input,
                         .stdout_stream = true,
                         .stderr_stream = true,
                         .proxy_signals = arguments.flag("sig-proxy", true),
                         .detach_keys = arguments.text("detach-keys")});
  session.started();
  const auto outcome = session.run();
  if (outcome.ending == Ending::detached) {
    throw Failure("read escape sequence");
  }
  return outcome.exit_code;
}

}  // namespace docker_cpp::cli::commands
