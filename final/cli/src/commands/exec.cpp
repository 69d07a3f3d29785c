// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <optional>

#include "commands/attach_session.hpp"
#include "commands/commands.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/create_parts.hpp"
#include "docker_cpp/cli/streams.hpp"

namespace docker_cpp::cli::commands {

namespace {

Value environment(const Arguments& arguments) {
  std::vector<std::string> entries;
  for (const auto& file : arguments.list("env-file")) {
    auto lines = read_env_file(file);
    if (!lines) {
      throw Failure(lines.error());
    }
    entries.insert(entries.end(), lines->begin(), lines->end());
  }
  for (const auto& entry : arguments.list("env")) {
    entries.push_back(env_entry(entry));
  }
  return entries.empty() ? Value() : Value::strings(entries);
}

Value exec_body(const Arguments& arguments) {
  const bool detach = arguments.flag("detach");
  const auto keys = arguments.text("detach-keys");
  auto body = Value::object();
  body.set("User", arguments.text("user"))
      .set("Privileged", Value(arguments.flag("privileged")))
      .set("Tty", Value(arguments.flag("tty")))
      .set("AttachStdin", Value(!detach && arguments.flag("interactive")))
      .set("AttachStdout", Value(!detach))
      .set("AttachStderr", Value(!detach))
      .set("Detach", Value(detach))
      .set("DetachKeys", keys)
      .set("Env", environment(arguments))
      .set("WorkingDir", arguments.text("workdir"))
      .set("Cmd", Value::strings(
                      {arguments.words.begin() + 1, arguments.words.end()}));
  return body;
}

std::string exec_path(const std::string& id, std::string_view rest) {
  return "/exec/" + http::escape(id) + std::string(rest);
}

void resize(Engine& engine, const std::string& id, ScreenSize size) {
  if (size.rows == 0 || size.columns == 0) {
    return;
  }
  http::Query query;
  query.add("h", std::to_string(size.rows));
  query.add("w", std::to_string(size.columns));
  try {
    engine.post(exec_path(id, "/resize" + query.text()));
  } catch (const Failure&) {
    // It has ended, or does not run yet: it keeps the size it has.
  }
}

int talk_to(Engine& engine, const Arguments& arguments, const std::string& id) {
  const bool tty = arguments.flag("tty");
  auto request = json_request(
      "POST", exec_path(id, "/start"),
      Value::object().set("Detach", Value(false)).set("Tty", Value(tty)));
  request.upgrade = true;
  auto exchange = engine.open(std::move(request));
  auto [socket, first] = exchange.release();
  Conversation talk{.socket = std::move(socket),
                    .first = std::move(first),
                    .tty = tty,
                    .input = arguments.flag("interactive"),
                    .detach_keys = arguments.text("detach-keys")};
  SignalCatcher signals(SignalCatcher::Which::only_resize);
  std::optional<RawTerminal> terminal;
  if (tty) {
    talk.resized = [&](ScreenSize size) {
      resize(engine, id, size);
    };
    if (talk.input) {
      terminal.emplace();
    }
    resize(engine, id, screen_size());
  }
  const auto ending = converse(talk, &signals);
  terminal.reset();
  if (ending == Ending::detached) {
    throw Failure("read escape sequence");
  }
  return static_cast<int>(
      engine.get(exec_path(id, "/json"))["ExitCode"].number());
}

}  // namespace

int exec(Context& context, const Arguments& arguments) {
  const bool detach = arguments.flag("detach");
  const auto body = exec_body(arguments);
  if (!detach) {
    check_terminal(arguments.flag("interactive"), arguments.flag("tty"));
  }
  auto& engine = context.engine;
  const auto created =
      engine.post(container_path(arguments.words[0], "/exec"), body);
  const auto& id = created["Id"].text();
  if (id.empty()) {
    throw Failure("exec ID empty");
  }
  if (!detach) {
    return talk_to(engine, arguments, id);
  }
  engine.post(exec_path(id, "/start"),
              Value::object()
                  .set("Detach", Value(true))
                  .set("Tty", Value(arguments.flag("tty"))));
  return 0;
}

}  // namespace docker_cpp::cli::commands
