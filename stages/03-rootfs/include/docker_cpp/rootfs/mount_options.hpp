// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace docker_cpp::rootfs {

/// Bits of \man{mount_setattr,2}, MOUNT_ATTR_...
struct Attributes {
  std::uint64_t set = 0;
  std::uint64_t clear = 0;
};

/// One setting of a file system, as fsconfig(2) takes it.
struct FsParameter {
  std::string key;
  std::optional<std::string> value;  ///< none: a flag

  friend bool operator==(const FsParameter&, const FsParameter&) = default;
};

/// What the words of an OCI mount's `options` mean.
struct MountOptions {
  Attributes attributes;                ///< of the one mount
  Attributes recursive_attributes;      ///< of all mounts below, too: "rro"
  std::vector<FsParameter> parameters;  ///< for the file system
  unsigned long propagation = 0;        ///< MS_PRIVATE...; 0: not said
  bool propagation_recursive = false;
  bool bind = false;
  bool recursive_bind = false;
  bool remount = false;
  bool copy_up = false;    ///< "tmpcopyup"
  bool copy_link = false;  ///< "copy-symlink"
  bool map_ids = false;    ///< "idmap" and "ridmap"
  bool map_ids_recursive = false;
  bool source_no_follow = false;  ///< "src-nofollow"
  bool target_no_follow = false;  ///< "dest-nofollow"
  std::string subpath;            ///< after subpath_option
};

/// Of the engine, no runtime's: a bind of a path in its source, which is
/// resolved with the source as root, whatever links others put there.
inline constexpr std::string_view subpath_option = "docker-cpp.subpath=";

/// \oci{runtime,config,mounts}. Words that are not the kernel's are settings
/// for the file system; a bind has none, so there they are an error.
[[nodiscard]] std::expected<MountOptions, std::string> parse_mount_options(
    const std::vector<std::string>& words);

/// "ro" or "rro" is among them.
[[nodiscard]] bool is_read_only(const MountOptions& options) noexcept;

/// "rprivate" and its like: MS_PRIVATE..., with MS_REC.
[[nodiscard]] std::expected<unsigned long, std::string> parse_propagation(
    const std::string& word);

}  // namespace docker_cpp::rootfs
