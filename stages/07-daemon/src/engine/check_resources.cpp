// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "host_defaults.hpp"

#include "docker_cpp/daemon/api_error.hpp"

/// The sentences are Docker's: scripts match on them.
namespace docker_cpp::daemon {
namespace {

[[noreturn]] void refuse(const std::string& why) {
  throw ApiError(ErrorCode::invalid_argument, why);
}

void refuse_if(bool wrong, const char* why) {
  if (wrong) {
    refuse(why);
  }
}

constexpr std::int64_t least_memory = 6 << 20;

void check_memory(const HostConfig& host) {
  refuse_if(host.memory < 0 || (host.memory > 0 && host.memory < least_memory),
            "Minimum memory limit allowed is 6MB");
  refuse_if(
      host.memory > 0 && host.memory_swap > 0 && host.memory_swap < host.memory,
      "Minimum memoryswap limit should be larger than memory limit, see "
      "usage");
  refuse_if(host.memory == 0 && host.memory_swap > 0,
            "You should always set the Memory limit when using Memoryswap "
            "limit, see usage");
  refuse_if(
      host.memory_reservation > 0 && host.memory_reservation < least_memory,
      "Minimum memory reservation allowed is 6MB");
  refuse_if(host.memory > 0 && host.memory_reservation > 0 &&
                host.memory < host.memory_reservation,
            "Minimum memory limit can not be less than memory reservation "
            "limit, see usage");
  if (host.memory_swappiness) {
    const auto swappiness = *host.memory_swappiness;
    if (swappiness < -1 || swappiness > 100) {
      refuse("Invalid value: " + std::to_string(swappiness) +
             ", valid memory swappiness range is 0-100");
    }
  }
}

void check_cpu(const HostConfig& host) {
  refuse_if(host.nano_cpus > 0 && host.cpu_period > 0,
            "Conflicting options: Nano CPUs and CPU Period cannot both be set");
  refuse_if(host.nano_cpus > 0 && host.cpu_quota > 0,
            "Conflicting options: Nano CPUs and CPU Quota cannot both be set");
  constexpr std::int64_t nano = 1'000'000'000;
  const long present = ::sysconf(_SC_NPROCESSORS_ONLN);
  if (host.nano_cpus < 0 || host.nano_cpus > present * nano) {
    const std::string count = std::to_string(present);
    refuse("range of CPUs is from 0.01 to " + count +
           ".00, as there are only " + count + " CPUs available");
  }
  constexpr std::int64_t least = 1000;
  constexpr std::int64_t most = 1'000'000;
  refuse_if(host.cpu_period != 0 &&
                (host.cpu_period < least || host.cpu_period > most),
            "CPU cfs period can not be less than 1ms (i.e. 1000) or larger "
            "than 1s (i.e. 1000000)");
  refuse_if(host.cpu_quota > 0 && host.cpu_quota < least,
            "CPU cfs quota can not be less than 1ms (i.e. 1000)");
  refuse_if(host.cpu_shares < 0, "CPU shares cannot be negative");
}

}  // namespace

void check_resources(const HostConfig& host) {
  check_memory(host);
  check_cpu(host);
  refuse_if(host.blkio_weight != 0 &&
                (host.blkio_weight < 10 || host.blkio_weight > 1000),
            "Range of blkio weight is from 10 to 1000");
  for (const BlockDeviceLimit& limit : host.blkio_weight_device) {
    refuse_if(limit.value < 10 || limit.value > 1000,
              "Range of blkio weight is from 10 to 1000");
  }
}

}  // namespace docker_cpp::daemon
