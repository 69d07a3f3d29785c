// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "container_names.hpp"
#include "file_hold.hpp"
#include "monitor_client.hpp"
#include "snapshot_store.hpp"
#include "waiters.hpp"

#include "docker_cpp/daemon/actor.hpp"
#include "docker_cpp/daemon/container_runtime.hpp"
#include "docker_cpp/daemon/record.hpp"

namespace docker_cpp::daemon {

/// One container: its state machine, its monitor, and who waits for it. Only
/// its own messages change what it knows; the registry is told of each change.
class ContainerActor final : public Actor {
 public:
  ContainerActor(Context& context, Container container);

  void start(Done<void> done);
  void stop(StopOptions options, Done<void> done);
  void restart(StopOptions options, Done<void> done);
  void kill(std::string ref, std::string signal, Done<void> done);
  void pause(Done<void> done);
  void unpause(Done<void> done);
  void rename(std::string new_name, Done<void> done);
  void remove(RemoveOptions options, Done<void> done);
  void remove_link(std::string alias, Done<void> done);
  void hold(Done<HoldPtr> done);
  void wait(WaitCondition condition, Done<WaitResult> done);
  void attach(AttachOptions options, Done<Attachment> done);
  void resize(TerminalSize size, Done<void> done);
  void update(UpdateRequest request, Done<Strings> done);
  void clear_logs(Done<void> done);
  void freeze_files(std::string name, Done<SnapshotStore::PendingPtr> done);
  void restore_files(Snapshot snapshot, Done<void> done);
  void start_exec(std::string id, Done<Attachment> done);
  void start_exec_detached(std::string id, Done<void> done);
  void resize_exec(std::string id, TerminalSize size, Done<void> done);
  void connect_network(std::string network, Endpoint wanted, Done<void> done);
  void disconnect_network(std::string network, Done<void> done);

  /// Of a container found on disk at start-up: what became of it meanwhile.
  void recover();
  /// Begins what its restart policy wants begun with the daemon.
  void autostart();

 private:
  using Clock = std::chrono::steady_clock;

  // container_start.cpp
  void start_now();
  void require_startable() const;
  void prepare_run_folder();
  [[nodiscard]] std::string init_program() const;
  [[nodiscard]] std::vector<std::string> runtime_command() const;
  void launch();
  void hand_over_attachments();
  monitor::Packet expect(std::string_view verb);
  void require_shareable_ipc() const;
  [[nodiscard]] pid_t pid_of(std::string_view ref) const;
  void undo_start(const ApiError& why);
  void running_since(pid_t pid, Time since);
  // container_exit.cpp
  void listen();
  void on_packet(unsigned run, monitor::Packet packet);
  void on_monitor_lost();
  void exited(int code, bool oom, Time when);
  [[nodiscard]] bool has_restart_policy() const;
  [[nodiscard]] bool wants_restart() const;
  void schedule_restart();
  void release_run(bool monitor_listens);
  void release_cgroup() const noexcept;
  // container_remove.cpp
  void remove_now(bool volumes);
  void remove_when_stopped(RemoveOptions options, Done<void> done);
  void delete_volumes();
  // container_snapshot.cpp
  void require_files_at_rest() const;
  void set_frozen(Strings layers);
  SnapshotStore::PendingPtr freeze_now(const std::string& name);
  // container_recover.cpp
  [[nodiscard]] bool reconnect();
  [[nodiscard]] bool read_exit_file();
  // container_network.cpp
  void connect_networks(pid_t pid);
  void release_network();
  void adopt_endpoints();
  [[nodiscard]] ContainerNames names() const { return {context_, now_}; }
  void connect_running();
  void disconnect_running(const Endpoint& gone);
  // container_health.cpp
  struct Probe;
  void begin_health();
  void end_health();
  void schedule_probe();
  void probe();
  void end_probe(const std::shared_ptr<Probe>& probe);
  void judge(HealthResult result);
  void restart_if_unhealthy();
  // container_update.cpp, _exec.cpp, _links.cpp, _pause.cpp
  Strings update_now(const UpdateRequest& request);
  sys::UniqueFd launch_exec(const Exec& exec, bool streams);
  void prepare_exec_folder(const Exec& exec) const;
  void on_exec_packet(const std::string& id, monitor::Packet packet);
  void exec_ended(const std::string& id, int code);
  void require_running_for_exec() const;
  // container_actor.cpp
  void stop_now(const StopOptions& options, Done<void> done);
  void signal(int number);
  void answer_stopped();
  void enter(State next);
  void publish();
  void store(Durability durability) const;
  void store_run() const;
  void store_quietly() const noexcept;
  void emit(const std::string& action, Labels more = {});
  [[nodiscard]] bool is_running() const noexcept;
  [[nodiscard]] std::string cgroup() const;
  [[noreturn]] void refuse_not_running() const;

  Context& context_;
  Container now_;
  MonitorClient::Ptr monitor_;
  unsigned run_ = 0;  ///< counts starts, so that late packets are known
  std::map<std::string, MonitorClient::Ptr> exec_monitors_;
  std::vector<std::pair<std::string, sys::UniqueFd>> attachments_;
  Waiters waiters_;
  std::vector<Done<void>> stopping_;
  std::vector<Done<void>> removing_;
  bool remove_volumes_ = false;
  bool removed_ = false;
  FileHold files_;
  Timer kill_timer_;
  Timer restart_timer_;
  Clock::time_point began_;
  std::chrono::milliseconds backoff_{0};
  std::shared_ptr<Probe> probe_;  ///< the one that runs
  Timer health_timer_;
};

}  // namespace docker_cpp::daemon
