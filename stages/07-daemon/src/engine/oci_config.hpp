// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <string_view>

#include "docker_cpp/daemon/model.hpp"

namespace docker_cpp::daemon {

/// Where --init's program is in a container, as Docker has it.
inline constexpr std::string_view init_path = "/sbin/docker-init";

/// What the container's OCI configuration takes from outside its description.
struct OciContext {
  /// Holds the files mounted as /etc/hosts, hostname and resolv.conf.
  std::string files;
  /// The same of the container whose network this one joins; empty: own.
  std::string network_files;
  std::string hostname;
  Strings link_environment;  ///< of --link
  std::string cgroup;
  std::string init;  ///< of --init, on the host; empty: none
  /// The first process of another container, for `--network container:x`.
  /// \throws ApiError when it does not run
  std::function<pid_t(std::string_view ref)> pid_of;
};

/// The config.json of a container, with Docker's defaults.
/// \throws ApiError naming the option that makes no sense
/// \oci{runtime,config}
[[nodiscard]] std::string oci_config(const Container& container,
                                     const OciContext& context);

/// The process object of an exec session.
[[nodiscard]] std::string oci_process(const Container& container,
                                      const Exec& exec);

/// The capabilities that a container's options ask for. \throws ApiError
[[nodiscard]] std::uint64_t capabilities_of(const HostConfig& host_config);

/// Options of --security-opt, read. \throws ApiError
struct SecurityOptions {
  bool no_new_privileges = false;
  bool unconfined_seccomp = false;
  std::string seccomp_profile;  ///< JSON; empty: the default
  std::string apparmor_profile;
};
[[nodiscard]] SecurityOptions security_options(const HostConfig& host_config);

/// Whether the container gets a network of the engine's bridge.
[[nodiscard]] bool wants_bridge(const HostConfig& host_config);

}  // namespace docker_cpp::daemon
