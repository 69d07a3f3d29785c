// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <map>
#include <string>
#include <utility>

#include "docker_cpp/images/build_copy.hpp"
#include "docker_cpp/images/digest.hpp"
#include "docker_cpp/rootfs/root_fd.hpp"

namespace docker_cpp::images {

/// Copies, or hashes, one thing that a COPY names, with all that is in it.
/// Both roots are given by handle; below them every name is acted on where it
/// is, and no link is followed.
class TreeCopy {
 public:
  /// `base`: the path that the rules' exclusions are relative to.
  TreeCopy(const CopyRules& rules, std::string base)
      : rules_(rules), base_(std::move(base)) {}

  void hash(const rootfs::RootFd& from, const std::string& path,
            Hasher& into) const;
  /// What is in the folder goes into the folder `target`, made if missing.
  void copy_folder(const rootfs::RootFd& from, const std::string& path,
                   const rootfs::RootFd& into, const std::string& target) const;
  void copy_file(const rootfs::RootFd& from, const std::string& path,
                 const rootfs::RootFd& into, const std::string& target) const;

 private:
  using FirstNames = std::map<std::pair<dev_t, ino_t>, std::string>;
  struct Place {
    int from;
    int into;
    std::string path;  ///< below the copied thing
    FirstNames& links;
    int top;  ///< of the destination, that links are relative to
  };
  void hash_folder(int folder, const std::string& path, Hasher& into) const;
  void hash_entry(int folder, const std::string& name, const std::string& path,
                  Hasher& into) const;
  void copy_names(const Place& place) const;
  void copy_entry(const Place& place, const std::string& name) const;
  void copy_special(const Place& place, const std::string& name,
                    const struct stat& status) const;
  void copy_bytes(int from, int folder, const std::string& name,
                  const struct stat& status) const;
  void make_parents(const rootfs::RootFd& into,
                    const std::string& folder) const;
  [[nodiscard]] bool is_excluded(const std::string& path) const;
  [[nodiscard]] rootfs::Owner owner_of(const struct stat& status) const;
  void set_state(int from, int file, const struct stat& status) const;

  const CopyRules& rules_;
  std::string base_;
};

}  // namespace docker_cpp::images
