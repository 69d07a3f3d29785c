// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/cgroups/statistics.hpp"

#include <sys/sysinfo.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "control_file.hpp"
#include "host_memory.hpp"

namespace docker_cpp::cgroups {

std::uint64_t entry(const MemoryStatistics& memory, std::string_view name) {
  return value_of(memory.stat, name);
}

std::uint64_t working_set(const MemoryStatistics& memory) {
  const std::uint64_t inactive = std::max(entry(memory, "total_inactive_file"),
                                          entry(memory, "inactive_file"));
  return memory.usage > inactive ? memory.usage - inactive : memory.usage;
}

std::uint64_t host_memory() {
  struct sysinfo info{};
  ::sysinfo(&info);
  return static_cast<std::uint64_t>(info.totalram) * info.mem_unit;
}

std::vector<std::string> host_page_sizes() {
  std::vector<std::string> sizes;
  std::error_code none;  // a kernel without huge pages has no such folder
  for (const auto& entry :
       std::filesystem::directory_iterator("/sys/kernel/mm/hugepages", none)) {
    const std::string name = entry.path().filename();  // "hugepages-2048kB"
    const auto words = split(name, "-k");
    const auto kib = words.size() > 1 ? to_number(words[1]) : std::nullopt;
    if (!kib) {
      continue;
    }
    if (*kib >= 1U << 20) {
      sizes.push_back(std::to_string(*kib >> 20) + "GB");
    } else if (*kib >= 1U << 10) {
      sizes.push_back(std::to_string(*kib >> 10) + "MB");
    } else {
      sizes.push_back(std::to_string(*kib) + "KB");
    }
  }
  return sizes;
}

}  // namespace docker_cpp::cgroups
