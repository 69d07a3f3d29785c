// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/rootfs/procfs.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::rootfs {
namespace {

constexpr ino_t proc_root_inode = 1;  // PROC_ROOT_INO of the kernel

bool is_proc_root(int fd) noexcept {
  struct statfs system{};
  struct stat root{};
  return ::fstatfs(fd, &system) == 0 && system.f_type == PROC_SUPER_MAGIC &&
         ::fstat(fd, &root) == 0 && root.st_ino == proc_root_inode;
}

}  // namespace

sys::Result<Procfs> Procfs::open() noexcept {
  auto handle = sys::open("/proc", O_PATH | O_DIRECTORY | O_NOFOLLOW);
  if (!handle) {
    return std::unexpected(handle.error());
  }
  if (!is_proc_root(handle->get())) {
    return std::unexpected(
        sys::SysError{.code = ENOTSUP, .call = "verify that /proc is procfs"});
  }
  return Procfs(*std::move(handle));
}

sys::Result<sys::UniqueFd> Procfs::open_file(const char* path,
                                             int flags) const noexcept {
  return sys::open_beneath(
      handle_.get(), path, flags | O_NOFOLLOW, 0,
      RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS);
}

sys::Result<void> Procfs::write(const char* path,
                                std::span<const char> text) const noexcept {
  const auto file = open_file(path, O_WRONLY);
  if (!file) {
    return std::unexpected(file.error());
  }
  return sys::check_void(::write(file->get(), text.data(), text.size()),
                         "write");
}

}  // namespace docker_cpp::rootfs
