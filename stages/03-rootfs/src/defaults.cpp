// SPDX-License-Identifier: Apache-2.0
// What Docker gives every container: moby's oci/defaults.go.
#include "docker_cpp/rootfs/root_plan.hpp"

namespace docker_cpp::rootfs {

std::vector<DeviceNode> default_devices() {
  return {{.path = "/dev/null", .major = 1, .minor = 3},
          {.path = "/dev/zero", .major = 1, .minor = 5},
          {.path = "/dev/full", .major = 1, .minor = 7},
          {.path = "/dev/random", .major = 1, .minor = 8},
          {.path = "/dev/urandom", .major = 1, .minor = 9},
          {.path = "/dev/tty", .major = 5, .minor = 0}};
}

std::vector<MountSpec> default_mounts() {
  return {
      {"/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}},
      {"/dev",
       "tmpfs",
       "tmpfs",
       {"nosuid", "strictatime", "mode=755", "size=65536k"}},
      {"/dev/pts",
       "devpts",
       "devpts",
       {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620",
        "gid=5"}},
      {"/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", "ro"}},
      {"/sys/fs/cgroup",
       "cgroup",
       "cgroup",
       {"ro", "nosuid", "noexec", "nodev"}},
      {"/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}},
      {"/dev/shm",
       "tmpfs",
       "shm",
       {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}},
  };
}

std::vector<std::string> default_masked_paths() {
  return {"/proc/acpi",
          "/proc/asound",
          "/proc/interrupts",
          "/proc/kcore",
          "/proc/keys",
          "/proc/latency_stats",
          "/proc/sched_debug",
          "/proc/scsi",
          "/proc/timer_list",
          "/proc/timer_stats",
          "/sys/devices/virtual/powercap",
          "/sys/firmware"};
}

std::vector<std::string> default_read_only_paths() {
  return {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
          "/proc/sysrq-trigger"};
}

}  // namespace docker_cpp::rootfs
