// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "docker_cpp/daemon/container_runtime.hpp"
#include "docker_cpp/daemon/executor.hpp"
#include "docker_cpp/daemon/networks.hpp"

namespace docker_cpp::daemon::testing_support {

/// Containers that exist only here, for tests of the HTTP and JSON layer: it
/// notes what it was asked, and answers from another thread as the real one.
class FakeRuntime final : public ContainerRuntime {
 public:
  explicit FakeRuntime(Executor& executor) : executor_(executor) {}

  void put(Container container) {
    const std::lock_guard lock(mutex_);
    const auto id = container.id;
    containers_[id] = std::make_shared<const Container>(std::move(container));
  }
  void drop(const std::string& id) {
    const std::lock_guard lock(mutex_);
    containers_.erase(id);
  }
  [[nodiscard]] std::vector<std::string> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  [[nodiscard]] CreateRequest last_create() const {
    const std::lock_guard lock(mutex_);
    return last_create_;
  }

  /// The next simple call ends in this.
  void fail_next(ApiError error) {
    const std::lock_guard lock(mutex_);
    failures_.push_back(std::move(error));
  }

  /// The container's end of the last attachment given.
  [[nodiscard]] sys::UniqueFd take_container_end() {
    const std::lock_guard lock(mutex_);
    return std::move(container_end_);
  }
  void end_waits(WaitResult result) {
    std::vector<Done<WaitResult>> waits;
    {
      const std::lock_guard lock(mutex_);
      waits.swap(waits_);
    }
    for (auto& done : waits) {
      executor_.post([done = std::move(done), result]() mutable {
        done(std::move(result));
      });
    }
  }
  [[nodiscard]] std::size_t waiting() const {
    const std::lock_guard lock(mutex_);
    return waits_.size();
  }
  void put_exec(Exec exec) {
    const std::lock_guard lock(mutex_);
    const auto id = exec.id;
    execs_[id] = std::move(exec);
  }

  void create(CreateRequest request, Done<Created> done) override {
    note("create " + request.name);
    {
      const std::lock_guard lock(mutex_);
      last_create_ = std::move(request);
    }
    executor_.post(
        [done = std::move(done), failure = next_failure()]() mutable {
          if (failure) {
            done(std::unexpected(*failure));
          } else {
            done(Created{.id = std::string(64, 'c')});
          }
        });
  }
  void start(std::string_view ref, Done<void> done) override {
    simple("start", ref, std::move(done));
  }
  void stop(std::string_view ref, StopOptions options,
            Done<void> done) override {
    simple("stop t=" + std::to_string(options.timeout.value_or(-99)), ref,
           std::move(done));
  }
  void restart(std::string_view ref, StopOptions, Done<void> done) override {
    simple("restart", ref, std::move(done));
  }
  void kill(std::string_view ref, std::string_view signal,
            Done<void> done) override {
    simple("kill " + std::string(signal), ref, std::move(done));
  }
  void pause(std::string_view ref, Done<void> done) override {
    simple("pause", ref, std::move(done));
  }
  void unpause(std::string_view ref, Done<void> done) override {
    simple("unpause", ref, std::move(done));
  }
  void rename(std::string_view ref, std::string_view name,
              Done<void> done) override {
    simple("rename " + std::string(name), ref, std::move(done));
  }
  void remove(std::string_view ref, RemoveOptions options,
              Done<void> done) override {
    simple(options.force ? "remove force" : "remove", ref, std::move(done));
  }

  void update(std::string_view ref, UpdateRequest request,
              Done<Strings> done) override {
    (void)get(ref);
    note("update memory=" + std::to_string(request.limits.memory));
    executor_.post([done = std::move(done)]() mutable { done(Strings()); });
  }
  void clear_logs(std::string_view ref, Done<void> done) override {
    simple("clear logs", ref, std::move(done));
  }

