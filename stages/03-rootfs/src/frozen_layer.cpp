// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/rootfs/frozen_layer.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "docker_cpp/rootfs/copy_tree.hpp"
#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::rootfs {

void freeze_layer(int home, int frozen) {
  const std::string doing = "freeze the writable layer";
  must(
      sys::check_void(::renameat2(home, "upper", frozen, "fs", RENAME_EXCHANGE),
                      "renameat2"),
      doing);
  must(sys::check_void(::fsync(home), "fsync"), doing);
  must(sys::check_void(::fsync(frozen), "fsync"), doing);
}

void copy_layer(const RootFd& layer, const RootFd& into) {
  copy_tree(layer, into);
  copy_top(layer, into);
}

}  // namespace docker_cpp::rootfs
