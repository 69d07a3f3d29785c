// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "docker_cpp/daemon/health.hpp"
#include "docker_cpp/daemon/host_config.hpp"
#include "docker_cpp/daemon/state.hpp"

/// What the daemon knows of a container: Docker's words, as values.
namespace docker_cpp::daemon {

using Time = std::chrono::system_clock::time_point;  ///< epoch 0 = never

/// The part of a container's description that an image may also give.
struct Config {
  std::string hostname;
  std::string domainname;
  std::string user;
  bool attach_stdin = false;
  bool attach_stdout = false;
  bool attach_stderr = false;
  Strings exposed_ports;  ///< "80/tcp"
  bool tty = false;
  bool open_stdin = false;
  bool stdin_once = false;
  Strings env;
  std::optional<Strings> cmd;
  std::optional<Strings> entrypoint;
  std::string image;  ///< as the user wrote it
  Strings volumes;    ///< container paths
  std::string working_dir;
  Labels labels;
  std::string stop_signal;
  std::optional<int> stop_timeout;
  std::optional<HealthCheck> healthcheck;
  Strings shell;     ///< of the image: what runs a line of text
  Strings on_build;  ///< kept for commit
};

/// How a container is connected to one network.
struct Endpoint {
  std::string network;  ///< its name
  std::string network_id;
  std::string endpoint_id;
  std::string gateway;
  std::string ip_address;
  int ip_prefix_len = 0;
  std::string mac_address;
  std::string ipv6_gateway;
  std::string ipv6_address;
  int ipv6_prefix_len = 0;
  bool way_out = false;  ///< has the default route and the published ports

  // What was asked for; it outlives the run.
  Strings aliases;
  Strings links;  ///< "container:alias"
  Labels driver_options;
  int gateway_priority = 0;
  std::string wanted_ip;
  std::string wanted_ipv6;
  Strings link_local_ips;
  std::string wanted_mac;
};

/// Where something is mounted, as inspect shows it.
struct MountPoint {
  std::string type;  ///< bind, volume, tmpfs
  std::string name;  ///< of a volume
  std::string source;
  std::string destination;
  std::string driver;
  std::string mode;
  bool rw = true;
  std::string propagation;
};

/// The root of a container that stands on no image: of a step of a build,
/// which ends with the build, a crash of the daemon included.
struct OwnRoot {
  std::string image_id;  ///< what it was made from; may be empty
  Strings lower;         ///< directories, the top one first
  std::string upper;
  std::string work;
};

/// A container, whole. Immutable once published: readers share it.
struct Container {
  std::string id;    ///< 64 hex digits
  std::string name;  ///< without the slash
  Time created;
  std::string image_id;  ///< "sha256:…", of the image's configuration
  Config config;         ///< merged with the image's
  HostConfig host_config;
  Strings args;  ///< entrypoint and command, path first

  State state = State::created;
  pid_t pid = 0;
  int exit_code = 0;
  std::string error;  ///< why the last start failed
  bool oom_killed = false;
  int restart_count = 0;
  bool stopped_by_user = false;
  Time started_at;
  Time finished_at;

  std::vector<Endpoint> endpoints;
  PortMap ports;  ///< as published, with the host ports chosen
  std::vector<MountPoint> mounts;
  std::string log_path;
  std::optional<OwnRoot> own_root;
  /// Frozen layers between the image and the writable one, the top one first.
  Strings frozen;
  Strings exec_ids;  ///< running ones
  std::optional<Health> health;
};

/// A command run in a running container.
struct Exec {
  std::string id;
  std::string container_id;
  Strings args;
  Strings env;
  std::string user;
  std::string working_dir;
  bool tty = false;
  bool privileged = false;
  bool attach_stdin = false;
  bool attach_stdout = false;
  bool attach_stderr = false;
  std::string detach_keys;
  std::array<std::uint16_t, 2> console_size{};  ///< rows, columns; 0: unsaid
  bool started = false;
  bool running = false;
  std::optional<int> exit_code;
  pid_t pid = 0;
};

}  // namespace docker_cpp::daemon
