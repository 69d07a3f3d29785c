// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "docker_cpp/cgroups/parse_limit.hpp"
#include "docker_cpp/cgroups/resources.hpp"

namespace docker_cpp::cgroups {

// [resource-traits]
/// What a kind of limit is called and which fields it sets. To limit something
/// new, specialise this; to limit something unknown does not compile.
template <typename Limit>
struct ResourceTraits;

template <>
struct ResourceTraits<MemoryLimit> {
  static constexpr const char* name = "memory";
  static void put(MemoryLimit limit, Resources& into) {
    into.memory_limit = limit.bytes;
  }
};

template <>
struct ResourceTraits<CpuLimit> {
  static constexpr const char* name = "cpu";
  /// Docker's period; a quota below 1 ms is refused by the kernel.
  static constexpr std::uint64_t period_us = 100'000;
  static void put(CpuLimit limit, Resources& into) {
    into.cpu_period = period_us;
    into.cpu_quota =
        limit.nano_cpus * static_cast<std::int64_t>(period_us) / 1'000'000'000;
  }
};

template <>
struct ResourceTraits<PidsLimit> {
  static constexpr const char* name = "pids";
  static void put(PidsLimit limit, Resources& into) {
    into.pids_limit = limit.most;
  }
};

/// Collects limits; each kind of limit is a type, so that a number of
/// processes is never taken for a number of bytes.
class ResourceLimiter {
 public:
  template <typename Limit>
  ResourceLimiter& limit(Limit value) {
    ResourceTraits<Limit>::put(value, resources_);
    return *this;
  }

  [[nodiscard]] const Resources& resources() const { return resources_; }

 private:
  Resources resources_;
};
// [resource-traits]

}  // namespace docker_cpp::cgroups
