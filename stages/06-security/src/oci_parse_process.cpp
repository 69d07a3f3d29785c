// SPDX-License-Identifier: Apache-2.0
#include <linux/ioprio.h>
#include <linux/sched.h>
#include <sys/resource.h>

#include "oci_parse.hpp"

namespace docker_cpp::oci {
namespace {

constexpr std::array<Word<int>, 16> rlimit_words = {{
    {"RLIMIT_AS", RLIMIT_AS},
    {"RLIMIT_CORE", RLIMIT_CORE},
    {"RLIMIT_CPU", RLIMIT_CPU},
    {"RLIMIT_DATA", RLIMIT_DATA},
    {"RLIMIT_FSIZE", RLIMIT_FSIZE},
    {"RLIMIT_LOCKS", RLIMIT_LOCKS},
    {"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK},
    {"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE},
    {"RLIMIT_NICE", RLIMIT_NICE},
    {"RLIMIT_NOFILE", RLIMIT_NOFILE},
    {"RLIMIT_NPROC", RLIMIT_NPROC},
    {"RLIMIT_RSS", RLIMIT_RSS},
    {"RLIMIT_RTPRIO", RLIMIT_RTPRIO},
    {"RLIMIT_RTTIME", RLIMIT_RTTIME},
    {"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
    {"RLIMIT_STACK", RLIMIT_STACK},
}};

constexpr std::array<Word<int>, 3> io_class_words = {{
    {"IOPRIO_CLASS_RT", IOPRIO_CLASS_RT},
    {"IOPRIO_CLASS_BE", IOPRIO_CLASS_BE},
    {"IOPRIO_CLASS_IDLE", IOPRIO_CLASS_IDLE},
}};

constexpr std::array<Word<std::uint32_t>, 7> policy_words = {{
    {"SCHED_OTHER", 0U},
    {"SCHED_FIFO", 1U},
    {"SCHED_RR", 2U},
    {"SCHED_BATCH", 3U},
    {"SCHED_ISO", 4U},
    {"SCHED_IDLE", 5U},
    {"SCHED_DEADLINE", 6U},
}};

constexpr std::array<Word<std::uint64_t>, 7> scheduler_flag_words = {{
    {"SCHED_FLAG_RESET_ON_FORK", 0x01U},
    {"SCHED_FLAG_RECLAIM", 0x02U},
    {"SCHED_FLAG_DL_OVERRUN", 0x04U},
    {"SCHED_FLAG_KEEP_POLICY", 0x08U},
    {"SCHED_FLAG_KEEP_PARAMS", 0x10U},
    {"SCHED_FLAG_UTIL_CLAMP_MIN", 0x20U},
    {"SCHED_FLAG_UTIL_CLAMP_MAX", 0x40U},
}};

UserSpec read_user(const JsonView& json) {
  UserSpec user;
  json.read("uid", user.uid);
  json.read("gid", user.gid);
  json.read("umask", user.umask);
  json.read("username", user.username);
  json.read("groupnames", user.groupnames);
  if (const auto groups = json.find("additionalGids")) {
    for (const JsonView& group : groups->items()) {
      user.additional_gids.push_back(group.integer<gid_t>());
    }
  }
  return user;
}

CapabilitiesSpec read_capabilities(const JsonView& json) {
  CapabilitiesSpec sets;
  json.read("bounding", sets.bounding);
  json.read("effective", sets.effective);
  json.read("permitted", sets.permitted);
  json.read("inheritable", sets.inheritable);
  json.read("ambient", sets.ambient);
  return sets;
}

std::vector<RlimitSpec> read_rlimits(const JsonView& json) {
  std::vector<RlimitSpec> all;
  for (const JsonView& item : json.items()) {
    RlimitSpec limit{};
    limit.resource = read_word(item.at("type"), rlimit_words);
    limit.soft = item.at("soft").integer<std::uint64_t>();
    limit.hard = item.at("hard").integer<std::uint64_t>();
    // "duplicate entries MUST generate an error": config.md, POSIX process.
    if (std::ranges::find(all, limit.resource, &RlimitSpec::resource) !=
        all.end()) {
      item.refuse("limits " + item.at("type").string() + " a second time");
    }
    all.push_back(limit);
  }
  return all;
}

IoPriority read_io_priority(const JsonView& json) {
  IoPriority priority{};
  priority.io_class = read_word(json.at("class"), io_class_words);
  json.read("priority", priority.level);
  if (priority.level < 0 || priority.level > 7) {
    json.at("priority").refuse("is not between 0 and 7");
  }
  return priority;
}

/// What the kernel would refuse as well, with EINVAL for all of it: sched(7).
void check_deadline(const JsonView& json, const SchedulerSpec& scheduler) {
  constexpr std::uint64_t least = 1024;  // below the kernel's resolution
  if (scheduler.runtime < least) {
    json.refuse("SCHED_DEADLINE needs a runtime of at least 1024 ns");
  }
  if (scheduler.deadline == 0) {
    json.refuse("SCHED_DEADLINE needs a deadline");
  }
  if (scheduler.runtime > scheduler.deadline) {
    json.refuse("the runtime must not be longer than the deadline");
  }
  if (scheduler.period != 0 && scheduler.deadline > scheduler.period) {
    json.refuse("the deadline must not be longer than the period");
  }
  if (((scheduler.deadline | scheduler.period) >> 63U) != 0) {
    json.refuse("a deadline or period must be less than 2^63 ns");
  }
}

/// \oci{runtime,config,process}: which property goes with which policy.
void check_scheduler(const JsonView& json, const SchedulerSpec& scheduler) {
  const bool nice =
      scheduler.policy == SCHED_NORMAL || scheduler.policy == SCHED_BATCH;
  const bool real_time =
      scheduler.policy == SCHED_FIFO || scheduler.policy == SCHED_RR;
  if (nice && (scheduler.nice < -20 || scheduler.nice > 19)) {
    json.at("nice").refuse("is not between -20 and 19");
  }
  if (scheduler.priority != 0 && !real_time) {
    json.at("priority").refuse("goes with SCHED_FIFO and SCHED_RR only");
  }
  if (scheduler.policy == SCHED_DEADLINE) {
    check_deadline(json, scheduler);
  } else if ((scheduler.runtime | scheduler.deadline | scheduler.period) != 0) {
    json.refuse("runtime, deadline and period go with SCHED_DEADLINE only");
  }
}

SchedulerSpec read_scheduler(const JsonView& json) {
  SchedulerSpec scheduler;
  scheduler.policy = read_word(json.at("policy"), policy_words);
  json.read("nice", scheduler.nice);
  json.read("priority", scheduler.priority);
  json.read("runtime", scheduler.runtime);
  json.read("deadline", scheduler.deadline);
  json.read("period", scheduler.period);
  if (const auto flags = json.find("flags")) {
    for (const JsonView& flag : flags->items()) {
      scheduler.flags |= read_word(flag, scheduler_flag_words);
    }
  }
  check_scheduler(json, scheduler);
  return scheduler;
}

namespaces::WindowSize read_console_size(const JsonView& json) {
  return {.rows = json.at("height").integer<std::uint16_t>(),
          .columns = json.at("width").integer<std::uint16_t>()};
}

void read_limits(const JsonView& json, ProcessSpec& process) {
  if (const auto limits = json.find("rlimits")) {
    process.rlimits = read_rlimits(*limits);
  }
  if (const auto priority = json.find("ioPriority")) {
    process.io_priority = read_io_priority(*priority);
  }
  if (const auto scheduler = json.find("scheduler")) {
    process.scheduler = read_scheduler(*scheduler);
  }
  json.read("oomScoreAdj", process.oom_score_adj);
  if (process.oom_score_adj.value_or(0) < -1000 ||
      process.oom_score_adj.value_or(0) > 1000) {
    json.at("oomScoreAdj").refuse("is not between -1000 and 1000");
  }
}

void read_privileges(const JsonView& json, ProcessSpec& process) {
  if (const auto user = json.find("user")) {
    process.user = read_user(*user);
  }
  if (const auto sets = json.find("capabilities")) {
    process.capabilities = read_capabilities(*sets);
  }
  json.read("noNewPrivileges", process.no_new_privileges);
  json.read("apparmorProfile", process.apparmor_profile);
  json.read("selinuxLabel", process.selinux_label);
}

CpuAffinity read_affinity(const JsonView& json) {
  CpuAffinity affinity;
  if (const auto cpus = json.find("initial")) {
    affinity.initial = read_bit_set(*cpus);
  }
  if (const auto cpus = json.find("final")) {
    affinity.last = read_bit_set(*cpus);
  }
  return affinity;
}

}  // namespace

ProcessSpec read_process(const JsonView& json) {
  ProcessSpec process;
  json.read("terminal", process.terminal);
  if (const auto size = json.find("consoleSize")) {
    process.console_size = read_console_size(*size);
  }
  json.read("args", process.args);
  json.read("env", process.env);
  process.cwd = json.at("cwd").string();
  if (!process.cwd.starts_with('/')) {
    json.at("cwd").refuse("\"" + process.cwd + "\" is not an absolute path");
  }
  read_privileges(json, process);
  read_limits(json, process);
  if (const auto affinity = json.find("execCPUAffinity")) {
    process.exec_cpu_affinity = read_affinity(*affinity);
  }
  return process;
}

}  // namespace docker_cpp::oci
