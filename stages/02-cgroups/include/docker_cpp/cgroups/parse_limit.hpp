// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace docker_cpp::cgroups {

/// Bytes of memory; -1: no limit.
struct MemoryLimit {
  std::int64_t bytes = -1;
  friend auto operator<=>(const MemoryLimit&, const MemoryLimit&) = default;
};

/// A share of the processors in billionths of one, as Docker's NanoCpus.
struct CpuLimit {
  std::int64_t nano_cpus = 0;
  friend auto operator<=>(const CpuLimit&, const CpuLimit&) = default;
};

/// Processes and threads; -1: no limit.
struct PidsLimit {
  std::int64_t most = -1;
  friend auto operator<=>(const PidsLimit&, const PidsLimit&) = default;
};

// What people type after `docker run`. A bad limit is an answer, not an
// accident, so it comes back as a value: a sentence.

/// `--memory`: digits, maybe a fraction, maybe a unit b, k, m, g, t, p (powers
/// of 1024, "kb" and "KiB" too), such as "512m" and "1.5g". "-1": no limit.
[[nodiscard]] std::expected<MemoryLimit, std::string> parse_memory_limit(
    std::string_view text);

/// `--cpus`: "1.5", up to nine digits after the point.
[[nodiscard]] std::expected<CpuLimit, std::string> parse_cpu_limit(
    std::string_view text);

/// `--pids-limit`: a number; -1 and 0: no limit.
[[nodiscard]] std::expected<PidsLimit, std::string> parse_pids_limit(
    std::string_view text);

/// `--cpuset-cpus`: "0-2,7" without blanks.
/// \return the same text, known to be well-formed
[[nodiscard]] std::expected<std::string, std::string> parse_cpuset(
    std::string_view text);

}  // namespace docker_cpp::cgroups
