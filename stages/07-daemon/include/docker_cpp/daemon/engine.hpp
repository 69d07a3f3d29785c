// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/daemon/container_defaults.hpp"
#include "docker_cpp/daemon/container_runtime.hpp"
#include "docker_cpp/daemon/executor.hpp"

namespace docker_cpp::images {
class ImageStore;
}

namespace docker_cpp::daemon {

struct EngineOptions {
  std::string data_root = "/var/lib/docker-cpp";
  std::string exec_root = "/run/docker-cpp";
  /// How the monitor is started: its path, and arguments before run or exec.
  std::vector<std::string> monitor;
  std::string cgroup_parent = "/docker-cpp";
  Strings dns;  ///< for containers that say nothing of their own
  Strings dns_search;
  Strings dns_options;
  ContainerDefaults defaults;
  /// Told what an operator should know: damaged records, lost monitors.
  std::function<void(const std::string&)> warn;
};

/// The one implementation of ContainerRuntime: an actor per container, a
/// monitor per running one.
class Engine final : public ContainerRuntime {
 public:
  /// `networks` may be null: then there is only --network none and host. What
  /// is given must outlive the engine. One engine per data root: see DataLock.
  /// \throws Error when its folders cannot be made
  Engine(Executor& executor, images::ImageStore& images,
         NetworkManager* networks, EventSystem& events, EngineOptions options);
  ~Engine() override;

  /// Reads the records, asks the monitors, and makes disk, kernel and memory
  /// agree. The same after a shutdown, a crash and a power cut; to be called
  /// once, before anything else.
  void recover();

  /// For the containers made from now on.
  void set_defaults(ContainerDefaults defaults);

  void create(CreateRequest request, Done<Created> done) override;
  void start(std::string_view ref, Done<void> done) override;
  void stop(std::string_view ref, StopOptions options,
            Done<void> done) override;
  void restart(std::string_view ref, StopOptions options,
               Done<void> done) override;
  void kill(std::string_view ref, std::string_view signal,
            Done<void> done) override;
  void pause(std::string_view ref, Done<void> done) override;
  void unpause(std::string_view ref, Done<void> done) override;
  void rename(std::string_view ref, std::string_view new_name,
              Done<void> done) override;
  void remove(std::string_view ref, RemoveOptions options,
              Done<void> done) override;
  void hold(std::string_view ref, Done<HoldPtr> done) override;
  void update(std::string_view ref, UpdateRequest request,
              Done<Strings> done) override;
  void clear_logs(std::string_view ref, Done<void> done) override;
  [[nodiscard]] ContainerPtr get(std::string_view ref) const override;
  [[nodiscard]] std::vector<ContainerPtr> list() const override;
  void wait(std::string_view ref, WaitCondition condition,
            Done<WaitResult> done) override;
  void attach(std::string_view ref, AttachOptions options,
              Done<Attachment> done) override;
  void resize(std::string_view ref, TerminalSize size,
              Done<void> done) override;
  std::string create_exec(std::string_view ref, ExecRequest request) override;
  void start_exec(std::string_view id, Done<Attachment> done) override;
  void start_exec_detached(std::string_view id, Done<void> done) override;
  void resize_exec(std::string_view id, TerminalSize size,
                   Done<void> done) override;
  [[nodiscard]] Exec get_exec(std::string_view id) const override;
  [[nodiscard]] NetworkManager* networks() override;
  [[nodiscard]] Snapshots* snapshots() override;
  void connect_network(std::string_view ref, std::string_view network,
                       Endpoint wanted, Done<void> done) override;
  void disconnect_network(std::string_view ref, std::string_view network,
                          Done<void> done) override;
  Subscription subscribe(EventFilter filter, EventListener listener) override;
  void publish(Event event) override;
  [[nodiscard]] std::vector<Event> event_history() const override;

 private:
  friend class EngineSnapshots;
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace docker_cpp::daemon
