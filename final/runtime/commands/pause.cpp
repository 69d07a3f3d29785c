// SPDX-License-Identifier: Apache-2.0
#include "../command.hpp"

#include "docker_cpp/cgroups/cgroup.hpp"

namespace docker_cpp::runtime {

int pause(Context& context, Arguments arguments) {
  Flags flags;
  const std::string id = only_id("pause", flags.parse(arguments));
  const Container container = Container::open(context.root, id, Access::change);
  const oci::Status status = container.status();
  if (status != oci::Status::running && status != oci::Status::created) {
    throw Refusal(std::string("container not running: ") +
                  oci::status_name(status));
  }
  cgroups::Cgroup::open(container.record().cgroup_path).freeze();
  return 0;
}

}  // namespace docker_cpp::runtime
