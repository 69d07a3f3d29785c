// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "docker_cpp/namespaces/user_namespace.hpp"

namespace docker_cpp::rootfs {

/// A root made of layers. All are directories of the host.
struct OverlayRoot {
  std::vector<std::string> lower;  ///< the top layer first
  std::string upper;               ///< empty: a root that cannot be written
  std::string work;                ///< empty, on the file system of `upper`
  /// false: nothing is synced to disk (overlay's "volatile"), for containers
  /// that are removed when they end.
  bool durable = true;
};

/// \oci{runtime,config,mounts}
struct MountSpec {
  std::string destination;  ///< in the container
  std::string type;         ///< a file system; "bind" or "none" with bind
  std::string source;       ///< a path of the host for binds
  std::vector<std::string> options;  ///< see parse_mount_options
  /// Of an id-mapped mount; with the word "idmap" and without maps, it is the
  /// container's own.
  namespaces::IdMaps id_maps{};
};

/// \oci{runtime,config-linux,devices}
struct DeviceNode {
  std::string path;
  char type = 'c';  ///< c or u, b, p
  unsigned major = 0;
  unsigned minor = 0;
  mode_t mode = 0666;
  uid_t uid = 0;
  gid_t gid = 0;
};

/// Everything that the container's file systems are, as the OCI configuration
/// tells it.
struct RootPlan {
  std::variant<std::string /*directory*/, OverlayRoot> root;
  bool read_only = false;
  /// "private", "slave", "shared", "unbindable", or with r in front
  std::string propagation;
  std::vector<MountSpec> mounts;  ///< mounted in this order
  std::vector<DeviceNode> devices;
  std::vector<std::string> masked_paths;
  std::vector<std::string> read_only_paths;
  std::string working_directory = "/";  ///< made if missing
  /// Where in the old root the new one lies until it is changed to, for hooks
  /// that look for it there. Empty: over the old root itself.
  std::string attach_at;
  bool no_pivot = false;  ///< for a host that runs from ramfs
  bool console = false;   ///< wants a terminal
  /// The container's cgroup, as cgroups::Cgroup::path() says: what a mount of
  /// type "cgroup" shows. Empty: the caller's own.
  std::string cgroup_path;
  /// The maps of the container's user namespace, if it has one.
  std::vector<namespaces::IdRange> uid_map;
  std::vector<namespaces::IdRange> gid_map;
  /// SELinux's, for the file systems in memory; empty: none.
  std::string mount_label;
  /// Runs some work such that the memory it takes is charged to the
  /// container; absent: as it is.
  std::function<void(const std::function<void()>&)> charged;
};

/// null, zero, full, tty, random, urandom.
[[nodiscard]] std::vector<DeviceNode> default_devices();
/// /proc, /dev, /dev/pts, /sys, /sys/fs/cgroup (read-only), /dev/mqueue and
/// /dev/shm, as Docker mounts them.
[[nodiscard]] std::vector<MountSpec> default_mounts();
/// What Docker hides, and what it keeps from being written.
[[nodiscard]] std::vector<std::string> default_masked_paths();
[[nodiscard]] std::vector<std::string> default_read_only_paths();

}  // namespace docker_cpp::rootfs
