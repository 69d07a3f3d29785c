// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "backend.hpp"
#include "control_file.hpp"
#include "host_memory.hpp"

namespace docker_cpp::cgroups {
namespace {

CpuStatistics read_cpu(const ControlDirectory* directory) {
  const auto stat = named_numbers(text_of(directory, "cpu.stat"));
  const auto ns = [&](const char* name) {
    return value_of(stat, name) * 1'000;
  };
  return {.total_ns = ns("usage_usec"),
          .user_ns = ns("user_usec"),
          .kernel_ns = ns("system_usec"),
          .per_cpu_ns = {},
          .periods = value_of(stat, "nr_periods"),
          .throttled_periods = value_of(stat, "nr_throttled"),
          .throttled_ns = ns("throttled_usec")};
}

MemoryStatistics read_memory(const ControlDirectory* directory) {
  MemoryStatistics result;
  const auto usage = number_of(directory, "memory.current");
  if (!usage) {
    return result;  // no memory controller
  }
  result.usage = *usage;
  result.max_usage = number_of(directory, "memory.peak").value_or(0);
  result.swap_usage = number_of(directory, "memory.swap.current").value_or(0);
  const auto events = named_numbers(text_of(directory, "memory.events"));
  result.failures = value_of(events, "max");
  result.stat = named_numbers(text_of(directory, "memory.stat"));
  result.limit = std::min(number_of(directory, "memory.max").value_or(~0ULL),
                          host_memory());
  return result;
}

/// "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0"
void read_io(const ControlDirectory* directory, Statistics& into) {
  const std::string text = text_of(directory, "io.stat");
  for (const std::string_view line : split(text, "\n")) {
    const auto words = split(line, " :=");
    BlkioEntry entry;
    if (words.size() >= 2) {
      entry.major = to_number(words[0]).value_or(0);
      entry.minor = to_number(words[1]).value_or(0);
    }
    const auto add = [&](std::vector<BlkioEntry>& to, const char* operation,
                         std::string_view number) {
      entry.operation = operation;
      entry.value = to_number(number).value_or(0);
      to.push_back(entry);
    };
    for (std::size_t i = 2; i + 1 < words.size(); i += 2) {
      if (words[i] == "rbytes") {
        add(into.io_service_bytes, "read", words[i + 1]);
      } else if (words[i] == "wbytes") {
        add(into.io_service_bytes, "write", words[i + 1]);
      } else if (words[i] == "rios") {
        add(into.io_serviced, "read", words[i + 1]);
      } else if (words[i] == "wios") {
        add(into.io_serviced, "write", words[i + 1]);
      }
    }
  }
}

void read_hugepages(const ControlDirectory* directory, Statistics& into) {
  for (const std::string& size : host_page_sizes()) {
    const std::string start = "hugetlb." + size + ".";
    if (const auto usage = number_of(directory, start + "current")) {
      const auto events = named_numbers(text_of(directory, start + "events"));
      into.hugepages.push_back({.page_size = size,
                                .usage = *usage,
                                .max_usage = 0,
                                .failures = value_of(events, "max")});
    }
  }
}

}  // namespace

Statistics V2Backend::statistics() const {
  const ControlDirectory* directory = &directories().front();
  Statistics all;
  all.cpu = read_cpu(directory);
  all.memory = read_memory(directory);
  all.pids.current = number_of(directory, "pids.current").value_or(0);
  all.pids.limit = number_of(directory, "pids.max").value_or(0);
  read_io(directory, all);
  read_hugepages(directory, all);
  all.oom_kills = oom_kills();
  return all;
}

}  // namespace docker_cpp::cgroups
