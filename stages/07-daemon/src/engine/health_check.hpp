// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "docker_cpp/daemon/model.hpp"

namespace docker_cpp::daemon {

/// A check's numbers, with Docker's defaults for those not given.
struct HealthTimes {
  std::chrono::milliseconds interval;
  std::chrono::milliseconds timeout;
  std::chrono::milliseconds start_period;
  std::chrono::milliseconds start_interval;
  int retries;
};
[[nodiscard]] HealthTimes times_of(const HealthCheck& check);

/// {"NONE"}, or nothing to run.
[[nodiscard]] bool is_disabled(const HealthCheck& check);

/// What is run: CMD as it stands, CMD-SHELL by the image's shell.
[[nodiscard]] Strings probe_command(const Config& config);

/// \throws ApiError with Docker's sentence
void check_health(const HealthCheck& check);

/// As Go prints durations: "1m30s", "500ms".
[[nodiscard]] std::string duration_text(std::chrono::milliseconds time);

/// The bytes of both streams of a framed conversation, at most `longest`.
[[nodiscard]] std::string unframed(std::string_view raw, std::size_t longest);

}  // namespace docker_cpp::daemon
