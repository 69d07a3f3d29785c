// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace docker_cpp::daemon {

/// How a container's health is found out: HEALTHCHECK and --health-*.
struct HealthCheck {
  /// {"NONE"}; {"CMD", ...}; {"CMD-SHELL", line}; empty: the image's
  std::vector<std::string> test;
  std::int64_t interval = 0;  ///< nanoseconds; 0: Docker's default
  std::int64_t timeout = 0;
  std::int64_t start_period = 0;
  std::int64_t start_interval = 0;
  int retries = 0;
};

/// What one probe found.
struct HealthResult {
  std::chrono::system_clock::time_point start{};
  std::chrono::system_clock::time_point end{};
  int exit_code = 0;  ///< -1: it could not be run, or took too long
  std::string output;
};

/// State.Health of a container that has a check.
struct Health {
  std::string status = "starting";  ///< starting, healthy, unhealthy
  int failing_streak = 0;
  std::vector<HealthResult> log;  ///< the last five
};

}  // namespace docker_cpp::daemon
