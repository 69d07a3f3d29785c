// SPDX-License-Identifier: Apache-2.0
#include <mutex>
#include <utility>

#include <nlohmann/json.hpp>

#include "container_list.hpp"
#include "events_view.hpp"
#include "handlers.hpp"

#include "docker_cpp/daemon/model_json.hpp"

namespace docker_cpp::daemon::api {
namespace {

using std::chrono::milliseconds;

/// One client of GET /events. What happens while the past is being told waits
/// for its turn; what was told from the past is not told again.
class EventStream : public std::enable_shared_from_this<EventStream> {
 public:
  EventStream(CallPtr call, Filters filters)
      : call_(std::move(call)),
        filters_(std::move(filters)),
        since_(parse_moment(call_->query().get("since"))),
        until_(parse_moment(call_->query().get("until"))) {}

  void start() {
    const auto now = std::chrono::system_clock::now();
    const bool live = !until_ || *until_ > now;
    call_->begin_stream("application/json");
    std::unique_lock lock(mutex_);
    if (live) {
      subscribe();
    }
    if (since_ || until_) {
      tell_past();
    }
    for (const auto& event : std::exchange(held_, {})) {
      tell(event);
    }
    past_told_ = true;
    if (!live) {
      call_->exchange->finish();
      return;
    }
    lock.unlock();
    end_with_client(now);
  }

 private:
  void subscribe() {
    subscription_ = call_->context->runtime.subscribe(
        nullptr, [weak = weak_from_this()](const Event& event) {
          if (const auto self = weak.lock()) {
            self->happened(event);
          }
        });
  }

  void end_with_client(Time now) {
    // The client's connection keeps the stream alive, and ends it.
    call_->exchange->on_gone([self = shared_from_this()] { self->end(); });
    if (until_) {
      const auto left = std::chrono::ceil<milliseconds>(*until_ - now);
      auto timer =
          call_->context->executor.after(left, [weak = weak_from_this()] {
            if (const auto self = weak.lock()) {
              self->finish();
            }
          });
      const std::lock_guard lock(mutex_);
      timer_ = std::move(timer);
    }
  }

  void tell_past() {
    for (const auto& event : call_->context->runtime.event_history()) {
      if (event.time >= since_.value_or(Time{})) {
        tell(event);
      }
    }
  }

  void happened(const Event& event) {
    const std::lock_guard lock(mutex_);
    past_told_ ? tell(event) : held_.push_back(event);
  }

  void tell(const Event& event) {
    const bool wanted = event.time > newest_ &&
                        event.time <= until_.value_or(Time::max()) &&
                        accepts_event(filters_, event);
    newest_ = std::max(newest_, event.time);
    if (wanted && !call_->send(event_view(event))) {
      subscription_ = {};
    }
  }

  void finish() {
    end();
    call_->exchange->finish();
  }

  void end() {
    const std::lock_guard lock(mutex_);
    subscription_ = {};
  }

  std::mutex mutex_;
  CallPtr call_;
  Filters filters_;
  std::optional<Time> since_;
  std::optional<Time> until_;
  Time newest_ = Time::min();
  bool past_told_ = false;
  std::vector<Event> held_;
  Subscription subscription_;
  Timer timer_;
};

void events(const CallPtr& call) {
  Filters filters(
      call->query().get("filters"),
      {"config", "container", "daemon", "event", "image", "label", "network",
       "node", "plugin", "scope", "secret", "service", "type", "volume"});
  std::make_shared<EventStream>(call, std::move(filters))->start();
}

}  // namespace

void add_events(Router& router) {
  router.add("GET", "/events", events);
}

}  // namespace docker_cpp::daemon::api
