// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/oci/template.hpp"

namespace docker_cpp::oci {
namespace {

constexpr const char* head = R"JSON({
  "ociVersion": "1.3.0",
  "process": {
    "terminal": true,
    "user": {"uid": 0, "gid": 0},
    "args": ["sh"],
    "env": [
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      "TERM=xterm"
    ],
    "cwd": "/",
    "capabilities": {
      "bounding": ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"],
      "effective": ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"],
      "permitted": ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"]
    },
    "rlimits": [{"type": "RLIMIT_NOFILE", "hard": 1024, "soft": 1024}],
    "noNewPrivileges": true
  },
  "root": {"path": "rootfs", "readonly": true},
  "hostname": "docker-cpp",
  "mounts": [
    {"destination": "/proc", "type": "proc", "source": "proc"},
    {
      "destination": "/dev",
      "type": "tmpfs",
      "source": "tmpfs",
      "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]
    },
    {
      "destination": "/dev/pts",
      "type": "devpts",
      "source": "devpts",
      "options": [
        "nosuid",
        "noexec",
        "newinstance",
        "ptmxmode=0666",
        "mode=0620")JSON";

constexpr const char* after_group = R"JSON(
      ]
    },
    {
      "destination": "/dev/shm",
      "type": "tmpfs",
      "source": "shm",
      "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]
    },
    {
      "destination": "/dev/mqueue",
      "type": "mqueue",
      "source": "mqueue",
      "options": ["nosuid", "noexec", "nodev"]
    },
)JSON";

constexpr const char* after_sys = R"JSON(
  ],
  "linux": {
)JSON";

constexpr const char* after_maps = R"JSON(    "namespaces": [
      {"type": "pid"},
)JSON";

constexpr const char* after_network = R"JSON(      {"type": "ipc"},
      {"type": "uts"},
      {"type": "mount"},
      {"type": "cgroup"}
    ],
    "maskedPaths": [
      "/proc/acpi",
      "/proc/asound",
      "/proc/interrupts",
      "/proc/kcore",
      "/proc/keys",
      "/proc/latency_stats",
      "/proc/timer_list",
      "/proc/timer_stats",
      "/proc/sched_debug",
      "/proc/scsi",
      "/sys/firmware",
      "/sys/devices/virtual/powercap"
    ],
    "readonlyPaths": [
      "/proc/bus",
      "/proc/fs",
      "/proc/irq",
      "/proc/sys",
      "/proc/sysrq-trigger"
    ]
  }
}
)JSON";

constexpr const char* terminal_group = R"JSON(,
        "gid=5")JSON";

constexpr const char* sys_for_root = R"JSON(    {
      "destination": "/sys",
      "type": "sysfs",
      "source": "sysfs",
      "options": ["nosuid", "noexec", "nodev", "ro"]
    },
    {
      "destination": "/sys/fs/cgroup",
      "type": "cgroup",
      "source": "cgroup",
      "options": ["nosuid", "noexec", "nodev", "relatime", "ro"]
    })JSON";

// Without a network namespace of one's own, sysfs cannot be mounted.
constexpr const char* sys_for_user = R"JSON(    {
      "destination": "/sys",
      "type": "none",
      "source": "/sys",
      "options": ["rbind", "nosuid", "noexec", "nodev", "ro"]
    })JSON";

std::string map_line(const char* key, unsigned outside) {
  return std::string("    \"") + key +
         "\": [{\"containerID\": 0, \"hostID\": " + std::to_string(outside) +
         ", \"size\": 1}],\n";
}

}  // namespace

std::string template_for_root() {
  return std::string(head) + terminal_group + after_group + sys_for_root +
         after_sys + after_maps + "      {\"type\": \"network\"},\n" +
         after_network;
}

std::string template_for_user(uid_t uid, gid_t gid) {
  return std::string(head) + after_group + sys_for_user + after_sys +
         map_line("uidMappings", uid) + map_line("gidMappings", gid) +
         after_maps + "      {\"type\": \"user\"},\n" + after_network;
}

}  // namespace docker_cpp::oci
