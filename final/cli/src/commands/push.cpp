// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "commands/commands.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/reference.hpp"
#include "docker_cpp/cli/registry_login.hpp"
#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::commands {

int push(Context& context, const Arguments& arguments) {
  const auto reference = parse_reference(arguments.words[0]);
  if (!reference) {
    throw Failure(reference.error());
  }
  const bool all = arguments.flag("all-tags");
  const bool quiet = arguments.flag("quiet");
  if (all && !reference->tag.empty()) {
    throw Failure("tag can't be used with --all-tags/-a");
  }
  http::Query query;
  if (!all) {
    query.add("tag", reference->tag.empty() ? "latest" : reference->tag);
    if (reference->tag.empty() && !quiet) {
      print("Using default tag: latest\n");
    }
  }
  http::Request request{
      .method = "POST",
      .path = image_path(reference->full, "/push" + query.text()),
      .headers = {
          {"X-Registry-Auth",
           registry_auth(context.config, cut(reference->full, '/').first)}}};
  auto exchange = context.engine.open(std::move(request));
  show_progress(exchange, STDOUT_FILENO,
                quiet ? Verbosity::quiet : Verbosity::normal);
  if (quiet) {
    print(reference->full + "\n");
  }
  return 0;
}

}  // namespace docker_cpp::cli::commands
