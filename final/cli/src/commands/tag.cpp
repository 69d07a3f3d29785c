// SPDX-License-Identifier: Apache-2.0
#include "commands/commands.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/reference.hpp"
#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::commands {

int tag(Context& context, const Arguments& arguments) {
  const auto& wanted = arguments.words[1];
  const auto target = parse_reference(wanted);
  if (!target || !target->digest.empty()) {
    throw Failure(
        target ? "refusing to create a tag with a digest reference"
               : "Error parsing reference: " + quote(wanted) +
                     " is not a valid repository/tag: " + target.error());
  }
  http::Query query;
  query.add("repo", target->full);
  query.add("tag", target->tag.empty() ? "latest" : target->tag);
  context.engine.post(image_path(arguments.words[0], "/tag" + query.text()));
  return 0;
}

}  // namespace docker_cpp::cli::commands
