// SPDX-License-Identifier: Apache-2.0
#include "limits_check.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "docker_cpp/daemon/api_error.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::daemon {
namespace {

[[noreturn]] void refuse(const std::string& why) {
  throw ApiError(ErrorCode::invalid_argument, why);
}

/// The numbers of a list such as `0-3,8`; false if it is none.
bool parse_list(std::string_view text, std::set<unsigned>& numbers) {
  constexpr unsigned most = 8192;  // the kernel's own limit of processors
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    unsigned first = 0;
    const char* const end = part.data() + part.size();
    std::from_chars_result read = std::from_chars(part.data(), end, first);
    unsigned last = first;
    if (read.ec == std::errc{} && read.ptr != end && *read.ptr == '-') {
      read = std::from_chars(read.ptr + 1, end, last);
    }
    if (read.ec != std::errc{} || read.ptr != end || last < first ||
        last > most) {
      return false;
    }
    for (unsigned number = first; number <= last; ++number) {
      numbers.insert(number);
    }
  }
  return true;
}

void check_set(const std::string& wanted, const char* option, const char* what,
               const char* file) {
  if (wanted.empty()) {
    return;
  }
  std::set<unsigned> asked;
  if (!parse_list(wanted, asked)) {
    refuse("Invalid value " + wanted + " for " + option);
  }
  // A kernel without NUMA has no such file, and the one node.
  const auto text = sys::read_file(file);
  const std::string online = text ? text->substr(0, text->find('\n')) : "0";
  std::set<unsigned> there;
  parse_list(online, there);
  for (const unsigned number : asked) {
    if (!there.contains(number)) {
      refuse("Requested " + std::string(what) +
             " are not available - requested " + wanted +
             ", available: " + online);
    }
  }
}

void check_memory(const HostConfig& host) {
  constexpr std::int64_t least = 6 << 20;
  if (host.memory != 0 && host.memory < least) {
    refuse("Minimum memory limit allowed is 6MB");
  }
  if (host.memory > 0 && host.memory_swap > 0 &&
      host.memory_swap < host.memory) {
    refuse(
        "Minimum memoryswap limit should be larger than memory limit, see "
        "usage");
  }
  if (host.memory == 0 && host.memory_swap > 0) {
    refuse(
        "You should always set the Memory limit when using Memoryswap limit, "
        "see usage");
  }
  if (const auto level = host.memory_swappiness.value_or(-1);
      level < -1 || level > 100) {
    refuse("Invalid value: " + std::to_string(level) +
           ", valid memory swappiness range is 0-100");
  }
  if (host.memory_reservation > 0 && host.memory_reservation < least) {
    refuse("Minimum memory reservation allowed is 6MB");
  }
  if (host.memory > 0 && host.memory < host.memory_reservation) {
    refuse(
        "Minimum memory limit can not be less than memory reservation limit, "
        "see usage");
  }
}

void check_cpu(const HostConfig& host) {
  constexpr std::int64_t nano = 1'000'000'000;
  constexpr std::int64_t least = 1'000;
  constexpr std::int64_t longest = 1'000'000;
  if (host.nano_cpus != 0) {
    if (host.cpu_period != 0) {
      refuse(
          "Conflicting options: Nano CPUs and CPU Period cannot both be set");
    }
    if (host.cpu_quota != 0) {
      refuse("Conflicting options: Nano CPUs and CPU Quota cannot both be set");
    }
    const std::int64_t there = ::sysconf(_SC_NPROCESSORS_ONLN);
    if (host.nano_cpus < nano / 100 || host.nano_cpus > there * nano) {
      refuse("range of CPUs is from 0.01 to " + std::to_string(there) +
             ".00, as there are only " + std::to_string(there) +
             " CPUs available");
    }
  }
  if (host.cpu_period != 0 &&
      (host.cpu_period < least || host.cpu_period > longest)) {
    refuse(
        "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than "
        "1s (i.e. 1000000)");
  }
  if (host.cpu_quota > 0 && host.cpu_quota < least) {
    refuse("CPU cfs quota can not be less than 1ms (i.e. 1000)");
  }
  if (host.cpu_shares < 0) {
    refuse("invalid CPU shares (" + std::to_string(host.cpu_shares) +
           "): value must be a positive integer");
  }
  check_set(host.cpuset_cpus, "cpuset cpus", "CPUs",
            "/sys/devices/system/cpu/online");
  check_set(host.cpuset_mems, "cpuset mems", "memory nodes",
            "/sys/devices/system/node/online");
}

}  // namespace

void check_limits(const HostConfig& host) {
  check_memory(host);
  check_cpu(host);
  if (host.blkio_weight != 0 &&
      (host.blkio_weight < 10 || host.blkio_weight > 1000)) {
    refuse("Range of blkio weight is from 10 to 1000");
  }
  if (host.shm_size < 0) {
    refuse("SHM size can not be less than 0");
  }
  if (host.oom_score_adj < -1000 || host.oom_score_adj > 1000) {
    refuse("Invalid value " + std::to_string(host.oom_score_adj) +
           ", range for oom score adj is [-1000, 1000]");
  }
}

}  // namespace docker_cpp::daemon
