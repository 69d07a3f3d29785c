// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/rootfs/init_layer.hpp"

#include <string>

#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::rootfs {

void make_init_layer(const RootFd& layer) {
  for (const char* folder : {"dev/pts", "dev/shm", "proc", "sys", "etc"}) {
    must(layer.make_directories(folder),
         std::string("make /") + folder + " in the init layer");
  }
  for (const char* file : {".dockerenv", "dev/console", "etc/hostname",
                           "etc/hosts", "etc/resolv.conf"}) {
    must(layer.make_file(file, 0755),
         std::string("make /") + file + " in the init layer");
  }
  const auto linked = layer.symlink("/proc/mounts", "etc/mtab");
  if (!linked && linked.error().code != EEXIST) {
    throw Error(linked.error(), "make /etc/mtab in the init layer");
  }
}

}  // namespace docker_cpp::rootfs
