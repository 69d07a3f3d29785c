// SPDX-License-Identifier: Apache-2.0
#include "../command.hpp"

#include "docker_cpp/cgroups/cgroup.hpp"

namespace docker_cpp::runtime {

int resume(Context& context, Arguments arguments) {
  Flags flags;
  const std::string id = only_id("resume", flags.parse(arguments));
  const Container container = Container::open(context.root, id, Access::change);
  if (container.status() != oci::Status::paused) {
    throw Refusal("container not paused");
  }
  cgroups::Cgroup::open(container.record().cgroup_path).thaw();
  return 0;
}

}  // namespace docker_cpp::runtime
