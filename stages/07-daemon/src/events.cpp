// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/daemon/events.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace docker_cpp::daemon {
namespace {

constexpr std::size_t remembered = 1'000;

/// A call during which this many events come is stuck; a subscriber that only
/// waits for its turn may fall behind further.
constexpr std::size_t stuck_at = 1'024;
constexpr std::size_t full_at = 8 * stuck_at;

using EventPtr = std::shared_ptr<const Event>;

}  // namespace

struct Subscription::Slot {
  Slot(EventFilter wanted, EventListener call)
      : filter(std::move(wanted)), listener(std::move(call)) {}

  const EventFilter filter;
  const EventListener listener;
  std::atomic<bool> dropped = false;

  // Under the system's lock.
  std::deque<EventPtr> waiting;
  bool running = false;
  std::size_t during_call = 0;  ///< events that came since it began
};

bool Subscription::dropped() const noexcept {
  return slot_ && slot_->dropped;
}

using Slot = Subscription::Slot;

struct EventSystem::Impl {
  Impl() { start_dispatcher(); }

  ~Impl() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    wake.notify_all();
    for (auto& thread : threads) {
      thread.join();
    }
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void start_dispatcher() {
    const auto turn = ++current;
    threads.emplace_back([this, turn] { dispatch(turn); });
  }

  void stamp(Event& event) {
    if (event.time == std::chrono::system_clock::time_point{}) {
      event.time = std::chrono::system_clock::now();
    }
    // No two at one instant: "since that event" then has one meaning.
    event.time = std::max(event.time, newest + std::chrono::nanoseconds(1));
    newest = event.time;
  }

  void publish(Event event) {
    {
      const std::lock_guard lock(mutex);
      stamp(event);
      auto shared = std::make_shared<const Event>(std::move(event));
      history.push_back(shared);
      if (history.size() > remembered) {
        history.pop_front();
      }
      std::erase_if(slots, [&](const std::weak_ptr<Slot>& weak) {
        const auto slot = weak.lock();
        return !slot || !queue(*slot, shared);
      });
    }
    wake.notify_one();
  }

  /// False when the subscriber does not keep up and is dropped for it.
  bool queue(Slot& slot, EventPtr event) {
    const bool stuck = slot.running && ++slot.during_call > stuck_at;
    if (!stuck && slot.waiting.size() < full_at) {
      slot.waiting.push_back(std::move(event));
      return true;
    }
    slot.dropped = true;
    slot.waiting.clear();
    if (stuck) {
      // Its thread may never come back: the others get a new one.
      start_dispatcher();
    }
    return false;
  }

  std::shared_ptr<Slot> next() {
    for (const auto& weak : slots) {
      if (auto slot = weak.lock();
          slot && !slot->waiting.empty() && !slot->running) {
        return slot;
      }
    }
    return nullptr;
  }

  void dispatch(unsigned turn) {
    std::unique_lock lock(mutex);
    while (!stopping && turn == current) {
      if (auto slot = next()) {
        serve(std::move(slot), lock);
      } else {
        wake.wait(lock);
      }
    }
  }

  void serve(std::shared_ptr<Slot> slot, std::unique_lock<std::mutex>& lock) {
    slot->running = true;
    while (!slot->waiting.empty() && !stopping) {
      const auto event = std::move(slot->waiting.front());
      slot->waiting.pop_front();
      slot->during_call = 0;
      lock.unlock();
      if (!slot->filter || slot->filter(*event)) {
        slot->listener(*event);
      }
      lock.lock();
    }
    slot->running = false;
    // The last owner may be this call, and what a listener holds may publish
    // when it goes.
    lock.unlock();
    slot.reset();
    lock.lock();
  }

  std::mutex mutex;
  std::condition_variable wake;
  bool stopping = false;
  unsigned current = 0;
  std::chrono::system_clock::time_point newest{};
  std::deque<EventPtr> history;
  std::vector<std::weak_ptr<Slot>> slots;
  std::vector<std::thread> threads;
};

EventSystem::EventSystem() : impl_(std::make_unique<Impl>()) {}

EventSystem::~EventSystem() = default;

void EventSystem::publish(Event event) {
  impl_->publish(std::move(event));
}

Subscription EventSystem::subscribe(EventFilter filter,
                                    EventListener listener) {
  auto slot = std::make_shared<Slot>(std::move(filter), std::move(listener));
  const std::lock_guard lock(impl_->mutex);
  impl_->slots.push_back(slot);
  return Subscription(std::move(slot));
}

std::vector<Event> EventSystem::history() const {
  const std::lock_guard lock(impl_->mutex);
  std::vector<Event> out;
  out.reserve(impl_->history.size());
  std::ranges::transform(impl_->history, std::back_inserter(out),
                         [](const EventPtr& event) { return *event; });
  return out;
}

}  // namespace docker_cpp::daemon
