// SPDX-License-Identifier: Apache-2.0
#include "stats_json.hpp"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "docker_cpp/oci/json_view.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::runtime {
namespace {

using cgroups::Cgroup;
using cgroups::Statistics;

/// A JSON object in the making.
class Object {
 public:
  Object& raw(std::string_view key, const std::string& json) {
    text_ += text_.size() > 1 ? "," : "";
    text_ += oci::json_quote(key) + ":" + json;
    return *this;
  }
  Object& number(std::string_view key, std::uint64_t value) {
    return raw(key, std::to_string(value));
  }
  /// Left out when zero, as Go's `omitempty` has it.
  Object& some(std::string_view key, std::uint64_t value) {
    return value == 0 ? *this : number(key, value);
  }
  [[nodiscard]] std::string done() const { return text_ + "}"; }

 private:
  std::string text_ = "{";
};

/// The files of one controller; none when it is missing.
class Files {
 public:
  Files(const Cgroup& cgroup, std::string_view controller) {
    for (const auto& folder : cgroup.directories()) {
      const bool v2 = cgroup.version() == cgroups::Version::v2;
      if (v2 ? folder.hierarchy.unified
             : cgroups::has(folder.hierarchy, controller)) {
        fd_ = folder.fd.get();
      }
    }
  }

  [[nodiscard]] std::string text(const std::string& name) const {
    return fd_ == -1 ? "" : sys::read_file_at(fd_, name.c_str()).value_or("");
  }
  /// "max" is the highest number, as runc has it.
  [[nodiscard]] std::optional<std::uint64_t> find(
      const std::string& name) const {
    const std::string content = text(name);
    if (content.starts_with("max")) {
      return ~std::uint64_t{0};
    }
    std::uint64_t value = 0;
    const auto read =
        std::from_chars(content.data(), content.data() + content.size(), value);
    return read.ec == std::errc{} ? std::optional(value) : std::nullopt;
  }
  [[nodiscard]] std::uint64_t number(const std::string& name) const {
    return find(name).value_or(0);
  }

 private:
  int fd_ = -1;
};

std::string numbers(const std::vector<std::uint64_t>& all) {
  std::string json = "[";
  for (const std::uint64_t one : all) {
    json += (json.size() > 1 ? "," : "") + std::to_string(one);
  }
  return json + "]";
}

/// "0-2,5" as [0,1,2,5].
std::string cpu_list(std::string_view text) {
  std::vector<std::uint64_t> all;
  const char* at = text.data();
  const char* end = at + text.size();
  while (at < end) {
    std::uint64_t first = 0;
    auto read = std::from_chars(at, end, first);
    if (read.ec != std::errc{}) {
      break;
    }
    std::uint64_t last = first;
    if (read.ptr < end && *read.ptr == '-') {
      read = std::from_chars(read.ptr + 1, end, last);
    }
    for (std::uint64_t one = first; one <= last && one < 65'536; ++one) {
      all.push_back(one);
    }
    at = read.ptr + 1;
  }
  return numbers(all);
}

/// "some avg10=0.00 avg60=0.00 avg300=0.00 total=0" and "full ...".
std::string pressure(const std::string& text) {
  Object both;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = std::string_view(text).substr(at, end - at);
    at = end + 1;
    const std::size_t blank = line.find(' ');
    if (blank == std::string_view::npos) {
      continue;
    }
    Object one;
    const std::string_view name = line.substr(0, blank);
    line.remove_prefix(blank);
    while (!line.empty()) {
      line.remove_prefix(1);
      const std::size_t next = std::min(line.find(' '), line.size());
      const std::size_t equals = line.find('=');
      if (equals < next) {
        // 0.00 is 0 to a JSON writer
        std::string value(line.substr(equals + 1, next - equals - 1));
        while (value.find('.') != std::string::npos &&
               (value.back() == '0' || value.back() == '.')) {
          const bool point = value.back() == '.';
          value.pop_back();
          if (point) {
            break;
          }
        }
        one.raw(line.substr(0, equals), value);
      }
      line.remove_prefix(next);
    }
    both.raw(name, one.done());
  }
  return both.done();
}

void add_pressure(Object& into, const Files& files, const std::string& name) {
  if (const std::string text = files.text(name); !text.empty()) {
    into.raw("psi", pressure(text));
  }
}

std::string cpu(const Cgroup& cgroup, const Statistics& all) {
  Object usage;
  usage.some("total", all.cpu.total_ns);
  if (!all.cpu.per_cpu_ns.empty()) {
    usage.raw("percpu", numbers(all.cpu.per_cpu_ns));
  }
  usage.number("kernel", all.cpu.kernel_ns).number("user", all.cpu.user_ns);
  Object throttling;
  throttling.some("periods", all.cpu.periods)
      .some("throttledPeriods", all.cpu.throttled_periods)
      .some("throttledTime", all.cpu.throttled_ns);
  Object both;
  both.raw("usage", usage.done()).raw("throttling", throttling.done());
  if (cgroup.version() == cgroups::Version::v2) {
    add_pressure(both, Files(cgroup, "cpu"), "cpu.pressure");
  }
  return both.done();
}

