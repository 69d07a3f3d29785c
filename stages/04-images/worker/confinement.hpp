// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

namespace docker_cpp::images {

/// Gives up, for good, what reading an archive does not need, before its
/// first byte is read:
/// - capabilities: all but those that making another's files takes;
/// - by Landlock, every file but those below these folders;
/// - by seccomp, every system call that has nothing to do with files: no
///   sockets, no exec, no mounts, no other processes;
/// - memory beyond 1 GiB, so that a bomb ends in an error.
/// \throws Error when the kernel refuses; a kernel without Landlock (before
///   5.13) is no error, the rest holds without it
void confine(std::span<const int> folders);

}  // namespace docker_cpp::images
