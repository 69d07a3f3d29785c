// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/rootfs/project_quota.hpp"

#include <linux/dqblk_xfs.h>
#include <linux/fs.h>
#include <linux/quota.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace docker_cpp::rootfs {
namespace {

constexpr std::uint64_t block = 1024;  // of limits. quotactl(2), dqb_bhardlimit

/// By handle: the file system may be mounted anywhere. Since Linux 5.14.
long quotactl(int folder, int command, std::uint32_t project, void* data) {
  return ::syscall(SYS_quotactl_fd, folder,
                   QCMD(static_cast<unsigned>(command), PRJQUOTA), project,
                   data);
}

}  // namespace

bool has_project_quota(int folder) {
  fs_quota_statv state{};
  state.qs_version = FS_QSTATV_VERSION1;
  return quotactl(folder, Q_XGETQSTATV, 0, &state) == 0 &&
         (state.qs_flags & FS_QUOTA_PDQ_ENFD) != 0;
}

sys::Result<void> set_project(int folder, std::uint32_t project) {
  fsxattr attributes{};
  if (::ioctl(folder, FS_IOC_FSGETXATTR, &attributes) == -1) {
    return sys::fail("ioctl(FS_IOC_FSGETXATTR)");
  }
  attributes.fsx_projid = project;
  attributes.fsx_xflags |= FS_XFLAG_PROJINHERIT;
  return sys::check_void(::ioctl(folder, FS_IOC_FSSETXATTR, &attributes),
                         "ioctl(FS_IOC_FSSETXATTR)");
}

sys::Result<void> limit_project(int folder, std::uint32_t project,
                                std::uint64_t bytes) {
  if_dqblk limits{};
  limits.dqb_bhardlimit = (bytes + block - 1) / block;
  limits.dqb_valid = QIF_BLIMITS;
  return sys::check_void(
      static_cast<int>(quotactl(folder, Q_SETQUOTA, project, &limits)),
      "quotactl");
}

}  // namespace docker_cpp::rootfs
