// SPDX-License-Identifier: Apache-2.0
#include "log_stream.hpp"

#include <algorithm>
#include <charconv>
#include <mutex>

#include <nlohmann/json.hpp>

#include "../logs/log_reader.hpp"
#include "container_list.hpp"
#include "context.hpp"

namespace docker_cpp::daemon::api {
namespace {

constexpr std::size_t piece = 256U << 10;
constexpr int multiplexed_since = 42;

/// "all", a number; what is neither is all, as Docker has it.
std::optional<std::size_t> parse_tail(const std::string& text) {
  std::size_t lines = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), lines);
  const bool number = error == std::errc() && end == text.data() + text.size();
  return number ? std::optional(lines) : std::nullopt;
}

LogOptions parse_options(const Call& call, const Container& container) {
  const auto& query = call.query();
  LogOptions out{.standard_output = query.flag("stdout"),
                 .standard_error = query.flag("stderr"),
                 .timestamps = query.flag("timestamps"),
                 .details = query.flag("details"),
                 .framed = !container.config.tty,
                 .since = parse_moment(query.get("since")),
                 .until = parse_moment(query.get("until")),
                 .tail = parse_tail(query.get("tail"))};
  if (!out.standard_output && !out.standard_error) {
    throw ApiError(ErrorCode::invalid_argument,
                   "Bad parameters: you must choose at least one stream");
  }
  return out;
}

bool is_up(const Container& container) {
  return container.state == State::running ||
         container.state == State::paused ||
         container.state == State::restarting;
}

/// One client reading one container's log. Reads a piece on the pool, waits
/// until the client has taken it, and so on; at the end it waits for the log
/// to grow, when it follows, until the container has ended.
class LogStream : public std::enable_shared_from_this<LogStream> {
 public:
  LogStream(CallPtr call, ContainerPtr container, LogOptions options)
      : call_(std::move(call)),
        container_(std::move(container)),
        until_(options.until),
        reader_(container_->log_path, options) {}

  void start(bool follow) {
    following_ = follow;
    if (follow) {
      watch();
    }
    wake();
  }

 private:
  /// Interest first, then the state: an end between the two is seen.
  void watch() {
    auto& context = *call_->context;
    const auto weak = weak_from_this();
    const auto nudge = [weak] {
      if (const auto self = weak.lock()) {
        self->wake();
      }
    };
    const auto folder =
        container_->log_path.substr(0, container_->log_path.rfind('/'));
    interest_ = context.watcher->watch(folder, nudge);
    end_ = context.runtime.subscribe(
        [id = container_->id](const Event& event) {
          return event.type == "container" && event.actor_id == id &&
                 (event.action == "die" || event.action == "destroy");
        },
        [weak](const Event&) {
          if (const auto self = weak.lock()) {
            self->container_ended();
          }
        });
    following_ = still_up();
    if (until_) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(
          *until_ - std::chrono::system_clock::now());
      timer_ = context.executor.after(
          std::max(left, std::chrono::milliseconds(0)), [weak] {
            if (const auto self = weak.lock()) {
              self->container_ended();
            }
          });
    }
    call_->exchange->on_gone([self = shared_from_this()] { self->stop(); });
  }

  [[nodiscard]] bool still_up() const {
    try {
      return is_up(*call_->context->runtime.get(container_->id));
    } catch (const ApiError&) {
      return false;  // removed meanwhile
    }
  }

  void container_ended() {
    {
      const std::lock_guard lock(mutex_);
      following_ = false;
    }
    wake();
  }

  void stop() {
    const std::lock_guard lock(mutex_);
    gone_ = true;
  }

  /// One reading at a time; a nudge meanwhile makes it look once more.
  void wake() {
    const std::lock_guard lock(mutex_);
    if (gone_ || finished_) {
      return;
    }
    if (std::exchange(busy_, true)) {
      again_ = true;
      return;
    }
    read_soon();
  }

  void read_soon() {
    call_->context->executor.blocking(
        [self = shared_from_this()] { self->read(); });
  }

  void read() {
    bool last = false;
    {
      const std::lock_guard lock(mutex_);
      last = !following_;  // asked before reading: what it wrote is there
      again_ = false;
    }
    std::string bytes;
    const auto progress = reader_.read(bytes, piece);
    const bool end = progress == LogReader::Progress::finished ||
                     (progress == LogReader::Progress::caught_up && last);
    if (!bytes.empty() && !call_->exchange->write(std::move(bytes))) {
      stop();
      return;
    }
    if (end) {
      finish();
      return;
    }
    call_->exchange->on_drained(
        [self = shared_from_this(),
         more = progress == LogReader::Progress::more] { self->next(more); });
  }

  void next(bool more) {
    const std::lock_guard lock(mutex_);
    if (gone_ || call_->exchange->gone()) {
      busy_ = false;
    } else if (more || again_ || !following_) {
      read_soon();
    } else {
      busy_ = false;
    }
  }

  void finish() {
    {
      const std::lock_guard lock(mutex_);
      finished_ = true;
    }
    call_->exchange->finish();
  }

  std::mutex mutex_;
  CallPtr call_;
  ContainerPtr container_;
  std::optional<Time> until_;
  LogReader reader_;
  bool following_ = false;
  bool busy_ = false;
  bool again_ = false;
  bool gone_ = false;
  bool finished_ = false;
  FolderWatcher::Interest interest_;
  Subscription end_;
  Timer timer_;
};

void begin(const Call& call, const Container& container) {
  auto head = call.head(200);
  if (call.api_minor >= multiplexed_since) {
    head.content_type = container.config.tty
                            ? "application/vnd.docker.raw-stream"
                            : "application/vnd.docker.multiplexed-stream";
  }
  call.exchange->begin_stream(std::move(head));
}

}  // namespace

void stream_logs(const CallPtr& call) {
  const auto container = call->context->runtime.get(call->variable("name"));
  const auto options = parse_options(*call, *container);
  if (container->log_path.empty()) {
    throw ApiError(ErrorCode::internal,
                   "configured logging driver does not support reading");
  }
  const bool past =
      options.until && *options.until <= std::chrono::system_clock::now();
  const bool follow =
      call->query().flag("follow") && is_up(*container) && !past;
  call->context->executor.blocking([call, container, options, follow] {
    call->guard([&] {
      const auto stream = std::make_shared<LogStream>(call, container, options);
      begin(*call, *container);
      stream->start(follow);
    });
  });
}

}  // namespace docker_cpp::daemon::api
