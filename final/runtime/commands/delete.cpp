// SPDX-License-Identifier: Apache-2.0
#include "../launch.hpp"

#include "docker_cpp/oci/json_view.hpp"

namespace docker_cpp::runtime {
namespace {

/// The configuration, or an empty one where creation died before it was
/// complete: what is left must be removable anyway.
oci::Spec readable_spec(const Container& container) {
  try {
    return container.spec();
  } catch (const std::exception&) {
    return {};
  }
}

enum class Force : std::uint8_t { no, yes };

void delete_one(Context& context, const std::string& id, Force force) {
  std::optional<Container> container;
  try {
    container = Container::open(context.root, id, Access::change);
  } catch (const Refusal&) {
    if (force == Force::yes) {
      return;  // there is nothing left to remove
    }
    throw;
  }
  const oci::Status status = container->status();
  const bool in_use =
      status == oci::Status::running || status == oci::Status::paused;
  if (in_use && force == Force::no) {
    throw Refusal("cannot delete container " + id +
                  " that is not stopped: " + oci::status_name(status));
  }
  end(*container);
  destroy(context, *container, readable_spec(*container));
}

}  // namespace

int delete_container(Context& context, Arguments arguments) {
  bool force = false;
  bool regex = false;
  Flags flags;
  flags.flag("force f", force, "kill it first, and be content if it is gone");
  flags.flag("regex r", regex, "delete all containers whose id matches");
  const std::string id = only_id("delete", flags.parse(arguments));
  const Force how = force ? Force::yes : Force::no;
  if (!regex) {
    delete_one(context, id, how);
    return 0;
  }
  int code = 0;
  for (const std::string& one : matching_ids(context.root, id)) {
    try {
      delete_one(context, one, how);
    } catch (const std::exception& error) {
      context.log.error(one + ": " + error.what());
      code = 1;
    }
  }
  return code;
}

}  // namespace docker_cpp::runtime
