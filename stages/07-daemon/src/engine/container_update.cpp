// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "answer.hpp"
#include "container_actor.hpp"
#include "host_defaults.hpp"
#include "limits_check.hpp"
#include "oci_parts.hpp"

#include "docker_cpp/cgroups/cgroup.hpp"
#include "docker_cpp/oci/spec.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::daemon {
namespace {

template <typename T>
void take(T& value, const T& wanted) {
  if (wanted != T{}) {
    value = wanted;
  }
}

void take_memory(HostConfig& host, const HostConfig& wanted) {
  // Docker's: whoever raises the one above the other says both.
  if (wanted.memory > 0 && wanted.memory_swap == 0 && host.memory_swap > 0 &&
      wanted.memory > host.memory_swap) {
    throw ApiError(ErrorCode::invalid_argument,
                   "Memory limit should be smaller than already set memoryswap "
                   "limit, update the memoryswap at the same time");
  }
  take(host.memory, wanted.memory);
  take(host.memory_swap, wanted.memory_swap);
  take(host.memory_reservation, wanted.memory_reservation);
}

void take_cpu(HostConfig& host, const HostConfig& wanted) {
  if (wanted.nano_cpus > 0 && host.cpu_period > 0) {
    throw ApiError(ErrorCode::invalid_argument,
                   "Conflicting options: Nano CPUs cannot be updated as CPU "
                   "Period has already been set");
  }
  if (wanted.nano_cpus > 0 && host.cpu_quota > 0) {
    throw ApiError(ErrorCode::invalid_argument,
                   "Conflicting options: Nano CPUs cannot be updated as CPU "
                   "Quota has already been set");
  }
  if (wanted.cpu_quota > 0 && host.nano_cpus > 0) {
    throw ApiError(ErrorCode::invalid_argument,
                   "Conflicting options: CPU Quota cannot be updated as "
                   "NanoCPUs has already been set");
  }
  if (wanted.cpu_period > 0 && host.nano_cpus > 0) {
    throw ApiError(ErrorCode::invalid_argument,
                   "Conflicting options: CPU Period cannot be updated as "
                   "NanoCPUs has already been set");
  }
  take(host.nano_cpus, wanted.nano_cpus);
  take(host.cpu_shares, wanted.cpu_shares);
  take(host.cpu_period, wanted.cpu_period);
  take(host.cpu_quota, wanted.cpu_quota);
  take(host.cpuset_cpus, wanted.cpuset_cpus);
  take(host.cpuset_mems, wanted.cpuset_mems);
  take(host.cpu_realtime_period, wanted.cpu_realtime_period);
  take(host.cpu_realtime_runtime, wanted.cpu_realtime_runtime);
}

void take_env(Strings& env, const Strings& wanted) {
  for (const std::string& entry : wanted) {
    const std::string key = entry.substr(0, entry.find('='));
    std::erase_if(env, [&](const std::string& old) {
      return old.substr(0, old.find('=')) == key;
    });
    if (entry.size() > key.size()) {
      env.push_back(entry);
    }
  }
}

cgroups::Resources limits_of(const HostConfig& host) {
  cgroups::Resources limits = oci::parse_resources(resources_part(host).dump());
  limits.devices.clear();  // a running program may hold some open
  return limits;
}

}  // namespace

void ContainerActor::update(UpdateRequest request, Done<Strings> done) {
  tell([this, request = std::move(request), done = std::move(done)]() mutable {
    answer(done, [&] { return update_now(request); });
  });
}

Strings ContainerActor::update_now(const UpdateRequest& request) {
  if (removed_ || now_.state == State::removing || now_.state == State::dead) {
    throw ApiError(ErrorCode::conflict,
                   "Cannot update container " + now_.id +
                       ": Container is marked for removal and cannot be "
                       "\"update\".");
  }
  Container changed = now_;
  HostConfig& host = changed.host_config;
  take_memory(host, request.limits);
  take_cpu(host, request.limits);
  take(host.blkio_weight, request.limits.blkio_weight);
  take(host.pids_limit, request.limits.pids_limit);
  if (request.restart_policy) {
    host.restart_policy = *request.restart_policy;
    check_restart_policy(host);
  }
  check_limits(host);
  take_env(changed.config.env, request.env);
  if (request.port_bindings) {
    host.port_bindings = *request.port_bindings;
  }
  DOCKER_CPP_FAILPOINT("container.update.begin");
  if (is_running()) {
    cgroups::Cgroup::open(cgroup()).apply(limits_of(host));
    DOCKER_CPP_FAILPOINT("container.update.applied");
  }
  const Container before = std::exchange(now_, std::move(changed));
  try {
    store(Durability::durable);
    if (is_running()) {
      store_run();
    }
  } catch (...) {
    now_ = before;
    throw;
  }
  DOCKER_CPP_FAILPOINT("container.update.recorded");
  publish();
  emit("update");
  const bool later =
      is_running() && (!request.env.empty() || request.port_bindings);
  return later ? Strings{"environment and ports change with the next start"}
               : Strings{};
}

/// The monitor writes at the end of its file whatever its length is.
void ContainerActor::clear_logs(Done<void> done) {
  tell([this, done = std::move(done)]() mutable {
    answer(done, [&] {
      if (now_.log_path.empty()) {
        throw ApiError(ErrorCode::invalid_argument,
                       "container " + now_.name + " keeps no log");
      }
      constexpr unsigned most = 1000;
      for (unsigned n = 1; n < most; ++n) {
        const std::string old = now_.log_path + "." + std::to_string(n);
        const bool plain = ::unlink(old.c_str()) == 0;
        if (::unlink((old + ".gz").c_str()) != 0 && !plain) {
          break;
        }
      }
      const auto file =
          sys::open(now_.log_path.c_str(), O_WRONLY | O_TRUNC | O_NOFOLLOW);
      if (!file && file.error().code != ENOENT) {
        throw Error(file.error(), "clear the log of " + now_.name);
      }
      if (monitor_) {
        monitor_->send("log-cleared");
      }
    });
  });
}

}  // namespace docker_cpp::daemon
