// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

struct MountOptions {
  unsigned long flags = 0;  ///< MS_RDONLY and so on, mount(2)
  std::string data;         ///< the rest, by commas
};

/// Knows ro rw, nosuid suid, nodev dev, noexec exec, and keeps the rest.
MountOptions parse_mount_options(std::string_view words);
