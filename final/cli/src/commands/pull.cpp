// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "commands/commands.hpp"
#include "commands/image_pull.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/reference.hpp"
#include "docker_cpp/cli/registry_login.hpp"
#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli {

void pull_image(Engine& engine, const Reference& reference,
                const PullOptions& options) {
  http::Query query;
  query.add("fromImage", reference.full);
  if (!options.all_tags) {
    const auto tag = reference.tag.empty() ? "latest" : reference.tag;
    query.add("tag", reference.digest.empty() ? tag : reference.digest);
  }
  if (!options.platform.empty()) {
    query.add("platform", options.platform);
  }
  http::Request request{.method = "POST",
                        .path = "/images/create" + query.text(),
                        .headers = {{"X-Registry-Auth", options.auth}}};
  auto exchange = engine.open(std::move(request));
  show_progress(exchange, options.output,
                options.quiet ? Verbosity::quiet : Verbosity::normal);
}

namespace commands {

int pull(Context& context, const Arguments& arguments) {
  const auto& name = arguments.words[0];
  const auto reference = parse_reference(name);
  if (!reference) {
    throw Failure(reference.error());
  }
  const PullOptions options{
      .platform = arguments.text("platform"),
      .output = STDOUT_FILENO,
      .quiet = arguments.flag("quiet"),
      .all_tags = arguments.flag("all-tags"),
      .auth = registry_auth(context.config, cut(reference->full, '/').first)};
  const bool plain = reference->tag.empty() && reference->digest.empty();
  if (options.all_tags && !plain) {
    throw Failure("tag can't be used with --all-tags/-a");
  }
  if (plain && !options.all_tags && !options.quiet) {
    print("Using default tag: latest\n");
  }
  pull_image(context.engine, *reference, options);
  const auto domain = cut(reference->full, '/').first;
  print((domain == "docker.io" ? reference->full : reference->familiar) +
        (reference->digest.empty()
             ? ":" + (reference->tag.empty() ? "latest" : reference->tag)
             : "@" + reference->digest) +
        "\n");
  return 0;
}

}  // namespace commands
}  // namespace docker_cpp::cli
