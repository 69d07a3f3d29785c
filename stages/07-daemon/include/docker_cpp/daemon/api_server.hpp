// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "docker_cpp/daemon/container_runtime.hpp"
#include "docker_cpp/daemon/executor.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::images {
class ImageStore;
}

namespace docker_cpp::daemon {

class PluginRegistry;

/// What `docker version`, `docker info` and `docker network` say of this
/// daemon and what only its main knows.
struct EngineInfo {
  std::string version;
  std::string git_commit;
  std::string build_time;
  std::string id;         ///< of this daemon, kept over restarts
  std::string host_name;  ///< empty: the machine's
  std::string data_root = "/var/lib/docker-cpp";
  std::string exec_root = "/run/docker-cpp";
  std::string cgroup_parent = "/docker-cpp";  ///< holds one per container
  Time started_at = std::chrono::system_clock::now();
  Strings labels;
  std::shared_ptr<PluginRegistry> plugins;  ///< may be null
  Strings security_options = {"name=seccomp,profile=builtin"};
};

/// The Engine API over HTTP. Which endpoints and versions there are is in
/// docs/formats/engine-api.md.
///
/// Must go before what it was given; thread safe.
class ApiServer {
 public:
  static constexpr int minimum_minor = 24;  ///< of API version 1
  static constexpr int maximum_minor = 44;

  ApiServer(Executor& executor, ContainerRuntime& runtime,
            images::ImageStore& images, EngineInfo info);
  ~ApiServer();
  ApiServer(const ApiServer&) = delete;
  ApiServer& operator=(const ApiServer&) = delete;

  /// The socket gets exactly that mode and group (-1: the process's).
  /// \throws Error
  void listen_unix(const std::string& path, mode_t mode, gid_t group);

  /// \returns the port, chosen by the kernel when 0 was asked for
  /// \throws Error
  std::uint16_t listen_tcp(const std::string& address, std::uint16_t port);

  /// A socket that listens already (`-H fd://`).
  void listen_fd(sys::UniqueFd socket);

  /// Stops listening and closes every connection. Containers run on.
  void stop() noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace docker_cpp::daemon
