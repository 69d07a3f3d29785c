// SPDX-License-Identifier: Apache-2.0
#include "creation.hpp"

#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <utility>

#include <climits>

#include "docker_cpp/cgroups/systemd.hpp"
#include "docker_cpp/oci/assemble.hpp"
#include "docker_cpp/oci/hooks.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"
#include "docker_cpp/sys/trace.hpp"

namespace docker_cpp::runtime {
namespace {

enum class Processes : std::uint8_t { ended, to_kill };

void remove(cgroups::Cgroup& cgroup, Processes processes) {
  if (processes == Processes::to_kill) {
    cgroup.kill_all(SIGKILL);
  }
  cgroup.remove();
}

void remove_cgroup(const Record& record, Processes processes) {
  try {
    auto cgroup = cgroups::Cgroup::open(record.cgroup_path);
    remove(cgroup, processes);
  } catch (const Error& error) {
    if (error.code().value() != ENOENT) {
      throw;
    }
  }
  if (!record.systemd_unit.empty()) {
    // What is left where systemd has removed its part already.
    cgroups::Cgroup::remove_all(record.cgroup_path);
    cgroups::stop_systemd_unit(record.systemd_unit);
  }
}

void remove_rdt(const Record& record) {
  for (const std::string& folder : record.rdt_folders) {
    ::rmdir(folder.c_str());
  }
}

Record record_of(const Context& context, const Creation::From& from) {
  Record record;
  record.id = from.id;
  record.bundle = from.bundle;
  record.owner = from.owner;
  record.created = timestamp(Precision::nanoseconds);
  if (context.systemd) {
    const cgroups::SystemdUnit unit = oci::systemd_unit_of(from.spec, from.id);
    record.cgroup_path = unit.cgroup_path();
    record.systemd_unit = unit.name;
  } else {
    record.cgroup_path = oci::cgroup_path_of(from.spec, from.id);
  }
  if (from.spec.root) {
    const std::string& path = from.spec.root->path;
    record.rootfs = path.starts_with('/') ? path : from.bundle + "/" + path;
  }
  return record;
}

Container make_container(const Context& context, const Creation::From& from) {
  const sys::TraceStep trace("remember the container");
  Record record = record_of(context, from);
  Container container = Container::make(context.root, from.id, from.json);
  container.record() = std::move(record);
  container.save();
  return container;
}

oci::State stopped_state(const Container& container, const oci::Spec& spec) {
  return {.id = container.record().id,
          .status = oci::Status::stopped,
          .pid = 0,
          .bundle = container.record().bundle,
          .annotations = spec.annotations};
}

}  // namespace

std::string absolute_bundle(const std::string& path) {
  char resolved[PATH_MAX];
  if (::realpath(path.c_str(), resolved) == nullptr) {
    throw Error({.code = errno, .call = "realpath"}, "find the bundle " + path);
  }
  return resolved;
}

std::string read_config(const std::string& bundle, const std::string& file) {
  const std::string path = file.empty() ? bundle + "/config.json" : file;
  auto text = sys::read_file(path.c_str(), 16U << 20);
  if (!text && text.error().code == ENOENT) {
    throw Refusal("JSON specification file " + path + " not found");
  }
  return must(std::move(text), "read " + path);
}

Creation::Creation(const Context& context, const From& from)
    : container_(make_container(context, from)), spec_(from.spec) {}

Creation::~Creation() {
  if (kept_) {
    return;
  }
  try {
    if (cgroup_made_) {
      remove_cgroup(container_.record(), Processes::to_kill);
      remove_rdt(container_.record());
    }
    container_.remove_folder();
    if (cgroup_made_) {
      // A hook that failed "continues the lifecycle at step 12", whose end
      // are the poststop hooks: runtime.md, Lifecycle.
      oci::run_all_hooks(spec_.hooks.poststop, "poststop",
                         stopped_state(container_, spec_));
    }
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
    // The first failure is on its way up; `delete --force` finds the rest.
  }
}

void Creation::began(pid_t pid) {
  container_.record().pid = pid;
  if (const auto facts = process_facts(pid)) {
    container_.record().start_time = facts->start_time;
  }
  container_.save();
}

Container Creation::keep() {
  kept_ = true;
  return std::move(container_);
}

bool shares_pids(const oci::Spec& spec) {
  const auto* pids =
      oci::find_namespace(spec.linux_spec, namespaces::Kind::pid);
  return pids == nullptr || !pids->path.empty();
}

void end(const Container& container) {
  constexpr int patience_ms = 10'000;  // as runc's
  const auto process = container.pidfd();
  if (!process) {
    return;
  }
  static_cast<void>(sys::kill_process(process->get(), SIGKILL));
  // A frozen process dies only when it is thawed, which kill_all takes care
  // of; a pidfd is readable from its death on, even before it is reaped.
  try {
    cgroups::Cgroup::open(container.record().cgroup_path).kill_all(SIGKILL);
  } catch (const Error&) {  // NOLINT(bugprone-empty-catch)
    // No cgroup: nothing there to freeze it.
  }
  pollfd ended{.fd = process->get(), .events = POLLIN, .revents = 0};
  if (::poll(&ended, 1, patience_ms) == 0) {
    throw Refusal("container init still running");
  }
}

void destroy(Context& context, Container& container, const oci::Spec& spec,
             cgroups::Cgroup* cgroup) {
  const oci::State state = stopped_state(container, spec);
  // With a PID namespace of its own, all processes ended with the first. A
  // creation that died before it could note the pid may have left some.
  const auto processes = shares_pids(spec) || container.record().pid == 0
                             ? Processes::to_kill
                             : Processes::ended;
  if (cgroup != nullptr) {
    remove(*cgroup, processes);
  } else {
    remove_cgroup(container.record(), processes);
  }
  remove_rdt(container.record());
  container.remove_folder();
  for (const std::string& failure :
       oci::run_all_hooks(spec.hooks.poststop, "poststop", state)) {
    context.log.warning(failure);
  }
}

}  // namespace docker_cpp::runtime
