// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "tar_reader.hpp"

namespace docker_cpp::images {

/// Whose the unpacked files are: those of the archive, one owner's, or of
/// whoever unpacks.
struct OwnerRule {
  enum class From : std::uint8_t { archive, given, nobody };
  From from = From::archive;
  uid_t uid = 0;
  gid_t gid = 0;
};

/// Owner, extended attributes and permissions of an opened file or folder, in
/// this order: chown(2) clears set-id bits and file capabilities.
void set_attributes(int file, const TarEntry& entry,
                    const OwnerRule& owner = {});

/// Owner and time of something that cannot be opened, without following it.
void set_link_attributes(int parent, const std::string& leaf,
                         const TarEntry& entry, const OwnerRule& owner = {});

}  // namespace docker_cpp::images
