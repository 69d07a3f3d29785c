// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tar_reader.hpp"

namespace docker_cpp::images {

/// Owner, extended attributes and permissions of an opened file or folder, in
/// this order: chown(2) clears set-id bits and file capabilities.
void set_attributes(int file, const TarEntry& entry);

/// Owner and time of something that cannot be opened, without following it.
void set_link_attributes(int parent, const std::string& leaf,
                         const TarEntry& entry);

}  // namespace docker_cpp::images
