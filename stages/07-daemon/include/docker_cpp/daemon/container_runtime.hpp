// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/daemon/api_error.hpp"
#include "docker_cpp/daemon/events.hpp"
#include "docker_cpp/daemon/model.hpp"
#include "docker_cpp/daemon/requests.hpp"

namespace docker_cpp::daemon {

template <typename T>
using Outcome = std::expected<T, ApiError>;

/// Called once, from a thread of the engine, never from inside the call that
/// it was given to while that call still holds anything.
template <typename T>
using Done = std::move_only_function<void(Outcome<T>)>;

class NetworkManager;
class Snapshots;

using ContainerPtr = std::shared_ptr<const Container>;

/// As long as it lives, a container that does not run is not started, and
/// nobody else changes its files.
struct Hold {};
using HoldPtr = std::shared_ptr<const Hold>;

/// The engine's facade: everything that the API, and a program that embeds the
/// engine, can do with containers. Thread safe.
///
/// A `ref` is an id, a unique prefix of one, or a name. Each call may end in
/// ApiError with Docker's sentence for it. Nothing here waits: what takes time
/// answers through `done`. Reads come from the registry's snapshot.
class ContainerRuntime {
 public:
  virtual ~ContainerRuntime() = default;

  virtual void create(CreateRequest request, Done<Created> done) = 0;
  virtual void start(std::string_view ref, Done<void> done) = 0;
  virtual void stop(std::string_view ref, StopOptions options,
                    Done<void> done) = 0;
  virtual void restart(std::string_view ref, StopOptions options,
                       Done<void> done) = 0;
  virtual void kill(std::string_view ref, std::string_view signal,
                    Done<void> done) = 0;
  virtual void pause(std::string_view ref, Done<void> done) = 0;
  virtual void unpause(std::string_view ref, Done<void> done) = 0;
  virtual void rename(std::string_view ref, std::string_view new_name,
                      Done<void> done) = 0;
  virtual void remove(std::string_view ref, RemoveOptions options,
                      Done<void> done) = 0;

  /// For work on the files of a container, whether it runs or not.
  virtual void hold(std::string_view, Done<HoldPtr> done) {
    done(std::make_shared<const Hold>());
  }

  /// Changes limits at once, and what a start needs for the next one.
  /// Answers with warnings.
  virtual void update(std::string_view ref, UpdateRequest request,
                      Done<Strings> done) = 0;
  /// Forgets what was printed until now.
  virtual void clear_logs(std::string_view ref, Done<void> done) = 0;

  /// \throws ApiError not_found: `No such container: x`
  [[nodiscard]] virtual ContainerPtr get(std::string_view ref) const = 0;
  [[nodiscard]] virtual std::vector<ContainerPtr> list() const = 0;

  /// Registered before it returns, so that a start that follows is seen.
  /// \throws ApiError not_found
  virtual void wait(std::string_view ref, WaitCondition condition,
                    Done<WaitResult> done) = 0;

  /// Of a container that does not run yet, answers when it is started, but
  /// misses nothing that it prints.
  virtual void attach(std::string_view ref, AttachOptions options,
                      Done<Attachment> done) = 0;
  virtual void resize(std::string_view ref, TerminalSize size,
                      Done<void> done) = 0;

  /// \throws ApiError
  virtual std::string create_exec(std::string_view ref,
                                  ExecRequest request) = 0;
  virtual void start_exec(std::string_view id, Done<Attachment> done) = 0;
  virtual void start_exec_detached(std::string_view id, Done<void> done) = 0;
  virtual void resize_exec(std::string_view id, TerminalSize size,
                           Done<void> done) = 0;
  [[nodiscard]] virtual Exec get_exec(std::string_view id) const = 0;

  /// What networks there are; null where there is nothing to connect to.
  [[nodiscard]] virtual NetworkManager* networks() { return nullptr; }
  /// Null where containers have no files that could be frozen.
  [[nodiscard]] virtual Snapshots* snapshots() { return nullptr; }

  /// Live where the container runs, else from its next start on.
  virtual void connect_network(std::string_view ref, std::string_view network,
                               Endpoint wanted, Done<void> done) = 0;
  virtual void disconnect_network(std::string_view ref,
                                  std::string_view network,
                                  Done<void> done) = 0;

  /// Typed subscription, in process; see EventSystem.
  virtual Subscription subscribe(EventFilter filter,
                                 EventListener listener) = 0;
  virtual void publish(Event event) = 0;

  /// Those still remembered, oldest first; see EventSystem::history().
  [[nodiscard]] virtual std::vector<Event> event_history() const { return {}; }
};

}  // namespace docker_cpp::daemon
