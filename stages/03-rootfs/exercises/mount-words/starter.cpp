// SPDX-License-Identifier: Apache-2.0
#include <sys/mount.h>

#include "exercise.hpp"

MountOptions parse_mount_options(std::string_view words) {
  MountOptions options;
  if (words.find("ro") != std::string_view::npos) {
    options.flags |= MS_RDONLY;
  }
  options.data = words;
  return options;
}
