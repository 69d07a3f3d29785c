// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/dockerfile/glob.hpp"
#include "docker_cpp/images/digest.hpp"
#include "docker_cpp/rootfs/root_fd.hpp"

namespace docker_cpp::images {

/// What COPY and ADD have to say about what they copy.
struct CopyRules {
  /// Of everything that is made; without it that of the source, or root's.
  std::optional<rootfs::Owner> owner;
  bool keep_owner = false;
  std::string chmod;  ///< "0644", "u=rwX,go=rX"; empty: as the source has it
  bool parents = false;
  dockerfile::IgnoreList exclude;
};

/// `mode` after `--chmod`; X as chmod(1) has it.
/// \throws ImageError when it is not a mode
[[nodiscard]] mode_t change_mode(std::string_view rule, mode_t mode);

/// The files that a COPY names, found in a context, a stage or an image.
///
/// Everything is resolved inside the given root, links too, so that a context
/// with hostile links names nothing of the host.
class CopySource {
 public:
  explicit CopySource(const rootfs::RootFd& root) : root_(root) {}

  /// A path or a pattern. \throws ImageError in Docker's words when nothing
  /// is there
  void add(std::string_view pattern, const CopyRules& rules);

  /// Of names, types, modes, owners, content: not of times.
  [[nodiscard]] Digest digest(const CopyRules& rules) const;

  /// \param destination absolute; a folder when it ends in a slash
  /// \throws ImageError, Error
  void copy(const rootfs::RootFd& into, const std::string& destination,
            const CopyRules& rules) const;

  [[nodiscard]] std::size_t size() const { return found_.size(); }
  /// Of the only one, for what is an archive.
  [[nodiscard]] const std::string& first() const { return found_[0].path; }
  [[nodiscard]] bool is_file(std::size_t at) const;

 private:
  struct Found {
    std::string path;    ///< below the root
    std::string parent;  ///< of --parents: kept below the destination
  };
  void add_matches(std::string_view pattern, const std::string& pivot,
                   const CopyRules& rules);
  void add_path(const std::string& path, const std::string& pivot,
                const CopyRules& rules);

  const rootfs::RootFd& root_;
  std::vector<Found> found_;
};

}  // namespace docker_cpp::images
