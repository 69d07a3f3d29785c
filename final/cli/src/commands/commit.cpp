// SPDX-License-Identifier: Apache-2.0
#include "commands/commands.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/reference.hpp"
#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::commands {

int commit(Context& context, const Arguments& arguments) {
  http::Query query;
  query.add("author", arguments.text("author"));
  for (const auto& change : arguments.list("change")) {
    query.add("changes", change);
  }
  query.add("comment", arguments.text("message"));
  query.add("container", arguments.words[0]);
  if (!arguments.flag("pause", true)) {
    query.add("pause", "0");
  }
  if (arguments.words.size() > 1) {
    const auto reference = parse_reference(arguments.words[1]);
    if (!reference) {
      throw Failure(reference.error());
    }
    query.add("repo", reference->full);
    query.add("tag", reference->tag.empty() ? "latest" : reference->tag);
  }
  const auto image = context.engine.post("/commit" + query.text());
  print(image["Id"].text() + "\n");
  return 0;
}

}  // namespace docker_cpp::cli::commands
