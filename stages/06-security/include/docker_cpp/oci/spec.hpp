// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/cgroups/resources.hpp"
#include "docker_cpp/namespaces/namespaces.hpp"
#include "docker_cpp/oci/json_view.hpp"
#include "docker_cpp/oci/process_spec.hpp"
#include "docker_cpp/rootfs/root_plan.hpp"

namespace docker_cpp::oci {

/// The version of the runtime specification that is implemented.
inline constexpr const char* oci_version = "1.3.0";

/// A program of the host's that is run at a certain moment of a container's
/// life. \oci{runtime,config,posix-platform-hooks}
struct Hook {
  std::string path;
  std::vector<std::string> args;  ///< args[0] included; empty: just the path
  std::vector<std::string> env;
  std::optional<std::int64_t> timeout;  ///< seconds
};

struct Hooks {
  std::vector<Hook> prestart;
  std::vector<Hook> create_runtime;
  std::vector<Hook> create_container;
  std::vector<Hook> start_container;
  std::vector<Hook> poststart;
  std::vector<Hook> poststop;
};

/// A namespace to make, or with a path, to join.
struct NamespaceSpec {
  namespaces::Kind kind;
  std::string path;
};

/// A network link of the host's that moves into the container.
struct NetDevice {
  std::string host_name;
  std::string name;  ///< in the container
};

/// \man{set_mempolicy,2}
struct MemoryPolicy {
  int mode = 0;  ///< with flags
  std::optional<BitSet> nodes;
};

/// \oci{runtime,config-linux,intelrdt}
struct RdtSpec {
  std::string clos_id;  ///< empty: a group of the container's own
  std::vector<std::string> schemata;
  bool monitoring = false;
};

/// The `linux` object. \oci{runtime,config-linux}
struct LinuxSpec {
  std::vector<NamespaceSpec> namespaces;
  std::vector<namespaces::IdRange> uid_mappings;
  std::vector<namespaces::IdRange> gid_mappings;
  std::optional<namespaces::TimeOffsets::Offset> monotonic_offset;
  std::optional<namespaces::TimeOffsets::Offset> boottime_offset;
  std::vector<rootfs::DeviceNode> devices;
  std::string cgroups_path;
  cgroups::Resources resources;
  std::string rootfs_propagation;  ///< "", private, shared, slave, unbindable
  std::optional<std::string> seccomp;  ///< the object as JSON text
  std::map<std::string, std::string> sysctl;
  std::vector<std::string> masked_paths;
  std::vector<std::string> readonly_paths;
  std::string mount_label;
  std::optional<std::uint64_t> personality;  ///< as personality(2) takes it
  std::vector<NetDevice> net_devices;
  std::optional<MemoryPolicy> memory_policy;
  std::optional<RdtSpec> intel_rdt;
};

/// The namespace of this kind that is asked for, or null.
[[nodiscard]] const NamespaceSpec* find_namespace(const LinuxSpec& linux_spec,
                                                  namespaces::Kind kind);

struct RootSpec {
  std::string path;
  bool readonly = false;
};

/// A bundle's config.json: what a container is to be.
/// \oci{runtime,config}
struct Spec {
  using Process = ProcessSpec;

  std::string oci_version;
  std::optional<ProcessSpec> process;
  std::optional<RootSpec> root;
  std::string hostname;
  std::string domainname;
  std::vector<rootfs::MountSpec> mounts;
  Hooks hooks;
  std::map<std::string, std::string> annotations;
  LinuxSpec linux_spec;
};

/// Reads a config.json. Unknown properties are ignored, as the specification
/// wants; a known one with an invalid value is refused.
/// \throws SpecError naming the property
[[nodiscard]] Spec parse_spec(std::string_view text);

/// Reads a process object by itself, as `exec --process` takes it.
[[nodiscard]] ProcessSpec parse_process(std::string_view text);

/// Reads a linux.resources object, as `update --resources` takes it.
[[nodiscard]] cgroups::Resources parse_resources(std::string_view text);

}  // namespace docker_cpp::oci
