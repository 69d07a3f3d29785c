// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "commands/commands.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/streams.hpp"
#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/cli/times.hpp"

namespace docker_cpp::cli::commands {

namespace {

std::string log_query(const Arguments& arguments) {
  http::Query query;
  query.add_if(arguments.flag("details"), "details");
  query.add_if(arguments.flag("follow"), "follow");
  if (arguments.given("since")) {
    query.add("since", timestamp(arguments.text("since"), "since"));
  }
  query.add("stderr", "1");
  query.add("stdout", "1");
  query.add("tail", arguments.text("tail", "all"));
  query.add_if(arguments.flag("timestamps"), "timestamps");
  if (arguments.given("until")) {
    query.add("until", timestamp(arguments.text("until"), "until"));
  }
  return query.text();
}

}  // namespace

int logs(Context& context, const Arguments& arguments) {
  auto& engine = context.engine;
  if (arguments.flag("clear")) {
    static_cast<void>(
        engine.remove(container_path(arguments.words[0], "/logs")));
    return 0;
  }
  const auto container =
      engine.get(container_path(arguments.words[0], "/json"));
  const bool tty = container["Config"]["Tty"].flag();
  auto exchange =
      engine.open({.method = "GET",
                   .path = container_path(container["Id"].text(),
                                          "/logs" + log_query(arguments))});
  FrameReader frames(
      [](int fd, std::string_view bytes) { write_to(fd, bytes); });
  std::string piece;
  while (exchange.next(piece)) {
    if (tty) {
      write_to(STDOUT_FILENO, piece);
    } else if (auto wrong = frames.feed(piece)) {
      throw Failure(*wrong);
    }
    piece.clear();
  }
  return 0;
}

}  // namespace docker_cpp::cli::commands
