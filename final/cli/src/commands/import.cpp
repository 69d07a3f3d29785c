// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <cstring>

#include "commands/commands.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/reference.hpp"
#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::cli::commands {

int import_image(Context& context, const Arguments& arguments) {
  const auto& source = arguments.words[0];
  const bool url = source.find("://") != std::string::npos;
  http::Query query;
  for (const auto& change : arguments.list("change")) {
    query.add("changes", change);
  }
  query.add("fromSrc", url ? source : "-");
  if (const auto message = arguments.text("message"); !message.empty()) {
    query.add("message", message);
  }
  if (const auto platform = arguments.text("platform"); !platform.empty()) {
    query.add("platform", platform);
  }
  if (arguments.words.size() > 1) {
    const auto reference = parse_reference(arguments.words[1]);
    if (!reference) {
      throw Failure(reference.error());
    }
    query.add("repo", arguments.words[1]);
  }
  http::Request request{.method = "POST",
                        .path = "/images/create" + query.text(),
                        .content_type = "text/plain"};
  sys::UniqueFd file;
  if (source == "-") {
    request.body_file = STDIN_FILENO;
  } else if (!url) {
    auto opened = sys::open(source.c_str(), O_RDONLY);
    if (!opened) {
      throw Failure("open " + source + ": " +
                    to_lower(::strerror(opened.error().code)));
    }
    file = *std::move(opened);
    request.body_file = file.get();
  }
  auto exchange = context.engine.open(std::move(request));
  show_progress(exchange, STDOUT_FILENO, Verbosity::normal);
  return 0;
}

}  // namespace docker_cpp::cli::commands
