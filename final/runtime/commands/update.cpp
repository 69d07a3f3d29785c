// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <type_traits>

#include "../command.hpp"

#include "docker_cpp/cgroups/cgroup.hpp"
#include "docker_cpp/cgroups/parse_limit.hpp"
#include "docker_cpp/cgroups/systemd.hpp"
#include "docker_cpp/oci/placement.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::runtime {
namespace {

/// A flag's text into a limit, if the flag was given.
template <typename Number>
void set(std::string_view flag, const std::string& text,
         std::optional<Number>& into) {
  if (!text.empty()) {
    const std::int64_t value = parse_number(flag, text);
    if (std::is_unsigned_v<Number> && value < 0) {
      throw UsageError("invalid value \"" + text + "\" for --" +
                       std::string(flag) + ": must not be negative");
    }
    into = static_cast<Number>(value);
  }
}

struct Texts {
  std::string file, blkio_weight, cpu_period, cpu_quota, cpu_burst, cpu_share;
  std::string cpu_rt_period, cpu_rt_runtime, cpu_idle, cpuset_cpus, cpuset_mems;
  std::string memory, memory_reservation, memory_swap, pids_limit;
  std::string l3_cache, memory_bandwidth;
};

void add_flags(Flags& flags, Texts& texts) {
  flags.text("resources r", texts.file,
             "file with a linux.resources object; - for standard input");
  flags.text("blkio-weight", texts.blkio_weight, "share of I/O, 10 to 1000");
  flags.text("cpu-period", texts.cpu_period, "period of the quota in us");
  flags.text("cpu-quota", texts.cpu_quota, "time in each period in us");
  flags.text("cpu-burst", texts.cpu_burst, "time beyond the quota in us");
  flags.text("cpu-share", texts.cpu_share, "share of the processors");
  flags.text("cpu-rt-period", texts.cpu_rt_period, "the same in real time");
  flags.text("cpu-rt-runtime", texts.cpu_rt_runtime, "the same in real time");
  flags.text("cpu-idle", texts.cpu_idle, "1: only when nobody else wants to");
  flags.text("cpuset-cpus", texts.cpuset_cpus, "processors, such as 0-2,7");
  flags.text("cpuset-mems", texts.cpuset_mems, "memory nodes");
  flags.text("memory", texts.memory, "bytes, or such as 64m; -1: no limit");
  flags.text("memory-reservation", texts.memory_reservation,
             "what it is left with when memory is short");
  flags.text("memory-swap", texts.memory_swap, "memory and swap together");
  flags.text("pids-limit", texts.pids_limit, "processes and threads");
  flags.text("l3-cache-schema", texts.l3_cache, "Intel RDT, cache");
  flags.text("mem-bw-schema", texts.memory_bandwidth, "Intel RDT, bandwidth");
  flags.ignored_text("kernel-memory");  // obsolete in the kernel itself
  flags.ignored_text("kernel-memory-tcp");
}

/// runc takes "64m" here, as Docker does.
void set_bytes(std::string_view flag, const std::string& text,
               std::optional<std::int64_t>& into) {
  if (text.empty()) {
    return;
  }
  const auto limit = cgroups::parse_memory_limit(text);
  if (!limit) {
    throw UsageError("invalid value for " + std::string(flag) + ": " +
                     limit.error());
  }
  into = limit->bytes;
}

cgroups::Resources from_flags(const Texts& texts) {
  cgroups::Resources wanted;
  set("blkio-weight", texts.blkio_weight, wanted.io_weight);
  set("cpu-period", texts.cpu_period, wanted.cpu_period);
  set("cpu-quota", texts.cpu_quota, wanted.cpu_quota);
  set("cpu-burst", texts.cpu_burst, wanted.cpu_burst);
  set("cpu-share", texts.cpu_share, wanted.cpu_shares);
  set("cpu-rt-period", texts.cpu_rt_period, wanted.cpu_rt_period);
  set("cpu-rt-runtime", texts.cpu_rt_runtime, wanted.cpu_rt_runtime);
  set("cpu-idle", texts.cpu_idle, wanted.cpu_idle);
  wanted.cpuset_cpus = texts.cpuset_cpus;
  wanted.cpuset_mems = texts.cpuset_mems;
  set_bytes("memory", texts.memory, wanted.memory_limit);
  set_bytes("memory-reservation", texts.memory_reservation,
            wanted.memory_reservation);
  set_bytes("memory-swap", texts.memory_swap, wanted.memory_swap);
  set("pids-limit", texts.pids_limit, wanted.pids_limit);
  return wanted;
}

bool is_folder(const std::string& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

cgroups::Resources from_file(const std::string& file) {
  auto text = file == "-" ? sys::read_all(0) : sys::read_file(file.c_str());
  return oci::parse_resources(must(std::move(text), "read " + file));
}

/// Of the caches and of the memory's bandwidth.
void set_shares(Container& container, const Texts& texts) {
  const std::string root = oci::IntelRdt::mount_point();
  if (!texts.l3_cache.empty() && !is_folder(root + "/info/L3")) {
    throw Refusal("Intel RDT/CAT: l3 cache schema is not enabled");
  }
  if (!texts.memory_bandwidth.empty() && !is_folder(root + "/info/MB")) {
    throw Refusal("Intel RDT/MBA: memory bandwidth schema is not enabled");
  }
  std::vector<std::string> lines;
  for (const std::string& line : {texts.l3_cache, texts.memory_bandwidth}) {
    if (!line.empty()) {
      lines.push_back(line);
    }
  }
  if (lines.empty()) {
    return;
  }
  Record& record = container.record();
  if (const auto made = oci::update_rdt(container.spec().linux_spec.intel_rdt,
                                        record.id, root, lines, record.pid)) {
    record.rdt_folders.push_back(*made);
    container.save();
  }
}

}  // namespace

int update(Context& context, Arguments arguments) {
  Texts texts;
  Flags flags;
  add_flags(flags, texts);
  const std::string id = only_id("update", flags.parse(arguments));
  Container container = Container::open(context.root, id, Access::change);
  if (container.status() == oci::Status::stopped) {
    throw Refusal("container not running");
  }
  set_shares(container, texts);
  cgroups::Resources wanted =
      texts.file.empty() ? from_flags(texts) : from_file(texts.file);
  // A running container keeps its devices: containerd sends them along, but
  // they would have to be written whole, and a program may hold some open.
  wanted.devices.clear();
  if (!container.record().systemd_unit.empty()) {
    cgroups::update_systemd_unit(container.record().systemd_unit, wanted);
  }
  cgroups::Cgroup::open(container.record().cgroup_path).apply(wanted);
  return 0;
}

}  // namespace docker_cpp::runtime
