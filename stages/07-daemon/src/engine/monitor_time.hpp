// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string_view>

#include "docker_cpp/daemon/model.hpp"
#include "docker_cpp/daemon/packet.hpp"

namespace docker_cpp::daemon {

/// Takes a moment, in nanoseconds, off the front of what a monitor said.
[[nodiscard]] inline Time time_of(std::string_view& words) {
  return Time(std::chrono::duration_cast<Time::duration>(
      std::chrono::nanoseconds(monitor::take_number(words))));
}

}  // namespace docker_cpp::daemon
