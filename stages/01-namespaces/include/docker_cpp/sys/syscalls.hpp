// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <span>

#include "docker_cpp/sys/result.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

/// One wrapper per system call, legal on both sides of a clone: no heap, no
/// locks, errors as values.
namespace docker_cpp::sys {

struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};

/// A pipe that no exec'd program inherits. \man{pipe,2}
[[nodiscard]] Result<Pipe> pipe_cloexec() noexcept;

/// Opens with O_CLOEXEC added. \man{open,2}
[[nodiscard]] Result<UniqueFd> open(const char* path, int flags,
                                    mode_t mode = 0) noexcept;
[[nodiscard]] Result<UniqueFd> open_at(int dir, const char* path, int flags,
                                       mode_t mode = 0) noexcept;

/// Opens with the kernel's own limits on resolution; `resolve` takes the
/// RESOLVE_ flags. O_CLOEXEC is added. \man{openat2,2}
[[nodiscard]] Result<UniqueFd> open_beneath(int dir, const char* path,
                                            int flags, mode_t mode,
                                            unsigned long resolve) noexcept;

/// Names the host within the caller's UTS namespace. \man{sethostname,2}
[[nodiscard]] Result<void> set_hostname(std::span<const char> name) noexcept;
[[nodiscard]] Result<void> set_domainname(std::span<const char> name) noexcept;

/// Reads until `into` is full or the other end closes; restarts after signals.
[[nodiscard]] Result<std::size_t> read_full(int fd,
                                            std::span<std::byte> into) noexcept;

/// Writes all of it, or fails; restarts after signals.
[[nodiscard]] Result<void> write_all(int fd,
                                     std::span<const char> bytes) noexcept;

/// Writes one byte, which is all that a go-ahead needs to say.
[[nodiscard]] Result<void> write_byte(int fd) noexcept;

/// A pidfd of any process. \man{pidfd_open,2}
[[nodiscard]] Result<UniqueFd> pidfd_open(pid_t pid) noexcept;

/// Signals through a pidfd, so that a reused pid is never hit.
/// \man{pidfd_send_signal,2}
[[nodiscard]] Result<void> kill_process(int pidfd, int signal) noexcept;

/// Waits for a child through its pidfd and reaps it: its exit code, or
/// 128 + n when signal n ended it. \man{waitid,2}
[[nodiscard]] Result<int> wait_exit_code(int pidfd) noexcept;

/// Moves the caller into namespaces. \man{setns,2}
[[nodiscard]] Result<void> join_namespace(int fd, int kinds) noexcept;

/// Makes new namespaces for the caller. \man{unshare,2}
[[nodiscard]] Result<void> unshare(int flags) noexcept;

/// Marks every descriptor from `first` on close-on-exec. \man{close_range,2}
[[nodiscard]] Result<void> cloexec_from(unsigned first) noexcept;

/// Makes `to` refer to what `from` does, open across exec. \man{dup,2}
[[nodiscard]] Result<void> duplicate_to(int from, int to) noexcept;

}  // namespace docker_cpp::sys
