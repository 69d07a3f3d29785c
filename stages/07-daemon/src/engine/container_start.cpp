// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <utility>

#include "answer.hpp"
#include "container_actor.hpp"
#include "container_layers.hpp"
#include "container_volumes.hpp"
#include "foreign_config.hpp"
#include "log_config.hpp"
#include "monitor_time.hpp"
#include "oci_config.hpp"

#include "docker_cpp/daemon/monitor_config.hpp"
#include "docker_cpp/images/image_store.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::daemon {
namespace {

/// Longer than any start takes on a machine that still works.
constexpr std::chrono::seconds start_patience(60);

/// Why a monitor could not begin the container, in the words of runc's that
/// clients match on.
ApiError start_failure(monitor::Packet& packet) {
  std::string_view words = packet.rest();
  const auto code = monitor::take_number(words);
  const bool program_at_fault = code == 126 || code == 127;
  return {
      program_at_fault ? ErrorCode::invalid_argument : ErrorCode::internal,
      "failed to create task for container: failed to create shim task: "
      "OCI runtime create failed: docker-cpp create failed: unable to "
      "start container process: " +
          std::string(words.substr(std::min<std::size_t>(1, words.size()))) +
          ": unknown"};
}

}  // namespace

void ContainerActor::start(Done<void> done) {
  tell([this, done = std::move(done)]() mutable {
    files_.when_free([this, done = std::move(done)]() mutable {
      answer(done, [this] {
        now_.stopped_by_user = false;
        start_now();
        if (has_restart_policy()) {  // a power cut must not forget it runs
          store(Durability::durable);
        }
      });
      if (is_running()) {  // who asked need not wait for this
        store_quietly();
      }
    });
  });
}

void ContainerActor::require_startable() const {
  if (removed_) {
    throw ApiError(ErrorCode::not_found, "No such container: " + now_.id);
  }
  switch (now_.state) {
    case State::running:
      throw ApiError(ErrorCode::not_modified, "");
    case State::paused:
      throw ApiError(ErrorCode::conflict,
                     "cannot start a paused container, try unpause instead");
    case State::removing:
    case State::dead:
      throw ApiError(ErrorCode::conflict,
                     "container is marked for removal and cannot be started");
    default:
      break;
  }
}

// [start]
void ContainerActor::start_now() {
  require_startable();
  restart_timer_.cancel();
  DOCKER_CPP_FAILPOINT("container.start.begin");
  try {
    prepare_run_folder();
    DOCKER_CPP_FAILPOINT("container.start.prepared");
    launch();
  } catch (...) {
    const ApiError why = current_error();
    undo_start(why);
    throw why;
  }
}

void ContainerActor::launch() {
  ++run_;
  monitor_ = MonitorClient::spawn(context_.options.monitor, "run",
                                  context_.folders.run(now_.id));
  hand_over_attachments();
  DOCKER_CPP_FAILPOINT("container.start.spawned");
  monitor::Packet created = expect("created");
  std::string_view words = created.rest();
  const auto pid = static_cast<pid_t>(monitor::take_number(words));
  if (wants_bridge(now_.host_config) && context_.networks != nullptr) {
    connect_networks(pid);
    DOCKER_CPP_FAILPOINT("container.start.connected");
    // Whoever finds the container after a crash knows its address.
    store_run();
  }
  DOCKER_CPP_FAILPOINT("container.start.go");
  monitor_->go();
  monitor::Packet started = expect("started");
  DOCKER_CPP_FAILPOINT("container.start.started");
  // The monitor's own time: after a restart of the daemon it says it again.
  std::string_view told = started.rest();
  static_cast<void>(monitor::take_number(told));
  running_since(pid, time_of(told));
  listen();
}
// [start]

void ContainerActor::running_since(pid_t pid, Time since) {
  enter(State::running);
  now_.pid = pid;
  now_.error.clear();
  now_.exit_code = 0;
  now_.oom_killed = false;
  now_.started_at = since;
  now_.finished_at = {};
  began_ = Clock::now();
  now_.health.reset();
  begin_health();
  publish();
  emit("start");
}

/// What somebody else may join is for its owner to say.
void ContainerActor::require_shareable_ipc() const {
  const std::string_view mode = now_.host_config.ipc_mode;
  if (!mode.starts_with("container:")) {
    return;
  }
  const ContainerPtr donor = context_.registry.find(mode.substr(10));
  const std::string& theirs = donor->host_config.ipc_mode;
  if (theirs == "private" || theirs == "none") {
    throw ApiError(ErrorCode::invalid_argument,
                   "cannot join IPC of a non shareable container: container " +
                       donor->id +
                       " has non-shareable IPC (hint: use IpcMode:shareable "
                       "for the donor container)");
  }
}

