// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace docker_cpp::images {

/// What a worker keeps beside its staging folder.
struct Reach {
  enum class Network : std::uint8_t { none, client };
  enum class Files : std::uint8_t { of_anybody, own };
  /// A program of the host's (git) makes calls that nobody here can list, and
  /// reads libraries and configuration: it may read what others may, but
  /// writes below the folders only.
  enum class Programs : std::uint8_t { none, of_the_host };

  Network network = Network::none;
  /// Making files as others' needs capabilities; reading own ones does not.
  Files files = Files::of_anybody;
  std::vector<std::string> readable;  ///< paths, those that exist
  std::vector<int> readable_folders;  ///< handles
  Programs programs = Programs::none;
};

/// Gives up, for good, what reading an archive does not need, before its
/// first byte is read:
/// - capabilities: all but those that making another's files takes;
/// - by Landlock, every file but those below these folders;
/// - by seccomp, every system call that has nothing to do with files: no
///   sockets (unless the work is with registries), no exec, no mounts, no
///   other processes;
/// - memory beyond 1 GiB, so that a bomb ends in an error.
/// \throws Error when the kernel refuses; a kernel without Landlock (before
///   5.13) is no error, the rest holds without it
void confine(std::span<const int> folders, const Reach& reach = {});

}  // namespace docker_cpp::images
