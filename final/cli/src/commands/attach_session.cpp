// SPDX-License-Identifier: Apache-2.0
#include "commands/attach_session.hpp"

#include <unistd.h>

#include "commands/support.hpp"

namespace docker_cpp::cli {
namespace {

http::Request attach_request(const SessionOptions& options) {
  http::Query query;
  if (!options.detach_keys.empty()) {
    query.add("detachKeys", options.detach_keys);
  }
  query.add_if(options.stderr_stream, "stderr");
  query.add_if(options.stdin_stream, "stdin");
  query.add_if(options.stdout_stream, "stdout");
  query.add("stream", "1");
  return {.method = "POST",
          .path = container_path(options.id, "/attach" + query.text()),
          .content_type = "text/plain",
          .upgrade = true};
}

http::Request wait_request(const SessionOptions& options) {
  http::Query query;
  if (!options.condition.empty()) {
    query.add("condition", options.condition);
  }
  return {.method = "POST",
          .path = container_path(options.id, "/wait" + query.text())};
}

}  // namespace

void check_terminal(bool attach_stdin, bool tty) {
  if (attach_stdin && tty && ::isatty(STDIN_FILENO) == 0) {
    throw Failure("the input device is not a TTY");
  }
}

AttachSession::AttachSession(Engine& engine, SessionOptions options)
    : engine_(engine),
      options_(std::move(options)),
      waiting_(engine.begin(wait_request(options_))),
      signals_(options_.proxy_signals ? SignalCatcher::Which::all
                                      : SignalCatcher::Which::only_resize) {
  auto attached = engine_.begin(attach_request(options_));
  attached.head();
  waiting_.head();
  auto [socket, first] = attached.release();
  talk_.socket = std::move(socket);
  talk_.first = std::move(first);
  talk_.tty = options_.tty;
  talk_.input = options_.stdin_stream;
  talk_.detach_keys = options_.detach_keys;
  talk_.signalled = [this](int number) {
    signal(number);
  };
  if (options_.tty) {
    talk_.resized = [this](ScreenSize size) {
      resize(size);
    };
    if (options_.stdin_stream) {
      terminal_.emplace();
    }
  }
}

std::string AttachSession::path(const std::string& rest) const {
  return container_path(options_.id, rest);
}

void AttachSession::resize(ScreenSize size) {
  if (size.rows == 0 || size.columns == 0) {
    return;
  }
  http::Query query;
  query.add("h", std::to_string(size.rows));
  query.add("w", std::to_string(size.columns));
  try {
    engine_.post(path("/resize" + query.text()));
  } catch (const Failure&) {
    // The container may have ended meanwhile; there is nothing to resize then.
  }
}

void AttachSession::signal(int number) {
  const auto name = signal_name(number);
  if (name.empty()) {
    return;
  }
  try {
    engine_.post(path("/kill?signal=" + name));
  } catch (const Failure&) {
    // It ended on its own: the wait will say so.
  }
}

void AttachSession::started() {
  if (options_.tty) {
    resize(screen_size());
  }
}

AttachSession::Outcome AttachSession::run() {
  const auto ending = converse(talk_, &signals_);
  if (ending == Ending::detached) {
    terminal_.reset();
    return {.ending = ending, .exit_code = 0};
  }
  const int code = exit_code();
  terminal_.reset();
  return {.ending = ending, .exit_code = code};
}

void AttachSession::await_end() {
  if (!waiting_.buffered()) {
    await_readable(waiting_.fd(), &signals_,
                   [this](int number) { signal(number); });
  }
}

int AttachSession::exit_code() {
  await_end();
  const auto result = parse_json(waiting_.body());
  if (!result) {
    throw Failure("Error waiting for container: " + result.error(), 125);
  }
  const auto& error = (*result)["Error"]["Message"].text();
  if (!error.empty()) {
    throw Failure("Error waiting for container: " + error, 125);
  }
  return static_cast<int>((*result)["StatusCode"].number());
}

void AttachSession::wait_for_removal() {
  terminal_.reset();
  await_end();
}

}  // namespace docker_cpp::cli
