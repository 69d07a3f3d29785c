// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>

#include "docker_cpp/sys/trace.hpp"

namespace docker_cpp::sys {

/// Shared by parent and child; each takes the next free record.
struct TraceStep::Page {
  static constexpr unsigned capacity = 1024;
  std::atomic<unsigned> used;
  std::array<TraceRecord, capacity> records;
};

}  // namespace docker_cpp::sys
