// SPDX-License-Identifier: Apache-2.0
#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>

#include "backend.hpp"
#include "control_file.hpp"
#include "host_memory.hpp"

namespace docker_cpp::cgroups {
namespace {

CpuStatistics read_cpu(const ControlDirectory* account,
                       const ControlDirectory* cpu) {
  CpuStatistics result;
  result.total_ns = number_of(account, "cpuacct.usage").value_or(0);
  const std::string per_cpu = text_of(account, "cpuacct.usage_percpu");
  for (const std::string_view word : split(per_cpu, " \n")) {
    result.per_cpu_ns.push_back(to_number(word).value_or(0));
  }
  const auto parts = named_numbers(text_of(account, "cpuacct.stat"));
  const auto tick_ns =
      1'000'000'000 / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  result.user_ns = value_of(parts, "user") * tick_ns;
  result.kernel_ns = value_of(parts, "system") * tick_ns;
  const auto stat = named_numbers(text_of(cpu, "cpu.stat"));
  result.periods = value_of(stat, "nr_periods");
  result.throttled_periods = value_of(stat, "nr_throttled");
  result.throttled_ns = value_of(stat, "throttled_time");
  return result;
}

MemoryStatistics read_memory(const ControlDirectory* memory) {
  MemoryStatistics result;
  if (memory == nullptr) {
    return result;
  }
  const auto number = [&](const char* file) {
    return number_of(memory, file).value_or(0);
  };
  result.usage = number("memory.usage_in_bytes");
  result.max_usage = number("memory.max_usage_in_bytes");
  result.failures = number("memory.failcnt");
  const std::uint64_t both = number("memory.memsw.usage_in_bytes");
  result.swap_usage = both > result.usage ? both - result.usage : 0;
  result.stat = named_numbers(text_of(memory, "memory.stat"));
  result.limit = std::min(number("memory.limit_in_bytes"), host_memory());
  return result;
}

/// "8:0 Read 4096" lines; the closing "Total 4096" has no device.
std::vector<BlkioEntry> read_io(const ControlDirectory* blkio,
                                const std::string& file) {
  std::vector<BlkioEntry> entries;
  const std::string text = text_of(blkio, file);
  for (const std::string_view line : split(text, "\n")) {
    const auto words = split(line, " :");
    if (words.size() == 4) {
      entries.push_back({.major = to_number(words[0]).value_or(0),
                         .minor = to_number(words[1]).value_or(0),
                         .operation = std::string(words[2]),
                         .value = to_number(words[3]).value_or(0)});
    }
  }
  return entries;
}

std::vector<BlkioEntry> read_io_of(const ControlDirectory* blkio,
                                   const char* suffix) {
  auto entries =
      read_io(blkio, std::string("blkio.throttle.") + suffix + "_recursive");
  return entries.empty()
             ? read_io(blkio, std::string("blkio.bfq.") + suffix + "_recursive")
             : entries;
}

std::vector<HugepageStatistics> read_hugepages(
    const ControlDirectory* hugetlb) {
  std::vector<HugepageStatistics> all;
  if (hugetlb == nullptr) {
    return all;
  }
  for (const std::string& size : host_page_sizes()) {
    const std::string start = "hugetlb." + size + ".";
    if (const auto usage = number_of(hugetlb, start + "usage_in_bytes")) {
      all.push_back(
          {.page_size = size,
           .usage = *usage,
           .max_usage =
               number_of(hugetlb, start + "max_usage_in_bytes").value_or(0),
           .failures = number_of(hugetlb, start + "failcnt").value_or(0)});
    }
  }
  return all;
}

}  // namespace

Statistics V1Backend::statistics() const {
  Statistics all;
  all.cpu = read_cpu(find("cpuacct"), find("cpu"));
  all.memory = read_memory(find("memory"));
  const ControlDirectory* pids = find("pids");
  all.pids.current = number_of(pids, "pids.current").value_or(0);
  all.pids.limit = number_of(pids, "pids.max").value_or(0);
  const ControlDirectory* blkio = find("blkio");
  all.io_service_bytes = read_io_of(blkio, "io_service_bytes");
  all.io_serviced = read_io_of(blkio, "io_serviced");
  all.hugepages = read_hugepages(find("hugetlb"));
  all.oom_kills = oom_kills();
  return all;
}

}  // namespace docker_cpp::cgroups