  [[nodiscard]] ContainerPtr get(std::string_view ref) const override {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, container] : containers_) {
      if (container->name == ref || id.starts_with(ref)) {
        return container;
      }
    }
    throw ApiError(ErrorCode::not_found,
                   "No such container: " + std::string(ref));
  }
  [[nodiscard]] std::vector<ContainerPtr> list() const override {
    const std::lock_guard lock(mutex_);
    std::vector<ContainerPtr> out;
    for (const auto& [id, container] : containers_) {
      out.push_back(container);
    }
    return out;
  }

  void wait(std::string_view, WaitCondition, Done<WaitResult> done) override {
    note("wait");
    const std::lock_guard lock(mutex_);
    waits_.push_back(std::move(done));
  }

  void attach(std::string_view ref, AttachOptions options,
              Done<Attachment> done) override {
    note(std::string("attach") + (options.stdin_stream ? " stdin" : "") +
         (options.stdout_stream ? " stdout" : "") +
         (options.stderr_stream ? " stderr" : ""));
    give_stream(get(ref)->config.tty, std::move(done));
  }
  void resize(std::string_view ref, TerminalSize size,
              Done<void> done) override {
    simple("resize " + std::to_string(size.rows) + "x" +
               std::to_string(size.columns),
           ref, std::move(done));
  }

  std::string create_exec(std::string_view ref, ExecRequest request) override {
    note("exec " + request.args.at(0));
    put_exec({.id = std::string(64, 'e'),
              .container_id = get(ref)->id,
              .args = std::move(request.args),
              .tty = request.tty});
    return std::string(64, 'e');
  }
  void start_exec(std::string_view id, Done<Attachment> done) override {
    if (auto failure = next_failure()) {
      executor_.post([done = std::move(done), failure]() mutable {
        done(std::unexpected(*failure));
      });
      return;
    }
    give_stream(get_exec(id).tty, std::move(done));
  }
  void start_exec_detached(std::string_view id, Done<void> done) override {
    note("exec detached " + std::string(id.substr(0, 1)));
    executor_.post([done = std::move(done)]() mutable { done({}); });
  }
  void resize_exec(std::string_view, TerminalSize, Done<void> done) override {
    executor_.post([done = std::move(done)]() mutable { done({}); });
  }
  [[nodiscard]] Exec get_exec(std::string_view id) const override {
    const std::lock_guard lock(mutex_);
    const auto found = execs_.find(std::string(id));
    if (found == execs_.end()) {
      throw ApiError(ErrorCode::not_found,
                     "No such exec instance: " + std::string(id));
    }
    return found->second;
  }

  [[nodiscard]] NetworkManager* networks() override { return &networks_; }
  void connect_network(std::string_view ref, std::string_view network, Endpoint,
                       Done<void> done) override {
    simple("connect " + std::string(ref) + " " + std::string(network), ref,
           std::move(done));
  }
  void disconnect_network(std::string_view ref, std::string_view network,
                          Done<void> done) override {
    simple("disconnect " + std::string(ref) + " " + std::string(network), ref,
           std::move(done));
  }

  Subscription subscribe(EventFilter filter, EventListener listener) override {
    return events_.subscribe(std::move(filter), std::move(listener));
  }
  void publish(Event event) override { events_.publish(std::move(event)); }
  [[nodiscard]] std::vector<Event> event_history() const override {
    return events_.history();
  }

 private:
  void note(std::string what) {
    const std::lock_guard lock(mutex_);
    asked_.push_back(std::move(what));
  }
  std::optional<ApiError> next_failure() {
    const std::lock_guard lock(mutex_);
    if (failures_.empty()) {
      return std::nullopt;
    }
    auto out = failures_.front();
    failures_.erase(failures_.begin());
    return out;
  }
  void simple(std::string what, std::string_view ref, Done<void> done) {
    (void)get(ref);
    note(std::move(what));
    executor_.post(
        [done = std::move(done), failure = next_failure()]() mutable {
          if (failure) {
            done(std::unexpected(*failure));
          } else {
            done({});
          }
        });
  }
  void give_stream(bool tty, Done<Attachment> done) {
    std::array<int, 2> ends{};
    ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data());
    {
      const std::lock_guard lock(mutex_);
      container_end_.reset(ends[0]);
    }
    executor_.post([done = std::move(done), tty, fd = ends[1]]() mutable {
      done(Attachment{.stream = sys::UniqueFd(fd), .tty = tty});
    });
  }

  Executor& executor_;
  mutable std::mutex mutex_;
  std::map<std::string, ContainerPtr> containers_;
  std::map<std::string, Exec> execs_;
  std::vector<std::string> asked_;
  NetworkManager networks_{{.engine_id = "test"}};
  std::vector<ApiError> failures_;
  std::vector<Done<WaitResult>> waits_;
  CreateRequest last_create_;
  sys::UniqueFd container_end_;
  EventSystem events_;
};

}  // namespace docker_cpp::daemon::testing_support
