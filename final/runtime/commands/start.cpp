// SPDX-License-Identifier: Apache-2.0
#include "../launch.hpp"

namespace docker_cpp::runtime {

int start(Context& context, Arguments arguments) {
  Flags flags;
  const std::string id = only_id("start", flags.parse(arguments));
  const Container container = Container::open(context.root, id, Access::change);
  switch (container.status()) {
    case oci::Status::created:
      break;
    case oci::Status::stopped:
      throw Refusal("cannot start a container that has stopped");
    default:
      throw Refusal("cannot start an already running container");
  }
  container.open_gate();
  after_start(container, container.spec());
  return 0;
}

}  // namespace docker_cpp::runtime
