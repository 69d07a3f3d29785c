// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "context.hpp"
#include "handlers.hpp"
#include "log_stream.hpp"
#include "process_table.hpp"
#include "stats_view.hpp"

#include "docker_cpp/cgroups/cgroup.hpp"

namespace docker_cpp::daemon::api {
namespace {

using nlohmann::json;

WaitCondition wait_condition(const std::string& text) {
  if (text.empty() || text == "not-running") {
    return WaitCondition::not_running;
  }
  if (text == "next-exit") {
    return WaitCondition::next_exit;
  }
  if (text == "removed") {
    return WaitCondition::removed;
  }
  throw ApiError(ErrorCode::invalid_argument,
                 "invalid condition: \"" + text + "\"");
}

/// The head goes out at once: a client starts the container only when it has
/// seen that its wait is registered.
void wait(const CallPtr& call) {
  auto& runtime = call->context->runtime;
  const auto condition = wait_condition(call->query().get("condition"));
  const auto container = runtime.get(call->variable("name"));
  runtime.wait(container->id, condition, [call](Outcome<WaitResult> outcome) {
    json reply = {{"StatusCode", 0}, {"Error", nullptr}};
    if (!outcome) {
      reply["StatusCode"] = -1;
      reply["Error"] = {{"Message", outcome.error().what()}};
    } else {
      reply["StatusCode"] = outcome->exit_code;
      if (!outcome->error.empty()) {
        reply["Error"] = {{"Message", outcome->error}};
      }
    }
    if (call->send(reply)) {
      call->exchange->finish();
    }
  });
  call->begin_stream("application/json");
}

/// A container's cgroup, while it runs.
cgroups::Cgroup cgroup_of(const Context& context, const Container& container) {
  const auto& parent = container.host_config.cgroup_parent.empty()
                           ? context.info.cgroup_parent
                           : container.host_config.cgroup_parent;
  return cgroups::Cgroup::open(parent + "/" + container.id);
}

void top(const CallPtr& call) {
  const auto& context = *call->context;
  const auto container = context.runtime.get(call->variable("name"));
  if (container->state == State::restarting) {
    throw ApiError(ErrorCode::conflict,
                   "Container " + container->id +
                       " is restarting, wait until the container is running");
  }
  if (container->state != State::running && container->state != State::paused) {
    throw ApiError(ErrorCode::conflict,
                   "Container " + container->id + " is not running");
  }
  const auto columns = parse_ps_arguments(call->query().get("ps_args"));
  context.executor.blocking([call, container, columns] {
    call->guard([&] {
      const auto pids = cgroup_of(*call->context, *container).processes();
      call->reply(200, process_table(columns, pids));
    });
  });
}

json read_stats(const Context& context, const Container& container) {
  const bool up =
      container.state == State::running || container.state == State::paused;
  return up ? stats_view(container, cgroup_of(context, container).statistics())
            : empty_stats_view(container);
}

/// A second of two samples, so that a client can tell the rate of use.
class StatsStream : public std::enable_shared_from_this<StatsStream> {
 public:
  StatsStream(CallPtr call, std::string id)
      : call_(std::move(call)),
        id_(std::move(id)),
        stream_(call_->query().flag("stream", true)),
        one_shot_(call_->query().flag("one-shot")) {}

  void sample() {
    call_->context->executor.blocking([self = shared_from_this()] {
      self->call_->guard([&] { self->take(); });
    });
  }

 private:
  void take() {
    const auto container = call_->context->runtime.get(id_);
    auto view = read_stats(*call_->context, *container);
    const bool first = last_.is_null();
    if (!first) {
      view["precpu_stats"] = last_.at("cpu_stats");
      view["preread"] = last_.at("read");
    }
    const auto previous = std::exchange(last_, view);
    if (!stream_) {
      if (first && !one_shot_ && container->state == State::running) {
        again();
      } else {
        call_->reply(200, view);
      }
      return;
    }
    if (first) {
      call_->begin_stream("application/json");
    }
    if (call_->send(view)) {
      again();
    }
  }

  void again() {
    timer_ = call_->context->executor.after(
        std::chrono::seconds(1),
        [self = shared_from_this()] { self->sample(); });
  }

  CallPtr call_;
  std::string id_;
  bool stream_;
  bool one_shot_;
  json last_;
  Timer timer_;
};

void stats(const CallPtr& call) {
  const auto container = call->context->runtime.get(call->variable("name"));
  std::make_shared<StatsStream>(call, container->id)->sample();
}

}  // namespace

void add_container_queries(Router& router) {
  router.add("POST", "/containers/{name}/wait", wait);
  router.add("GET", "/containers/{name}/top", top);
  router.add("GET", "/containers/{name}/stats", stats);
  router.add("GET", "/containers/{name}/logs", stream_logs);
}

}  // namespace docker_cpp::daemon::api