std::string cpuset(const Cgroup& cgroup) {
  const Files files(cgroup, "cpuset");
  Object json;
  const bool v2 = cgroup.version() == cgroups::Version::v2;
  const char* effective = v2 ? ".effective" : "";
  const std::string cpus = files.text(std::string("cpuset.cpus") + effective);
  const std::string mems = files.text(std::string("cpuset.mems") + effective);
  if (cpus.size() > 1) {
    json.raw("cpus", cpu_list(cpus));
  }
  json.number("cpu_exclusive", files.number("cpuset.cpu_exclusive"));
  if (mems.size() > 1) {
    json.raw("mems", cpu_list(mems));
  }
  for (const char* name :
       {"mem_hardwall", "mem_exclusive", "memory_migrate", "memory_spread_page",
        "memory_spread_slab", "memory_pressure", "sched_load_balance"}) {
    json.number(name, files.number(std::string("cpuset.") + name));
  }
  const std::string level = files.text("cpuset.sched_relax_domain_level");
  json.raw("sched_relax_domain_level",
           level.empty() ? "0" : level.substr(0, level.find('\n')));
  return json.done();
}

std::string memory_entry(std::uint64_t limit, std::uint64_t usage,
                         std::uint64_t most, std::uint64_t failures) {
  return Object()
      .number("limit", limit)
      .some("usage", usage)
      .some("max", most)
      .number("failcnt", failures)
      .done();
}

std::string memory_entry_v1(const Files& files, const std::string& kind) {
  const std::string start = "memory." + kind;
  return memory_entry(files.number(start + "limit_in_bytes"),
                      files.number(start + "usage_in_bytes"),
                      files.number(start + "max_usage_in_bytes"),
                      files.number(start + "failcnt"));
}

std::string memory(const Cgroup& cgroup, const Statistics& all) {
  const Files files(cgroup, "memory");
  const bool v2 = cgroup.version() == cgroups::Version::v2;
  Object json;
  json.some("cache", cgroups::entry(all.memory, v2 ? "file" : "cache"));
  if (v2) {
    const std::uint64_t limit = files.number("memory.max");
    const std::uint64_t swap_limit = files.number("memory.swap.max");
    // runc reports memory and swap together, as v1 has it.
    const bool none =
        limit == ~std::uint64_t{0} || swap_limit == ~std::uint64_t{0};
    json.raw("usage", memory_entry(limit, all.memory.usage,
                                   all.memory.max_usage, all.memory.failures))
        .raw("swap",
             memory_entry(none ? ~std::uint64_t{0} : limit + swap_limit,
                          all.memory.usage + all.memory.swap_usage, 0, 0))
        .raw("kernel", memory_entry(0, 0, 0, 0))
        .raw("kernelTCP", memory_entry(0, 0, 0, 0));
  } else {
    json.raw("usage", memory_entry_v1(files, ""))
        .raw("swap", memory_entry_v1(files, "memsw."))
        .raw("kernel", memory_entry_v1(files, "kmem."))
        .raw("kernelTCP", memory_entry_v1(files, "kmem.tcp."));
  }
  if (!all.memory.stat.empty()) {
    Object raw;
    for (const auto& [name, value] : all.memory.stat) {
      raw.number(name, value);
    }
    json.raw("raw", raw.done());
  }
  if (v2) {
    add_pressure(json, files, "memory.pressure");
  }
  return json.done();
}

std::string entries(const std::vector<cgroups::BlkioEntry>& all) {
  std::string json = "[";
  for (const auto& one : all) {
    json += json.size() > 1 ? "," : "";
    json += Object()
                .some("major", one.major)
                .some("minor", one.minor)
                .raw("op", oci::json_quote(one.operation))
                .some("value", one.value)
                .done();
  }
  return json + "]";
}

std::string blkio(const Cgroup& cgroup, const Statistics& all) {
  Object json;
  if (!all.io_service_bytes.empty()) {
    json.raw("ioServiceBytesRecursive", entries(all.io_service_bytes));
  }
  if (!all.io_serviced.empty()) {
    json.raw("ioServicedRecursive", entries(all.io_serviced));
  }
  if (cgroup.version() == cgroups::Version::v2) {
    add_pressure(json, Files(cgroup, "io"), "io.pressure");
  }
  return json.done();
}

std::string hugetlb(const Statistics& all) {
  Object json;
  for (const auto& one : all.hugepages) {
    json.raw(one.page_size, Object()
                                .some("usage", one.usage)
                                .some("max", one.max_usage)
                                .number("failcnt", one.failures)
                                .done());
  }
  return json.done();
}

}  // namespace

std::string stats_json(const Cgroup& cgroup) {
  const Statistics all = cgroup.statistics();
  Object pids;
  pids.some("current", all.pids.current).some("limit", all.pids.limit);
  return Object()
      .raw("cpu", cpu(cgroup, all))
      .raw("cpuset", cpuset(cgroup))
      .raw("memory", memory(cgroup, all))
      .raw("pids", pids.done())
      .raw("blkio", blkio(cgroup, all))
      .raw("hugetlb", hugetlb(all))
      .raw("intel_rdt", "{}")
      .raw("network_interfaces", "null")
      .done();
}

}  // namespace docker_cpp::runtime
