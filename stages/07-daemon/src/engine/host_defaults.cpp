// SPDX-License-Identifier: Apache-2.0
#include "host_defaults.hpp"

#include <algorithm>

#include "health_check.hpp"
#include "identifiers.hpp"
#include "limits_check.hpp"
#include "log_config.hpp"
#include "oci_config.hpp"

#include "docker_cpp/cgroups/hierarchies.hpp"
#include "docker_cpp/daemon/api_error.hpp"
#include "docker_cpp/rootfs/root_plan.hpp"

namespace docker_cpp::daemon {
namespace {

[[noreturn]] void refuse(const std::string& why) {
  throw ApiError(ErrorCode::invalid_argument, why);
}

bool is_one_of(const std::string& mode,
               std::initializer_list<std::string_view> known) {
  return std::ranges::find(known, mode) != known.end();
}

bool joins_container(const std::string& mode) {
  return mode.starts_with("container:") && mode.size() > 10;
}

void check_modes(const HostConfig& host) {
  if (!is_one_of(host.ipc_mode, {"", "none", "private", "host", "shareable"}) &&
      !joins_container(host.ipc_mode)) {
    refuse("invalid IPC mode: " + host.ipc_mode);
  }
  if (!is_one_of(host.pid_mode, {"", "host"}) &&
      !joins_container(host.pid_mode)) {
    refuse("invalid PID mode: " + host.pid_mode);
  }
  if (!is_one_of(host.uts_mode, {"", "host"}) &&
      !joins_container(host.uts_mode)) {
    refuse("invalid UTS mode: " + host.uts_mode);
  }
  if (!is_one_of(host.userns_mode, {"", "host"})) {
    refuse("invalid user namespace mode: " + host.userns_mode);
  }
  if (!is_one_of(host.cgroupns_mode, {"private", "host"})) {
    refuse("invalid cgroup namespace mode: " + host.cgroupns_mode);
  }
  if (!is_one_of(host.isolation, {"", "default"})) {
    refuse("invalid isolation: \"" + host.isolation +
           "\" - linux only supports 'default'");
  }
}

void check_config(const Config& config) {
  if (!config.working_dir.empty() && !config.working_dir.starts_with('/')) {
    refuse("the working directory '" + config.working_dir +
           "' is invalid, it needs to be an absolute path");
  }
  if (!config.stop_signal.empty()) {
    static_cast<void>(parse_signal(config.stop_signal));
  }
  if (config.healthcheck) {
    check_health(*config.healthcheck);
  }
}

void check_runtime(const HostConfig& host, const ContainerDefaults& defaults) {
  if (host.runtime != "docker-cpp" &&
      !defaults.runtimes.contains(host.runtime)) {
    refuse("unknown or invalid runtime name: " + host.runtime);
  }
  if (host.init.value_or(defaults.init) && defaults.init_binary.empty()) {
    refuse("--init: docker-cpp-init is not beside the daemon");
  }
}

void fill_security(HostConfig& host, const ContainerDefaults& defaults) {
  const auto says = [&](std::string_view key) {
    return std::ranges::any_of(host.security_opt, [&](const std::string& one) {
      return one.substr(0, one.find_first_of("=:")) == key;
    });
  };
  if (defaults.no_new_privileges && !says("no-new-privileges")) {
    host.security_opt.emplace_back("no-new-privileges");
  }
  if (!defaults.seccomp_profile.empty() && !says("seccomp")) {
    host.security_opt.push_back("seccomp=" + defaults.seccomp_profile);
  }
}

}  // namespace

void fill_host_defaults(HostConfig& host, const ContainerDefaults& defaults) {
  using cgroups::Version;
  const bool unified = cgroups::Hierarchies::detect().version() == Version::v2;
  if (host.cgroupns_mode.empty()) {
    host.cgroupns_mode = defaults.cgroupns_mode;
  }
  if (host.cgroupns_mode.empty()) {
    // As Docker: of its own where cgroups are v2, the host's where they are v1.
    host.cgroupns_mode = unified && !host.privileged ? "private" : "host";
    if (unified && host.privileged) {
      host.cgroupns_mode = "host";
    }
  }
  if (host.ipc_mode.empty()) {
    host.ipc_mode = defaults.ipc_mode;
  }
  if (host.memory > 0 && host.memory_swap == 0) {
    host.memory_swap = host.memory * 2;
  }
  if (!host.oom_kill_disable && !unified) {
    host.oom_kill_disable = false;
  }
  if (host.shm_size == 0) {
    host.shm_size = defaults.shm_size;
  }
  fill_security(host, defaults);
  if (host.runtime.empty()) {
    host.runtime = defaults.runtime;
  }
  if (host.log_driver.empty()) {
    host.log_driver = defaults.log_driver;
  }
  if (host.log_driver == defaults.log_driver) {
    host.log_options.insert(defaults.log_options.begin(),
                            defaults.log_options.end());
  }
  constexpr std::int64_t least_shares = 2;
  if (host.cpu_shares == 1) {
    host.cpu_shares = least_shares;
  }
  for (const Ulimit& usual : defaults.ulimits) {
    if (std::ranges::find(host.ulimits, usual.name, &Ulimit::name) ==
        host.ulimits.end()) {
      host.ulimits.push_back(usual);
    }
  }
  if (!host.masked_paths && !host.privileged) {
    host.masked_paths = rootfs::default_masked_paths();
  }
  if (!host.readonly_paths && !host.privileged) {
    host.readonly_paths = rootfs::default_read_only_paths();
  }
}

void check_restart_policy(const HostConfig& host) {
  const RestartPolicy& policy = host.restart_policy;
  if (!is_one_of(policy.name,
                 {"", "no", "always", "on-failure", "unless-stopped"})) {
    refuse("invalid restart policy: unknown policy '" + policy.name +
           "'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'");
  }
  if (policy.maximum_retry_count < 0) {
    refuse("invalid restart policy: maximum retry count cannot be negative");
  }
  if (policy.maximum_retry_count > 0 && policy.name != "on-failure") {
    refuse(
        "invalid restart policy: maximum retry count can only be used with "
        "'on-failure'");
  }
  if (host.auto_remove && policy.name != "no" && !policy.name.empty()) {
    refuse("can't create 'AutoRemove' container with restart policy");
  }
}

void check_container(const Container& container,
                     const ContainerDefaults& defaults) {
  const HostConfig& host = container.host_config;
  static_cast<void>(capabilities_of(host));
  static_cast<void>(security_options(host));
  check_config(container.config);
  check_modes(host);
  check_restart_policy(host);
  check_limits(host);
  check_runtime(host, defaults);
  check_log_config(host);
  if (host.device_requests) {
    refuse(
        "could not select device driver \"\" with capabilities: [[gpu]]: "
        "docker-cpp has no driver for GPUs; give their device files with "
        "--device");
  }
}

}  // namespace docker_cpp::daemon
