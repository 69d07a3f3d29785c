// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/sys/own_executable.hpp"

#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string_view>

#include "exchange_executable.hpp"

#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::sys {
namespace {

/// How execveat(2) names a program that it was given by descriptor.
bool started_by_descriptor() {
  const unsigned long address = ::getauxval(AT_EXECFN);
  // NOLINTNEXTLINE(performance-no-int-to-ptr): getauxval(3) has it so
  const auto* const name = reinterpret_cast<const char*>(address);
  return name != nullptr && std::string_view(name).starts_with("/dev/fd/");
}

bool is_read_only(int file) {
  struct statvfs info{};
  return ::fstatvfs(file, &info) == 0 && (info.f_flag & ST_RDONLY) != 0;
}

}  // namespace

void protect_own_executable(char* const* argv, char* const* envp) {
  if (started_by_descriptor()) {
    // As ps(1) shows it; else it is the descriptor's number.
    const std::string_view path = argv[0];
    ::prctl(PR_SET_NAME, path.substr(path.rfind('/') + 1).data());
    return;
  }
  const auto own = sys::open("/proc/self/exe", O_PATH);
  if (!own || is_read_only(own->get())) {
    return;
  }
  constexpr unsigned clone_tree = 1;
  const long tree = ::syscall(SYS_open_tree, own->get(), "",
                              clone_tree | O_CLOEXEC | AT_EMPTY_PATH);
  if (tree == -1) {
    return;  // not permitted: an ordinary user, whose file it is not
  }
  const sys::UniqueFd mount(static_cast<int>(tree));
  mount_attr read_only{};
  read_only.attr_set = MOUNT_ATTR_RDONLY;
  if (::syscall(SYS_mount_setattr, mount.get(), "", AT_EMPTY_PATH, &read_only,
                sizeof read_only) != 0) {
    return;
  }
  if (!exchange_executable(mount.get())) {
    ::syscall(SYS_execveat, mount.get(), "", argv, envp, AT_EMPTY_PATH);
  }
}

}  // namespace docker_cpp::sys
