// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <cstring>

#include "commands/commands.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::cli::commands {

int load(Context& context, const Arguments& arguments) {
  const auto path = arguments.text("input");
  sys::UniqueFd file;
  int input = STDIN_FILENO;
  if (!path.empty()) {
    auto opened = sys::open(path.c_str(), O_RDONLY);
    if (!opened) {
      throw Failure("open " + path + ": " +
                    to_lower(::strerror(opened.error().code)));
    }
    file = *std::move(opened);
    input = file.get();
  } else if (::isatty(STDIN_FILENO) != 0) {
    throw Failure("requested load from stdin, but stdin is empty");
  }
  const bool quiet = arguments.flag("quiet") || ::isatty(STDOUT_FILENO) == 0;
  http::Query query;
  if (const auto platform = arguments.text("platform"); !platform.empty()) {
    query.add("platform", platform);
  }
  query.add_if(quiet, "quiet");
  auto exchange = context.engine.open({.method = "POST",
                                       .path = "/images/load" + query.text(),
                                       .content_type = "application/x-tar",
                                       .body_file = input});
  show_progress(exchange, STDOUT_FILENO, Verbosity::normal);
  return 0;
}

}  // namespace docker_cpp::cli::commands
