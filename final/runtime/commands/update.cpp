// SPDX-License-Identifier: Apache-2.0
#include <type_traits>

#include "../command.hpp"

#include "docker_cpp/cgroups/cgroup.hpp"
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
};

void add_flags(Flags& flags, Texts& texts) {
  flags.text("resources r", texts.file);
  flags.text("blkio-weight", texts.blkio_weight);
  flags.text("cpu-period", texts.cpu_period);
  flags.text("cpu-quota", texts.cpu_quota);
  flags.text("cpu-burst", texts.cpu_burst);
  flags.text("cpu-share", texts.cpu_share);
  flags.text("cpu-rt-period", texts.cpu_rt_period);
  flags.text("cpu-rt-runtime", texts.cpu_rt_runtime);
  flags.text("cpu-idle", texts.cpu_idle);
  flags.text("cpuset-cpus", texts.cpuset_cpus);
  flags.text("cpuset-mems", texts.cpuset_mems);
  flags.text("memory", texts.memory);
  flags.text("memory-reservation", texts.memory_reservation);
  flags.text("memory-swap", texts.memory_swap);
  flags.text("pids-limit", texts.pids_limit);
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
  set("memory", texts.memory, wanted.memory_limit);
  set("memory-reservation", texts.memory_reservation,
      wanted.memory_reservation);
  set("memory-swap", texts.memory_swap, wanted.memory_swap);
  set("pids-limit", texts.pids_limit, wanted.pids_limit);
  return wanted;
}

cgroups::Resources from_file(const std::string& file) {
  auto text = file == "-" ? sys::read_all(0) : sys::read_file(file.c_str());
  return oci::parse_resources(must(std::move(text), "read " + file));
}

}  // namespace

int update(Context& context, Arguments arguments) {
  Texts texts;
  Flags flags;
  add_flags(flags, texts);
  const std::string id = only_id("update", flags.parse(arguments));
  const Container container = Container::open(context.root, id, Access::change);
  if (container.status() == oci::Status::stopped) {
    throw Refusal("container not running");
  }
  cgroups::Resources wanted =
      texts.file.empty() ? from_flags(texts) : from_file(texts.file);
  // A running container keeps its devices: containerd sends them along, but
  // they would have to be written whole, and a program may hold some open.
  wanted.devices.clear();
  cgroups::Cgroup::open(container.record().cgroup_path).apply(wanted);
  return 0;
}

}  // namespace docker_cpp::runtime
