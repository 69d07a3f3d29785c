// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "docker_cpp/daemon/api_server.hpp"
#include "docker_cpp/daemon/container_runtime.hpp"
#include "docker_cpp/daemon/executor.hpp"

namespace docker_cpp::daemon {

/// GET /metrics for Prometheus, in its text format, with Docker's names where
/// Docker has one. On a listener of its own: it is for a network, and shows
/// no container's name.
class MetricsServer {
 public:
  /// `address` is ADDRESS:PORT. \throws ApiError, Error
  MetricsServer(Executor& executor, ContainerRuntime& runtime,
                const EngineInfo& info, const std::string& address);
  ~MetricsServer();
  MetricsServer(const MetricsServer&) = delete;
  MetricsServer& operator=(const MetricsServer&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace docker_cpp::daemon