pid_t ContainerActor::pid_of(std::string_view ref) const {
  const ContainerPtr other = context_.registry.find(ref);
  if (other->state != State::running) {
    throw ApiError(ErrorCode::conflict,
                   "cannot join the namespaces of a non running container: " +
                       std::string(ref));
  }
  return other->pid;
}

/// Docker's rule: none where the container sees processes that are not its own.
std::string ContainerActor::init_program() const {
  const auto defaults = context_.defaults.get();
  const HostConfig& host = now_.host_config;
  return host.init.value_or(defaults->init) && host.pid_mode.empty()
             ? defaults->init_binary
             : "";
}

/// Empty: the monitor builds the container itself.
std::vector<std::string> ContainerActor::runtime_command() const {
  const std::string& name = now_.host_config.runtime;
  if (name == "docker-cpp") {
    return {};
  }
  const auto defaults = context_.defaults.get();
  const auto found = defaults->runtimes.find(name);
  if (found == defaults->runtimes.end()) {
    throw ApiError(ErrorCode::invalid_argument,
                   "unknown or invalid runtime name: " + name);
  }
  std::vector<std::string> words = {found->second.path};
  words.insert(words.end(), found->second.arguments.begin(),
               found->second.arguments.end());
  return words;
}

void ContainerActor::prepare_run_folder() {
  const std::string home = context_.folders.container(now_.id);
  const std::string run = context_.folders.run(now_.id);
  remove_folder(run);  // of an earlier run
  make_folder(run, 0700);
  names().write_all();
  require_shareable_ipc();
  mount_volumes(context_, now_);
  const OciContext oci{.files = run,
                       .network_files = names().joined_files(),
                       .hostname = names().hostname(),
                       .link_environment = names().link_environment(),
                       .cgroup = cgroup(),
                       .init = init_program(),
                       .pid_of = [this](std::string_view ref) {
                         return pid_of(ref);
                       }};
  const std::vector<std::string> runtime = runtime_command();
  const std::string text = oci_config(now_, oci);
  write_file(run + "/config.json",
             runtime.empty() ? text : with_seccomp(text, now_.host_config),
             0600);

  const OwnRoot root =
      container_root(context_.images, context_.folders.data_root, home, now_);
  monitor::MonitorConfig config{.id = now_.id,
                                .tty = now_.config.tty,
                                .open_stdin = now_.config.open_stdin,
                                .stdin_once = now_.config.stdin_once,
                                .seccomp_program = context_.seccomp.file_for(
                                    security_options(now_.host_config),
                                    capabilities_of(now_.host_config)),
                                .lower = root.lower,
                                .upper = root.upper,
                                .work = root.work,
                                .durable = !now_.host_config.auto_remove};
  config.runtime = runtime;
  configure_log(now_, config);
  write_file(run + "/monitor.json", monitor::print_monitor_config(config),
             0600);
}

void ContainerActor::hand_over_attachments() {
  for (const auto& [letters, stream] : std::exchange(attachments_, {})) {
    monitor_->send("attach " + letters, stream.get());
  }
}

monitor::Packet ContainerActor::expect(std::string_view verb) {
  monitor::Packet packet = monitor_->expect(start_patience);
  if (packet.verb() == "failed") {
    throw start_failure(packet);
  }
  if (packet.verb() != verb) {
    throw ApiError(ErrorCode::internal,
                   "the monitor of container " + now_.id +
                       " ended before the container began");
  }
  return packet;
}

/// Nothing of a start that failed remains but the reason.
void ContainerActor::undo_start(const ApiError& why) {
  attachments_.clear();
  if (monitor_) {
    monitor_->abandon();
    monitor_.reset();
  }
  release_network();
  release_cgroup();
  try {
    remove_folder(context_.folders.run(now_.id));
  } catch (const std::exception& error) {
    context_.warn(error.what());
  }
  const std::string_view text = why.what();
  const bool not_found =
      text.find("executable file not found") != std::string_view::npos ||
      text.find("no such file") != std::string_view::npos;
  now_.exit_code = 128;
  if (why.code() == ErrorCode::invalid_argument) {
    now_.exit_code = not_found ? 127 : 126;
  }
  now_.error = why.what();
  publish();
  if (now_.state == State::restarting) {
    enter(State::exited);
    publish();
  }
  if (now_.host_config.auto_remove) {
    remove_now(true);
    return;
  }
  store_quietly();
}

}  // namespace docker_cpp::daemon
