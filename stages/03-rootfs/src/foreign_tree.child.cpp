// SPDX-License-Identifier: Apache-2.0
#include "foreign_tree.hpp"

#include <sched.h>

#include <cerrno>

namespace docker_cpp::rootfs {

int copy_foreign_tree(void* foreign_tree) noexcept {
  auto& task = *static_cast<ForeignTree*>(foreign_tree);
  if (::setns(task.mount_namespace, CLONE_NEWNS) == -1) {
    task.result = -errno;
    return 1;
  }
  auto tree = clone_tree(task.handle, "", task.extent);
  task.result = tree ? tree->release() : -tree.error().code;
  return 0;
}

}  // namespace docker_cpp::rootfs
