// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <linux/ioprio.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "docker_cpp/oci/kernel_settings.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::oci {
namespace {

/// The kernel's struct sched_attr, version 0; its header cannot be included
/// beside the C library's.
struct SchedulerAttributes {
  std::uint32_t size;
  std::uint32_t policy;
  std::uint64_t flags;
  std::int32_t nice;
  std::uint32_t priority;
  std::uint64_t runtime;
  std::uint64_t deadline;
  std::uint64_t period;
};
static_assert(sizeof(SchedulerAttributes) == 48);  // SCHED_ATTR_SIZE_VER0

}  // namespace

sys::Result<void> Sysctls::in_child() const noexcept {
  for (const Setting& setting : settings_) {
    const auto written = proc_.write(setting.path.c_str(), setting.value);
    if (!written) {
      return std::unexpected(sys::SysError{.code = written.error().code,
                                           .call = setting.attempt.c_str()});
    }
  }
  return {};
}

sys::Result<void> Scheduling::in_child() const noexcept {
  if (personality_ && ::syscall(SYS_personality, *personality_) == -1) {
    return sys::fail("personality");
  }
  if (io_priority_ && ::syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0,
                                IOPRIO_PRIO_VALUE(io_priority_->io_class,
                                                  io_priority_->level)) == -1) {
    return sys::fail("ioprio_set");
  }
  if (scheduler_) {
    const SchedulerAttributes wanted{.size = sizeof wanted,
                                     .policy = scheduler_->policy,
                                     .flags = scheduler_->flags,
                                     .nice = scheduler_->nice,
                                     .priority = scheduler_->priority,
                                     .runtime = scheduler_->runtime,
                                     .deadline = scheduler_->deadline,
                                     .period = scheduler_->period};
    return sys::check_void(::syscall(SYS_sched_setattr, 0, &wanted, 0),
                           "sched_setattr");
  }
  return {};
}

sys::Result<void> Loopback::in_child() const noexcept {
  const sys::UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) {
    return sys::fail("socket");
  }
  ifreq request{};
  request.ifr_name[0] = 'l';
  request.ifr_name[1] = 'o';
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  return sys::check_void(::ioctl(socket.get(), SIOCSIFFLAGS, &request),
                         "ioctl SIOCSIFFLAGS");
}

sys::Result<void> WorkingDirectory::in_child() const noexcept {
  if (::chdir(path_.c_str()) == -1) {
    return sys::fail("chdir");
  }
  // getcwd(2) answers "(unreachable)/..." for a folder outside the root.
  char where[4096];
  if (::syscall(SYS_getcwd, where, sizeof where) == -1) {
    return sys::fail("getcwd");
  }
  if (where[0] != '/') {
    errno = EXDEV;
    return sys::fail("the working directory is outside of the container");
  }
  return {};
}

}  // namespace docker_cpp::oci
