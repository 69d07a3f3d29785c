// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/daemon/events.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace docker_cpp::daemon {
namespace {

constexpr std::size_t remembered = 1'000;

/// A subscriber this far behind is dropped: what waits for it is memory.
constexpr std::size_t full_at = 8'192;

/// Events that one subscriber gets before it is the next one's turn.
constexpr int turn_length = 64;

/// Whose turn takes longer keeps the dispatcher's thread for itself, and the
/// others get a new one.
constexpr std::chrono::milliseconds patience{100};

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
};

bool Subscription::dropped() const noexcept {
  return slot_ && slot_->dropped;
}

using Slot = Subscription::Slot;

struct EventSystem::Impl {
  using Clock = std::chrono::steady_clock;

  Impl() : deputy([this] { stand_by(); }) {
    const std::lock_guard lock(mutex);
    start_dispatcher();
  }

  ~Impl() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    wake.notify_all();
    watch.notify_all();
    deputy.join();
    for (auto& [number, thread] : threads) {
      thread.join();
    }
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void start_dispatcher() {
    for (const unsigned ended : std::exchange(finished, {})) {
      threads.at(ended).join();
      threads.erase(ended);
    }
    busy = false;
    const auto number = ++current;
    threads.emplace(number, std::thread([this, number] { dispatch(number); }));
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
  static bool queue(Slot& slot, EventPtr event) {
    if (slot.waiting.size() < full_at) {
      slot.waiting.push_back(std::move(event));
      return true;
    }
    slot.dropped = true;
    slot.waiting.clear();
    return false;
  }

  /// The first after whose turn it was that has events.
  std::shared_ptr<Slot> next() {
    for (std::size_t i = 0; i < slots.size(); ++i) {
      const std::size_t at = (last_turn + 1 + i) % slots.size();
      if (auto slot = slots[at].lock();
          slot && !slot->waiting.empty() && !slot->running) {
        last_turn = at;
        return slot;
      }
    }
    return nullptr;
  }

  void dispatch(unsigned number) {
    std::unique_lock lock(mutex);
    while (!stopping && number == current) {
      if (auto slot = next()) {
        turn_begins();
        serve(std::move(slot), lock);
        busy = busy && number != current;
      } else {
        wake.wait(lock);
      }
    }
    finished.push_back(number);
  }

  void turn_begins() {
    busy = true;
    turn_began = Clock::now();
    if (!watching) {
      watch.notify_one();
    }
  }

  void serve(std::shared_ptr<Slot> slot, std::unique_lock<std::mutex>& lock) {
    slot->running = true;
    for (int i = 0; i < turn_length && !slot->waiting.empty() && !stopping;
         ++i) {
      const auto event = std::move(slot->waiting.front());
      slot->waiting.pop_front();
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

  /// The deputy sleeps while there is nothing to do, and makes a new
  /// dispatcher when a turn does not end.
  void stand_by() {
    std::unique_lock lock(mutex);
    while (!stopping) {
      watching = busy;
      if (!busy) {
        watch.wait(lock);
      } else if (turn_began + patience <= Clock::now()) {
        start_dispatcher();
      } else {
        watch.wait_until(lock, turn_began + patience);
      }
    }
  }

  std::mutex mutex;
  std::condition_variable wake;
  std::condition_variable watch;
  bool stopping = false;
  bool watching = false;         ///< the deputy looks by itself
  bool busy = false;             ///< the dispatcher is at a subscriber's
  Clock::time_point turn_began;  ///< since then
  unsigned current = 0;
  std::size_t last_turn = 0;
  std::chrono::system_clock::time_point newest{};
  std::deque<EventPtr> history;
  std::vector<std::weak_ptr<Slot>> slots;
  std::map<unsigned, std::thread> threads;
  std::vector<unsigned> finished;  ///< of threads
  std::thread deputy;              ///< last: it uses all the others
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
