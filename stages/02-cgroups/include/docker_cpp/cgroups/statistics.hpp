// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace docker_cpp::cgroups {

struct CpuStatistics {
  std::uint64_t total_ns = 0;
  std::uint64_t user_ns = 0;
  std::uint64_t kernel_ns = 0;
  std::vector<std::uint64_t> per_cpu_ns;  ///< v1 only
  std::uint64_t periods = 0;
  std::uint64_t throttled_periods = 0;
  std::uint64_t throttled_ns = 0;
};

struct MemoryStatistics {
  std::uint64_t usage = 0;
  std::uint64_t max_usage = 0;
  std::uint64_t limit = 0;  ///< never more than the machine has, as Docker's
  std::uint64_t swap_usage = 0;
  std::uint64_t failures = 0;  ///< how often the limit was hit
  /// memory.stat as the kernel has it, in its order.
  std::vector<std::pair<std::string, std::uint64_t>> stat;
};

/// One entry of `stat`; 0 when there is none.
[[nodiscard]] std::uint64_t entry(const MemoryStatistics& memory,
                                  std::string_view name);

/// What `docker stats` shows: usage without the inactive part of the cache.
[[nodiscard]] std::uint64_t working_set(const MemoryStatistics& memory);

struct PidsStatistics {
  std::uint64_t current = 0;
  std::uint64_t limit = 0;  ///< 0: none
};

/// One line of the Engine API's blkio_stats.
struct BlkioEntry {
  std::uint64_t major = 0;
  std::uint64_t minor = 0;
  std::string operation;  ///< v1 "Read", "Write", "Sync"...; v2 "read", "write"
  std::uint64_t value = 0;
};

struct HugepageStatistics {
  std::string page_size;
  std::uint64_t usage = 0;
  std::uint64_t max_usage = 0;
  std::uint64_t failures = 0;
};

/// What a cgroup and all below it have used so far. A part whose controller is
/// missing stays zero.
struct Statistics {
  CpuStatistics cpu;
  MemoryStatistics memory;
  PidsStatistics pids;
  std::vector<BlkioEntry> io_service_bytes;
  std::vector<BlkioEntry> io_serviced;
  std::vector<HugepageStatistics> hugepages;
  std::uint64_t oom_kills = 0;
};

}  // namespace docker_cpp::cgroups
