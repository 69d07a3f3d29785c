// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace docker_cpp::daemon {

/// Something that happened, in Docker's words.
struct Event {
  std::string type;    ///< container, image, network, volume, daemon
  std::string action;  ///< create, start, die, "health_status: healthy"...
  std::string actor_id;
  std::map<std::string, std::string> attributes;  ///< name, image, exitCode...
  std::chrono::system_clock::time_point time{};   ///< set by publish if unset
};

/// True for the events wanted. Called on the dispatcher's thread.
using EventFilter = std::function<bool(const Event&)>;
using EventListener = std::function<void(const Event&)>;

/// Ends when the last copy goes. A listener that does not keep up is dropped:
/// `dropped()` says so.
class Subscription {
 public:
  struct Slot;
  Subscription() = default;
  explicit Subscription(std::shared_ptr<Slot> slot) : slot_(std::move(slot)) {}
  [[nodiscard]] bool dropped() const noexcept;

 private:
  std::shared_ptr<Slot> slot_;
};

/// One dispatcher, bounded queues, and the last events for `--since`.
/// Thread safe; publish never waits for a subscriber.
class EventSystem {
 public:
  EventSystem();
  ~EventSystem();
  EventSystem(const EventSystem&) = delete;
  EventSystem& operator=(const EventSystem&) = delete;

  void publish(Event event);
  [[nodiscard]] Subscription subscribe(EventFilter filter,
                                       EventListener listener);

  /// Those still remembered (the last 1,000), oldest first.
  [[nodiscard]] std::vector<Event> history() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace docker_cpp::daemon
