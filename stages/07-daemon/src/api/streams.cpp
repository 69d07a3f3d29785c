// SPDX-License-Identifier: Apache-2.0
#include <mutex>
#include <optional>

#include <nlohmann/json.hpp>

#include "../json_fields.hpp"
#include "../logs/log_reader.hpp"
#include "context.hpp"
#include "handlers.hpp"
#include "stream_frame.hpp"

#include "docker_cpp/daemon/model_json.hpp"

namespace docker_cpp::daemon::api {
namespace {

using nlohmann::json;

constexpr int multiplexed_since = 42;

/// The reply that ends HTTP: with Upgrade as asked, or the older bare 200.
http::Head hijack_head(const Call& call, bool tty) {
  http::Head head;
  head.content_type = call.api_minor >= multiplexed_since && !tty
                          ? "application/vnd.docker.multiplexed-stream"
                          : "application/vnd.docker.raw-stream";
  if (!call.request.header("Upgrade").empty()) {
    head.status = 101;
    head.headers = {{"Connection", "Upgrade"}, {"Upgrade", "tcp"}};
  }
  return head;
}

std::string detach_keys(const std::string& given) {
  if (given.empty()) {
    return std::string(default_detach_keys);
  }
  auto keys = parse_detach_keys(given);
  if (!keys) {
    throw ApiError(
        ErrorCode::invalid_argument,
        "Invalid detach keys (" + given + ") provided: " + keys.error());
  }
  return *keys;
}

Event container_event(const Container& container, std::string action) {
  Event event{.type = "container",
              .action = std::move(action),
              .actor_id = container.id,
              .attributes = container.config.labels};
  event.attributes["image"] = container.config.image;
  event.attributes["name"] = container.name;
  return event;
}

/// Joins what the engine gives with a connection that is hijacked, whichever
/// comes first: the engine must know of an attach before the client is told.
class Join {
 public:
  Join(CallPtr call, std::string keys, ContainerPtr container)
      : call_(std::move(call)),
        keys_(std::move(keys)),
        container_(std::move(container)) {}

  void hijacked() {
    const std::lock_guard lock(mutex_);
    hijacked_ = true;
    meet();
  }

  void arrived(Outcome<Attachment> outcome) {
    const std::lock_guard lock(mutex_);
    outcome_ = std::move(outcome);
    meet();
  }

 private:
  void meet() {
    if (!hijacked_ || !outcome_) {
      return;
    }
    auto outcome = *std::exchange(outcome_, std::nullopt);
    outcome ? relay(std::move(*outcome)) : explain(outcome.error());
  }

  void relay(Attachment attachment) {
    http::RelayPlan plan{.stream = std::move(attachment.stream)};
    if (attachment.tty) {
      plan.detach_keys = keys_;
      plan.on_detach = [call = call_, container = container_] {
        call->context->runtime.publish(container_event(*container, "detach"));
      };
    }
    call_->exchange->relay(std::move(plan));
  }

  /// HTTP is over: what went wrong is told where the output would be.
  void explain(const ApiError& error) {
    const std::string text = std::string(error.what()) + "\r\n";
    std::string bytes;
    append_frame(bytes, StreamId::standard_output, text);
    call_->exchange->write_raw(tty_ ? text : bytes);
    call_->exchange->finish();
  }

  std::mutex mutex_;
  CallPtr call_;
  std::string keys_;
  ContainerPtr container_;
  std::optional<Outcome<Attachment>> outcome_;
  bool hijacked_ = false;

 public:
  bool tty_ = false;
};

void check_attachable(const Container& container) {
  if (container.state == State::paused) {
    throw ApiError(ErrorCode::conflict,
                   "container " + container.id +
                       " is paused, unpause the container before attach");
  }
  if (container.state == State::restarting) {
    throw ApiError(ErrorCode::conflict,
                   "container " + container.id +
                       " is restarting, wait until the container is running");
  }
}

/// `logs=1`: what was printed until `end`, as the log has it.
void tell_past(const Call& call, const Container& container, Time end) {
  constexpr std::size_t piece = 256U << 10;
  LogReader reader(container.log_path,
                   {.standard_output = call.query().flag("stdout"),
                    .standard_error = call.query().flag("stderr"),
                    .framed = !container.config.tty,
                    .until = end});
  auto progress = LogReader::Progress::more;
  while (progress == LogReader::Progress::more) {
    std::string bytes;
    progress = reader.read(bytes, piece);
    call.exchange->write_raw(std::move(bytes));
  }
}

/// Only the past, or the past and then what `join` brings. A moment after the
/// head: docker-py loses what arrives together with that, because its HTTP
/// library has read it by then.
void attach_with_past(const CallPtr& call, const ContainerPtr& container,
                      const std::shared_ptr<Join>& join, Time end) {
  constexpr std::chrono::milliseconds moment(20);
  const auto timer = std::make_shared<Timer>();
  const auto tell = [call, container, join, end] {
    if (!container->log_path.empty()) {
      tell_past(*call, *container, end);
    }
    join ? join->hijacked() : call->exchange->finish();
  };
  *timer = call->context->executor.after(
      moment, [call, timer, tell] { call->context->executor.blocking(tell); });
}

void attach(const CallPtr& call) {
  const auto& query = call->query();
  auto& runtime = call->context->runtime;
  const auto container = runtime.get(call->variable("name"));
  auto keys = detach_keys(query.get("detachKeys"));
  const Time now = std::chrono::system_clock::now();
  if (query.flag("logs") && !query.flag("stream")) {
    call->exchange->hijack(hijack_head(*call, container->config.tty));
    attach_with_past(call, container, nullptr, now);
    return;
  }
  check_attachable(*container);
  const auto join = std::make_shared<Join>(call, std::move(keys), container);
  join->tty_ = container->config.tty;
  runtime.attach(container->id,
                 {.stdin_stream = query.flag("stdin"),
                  .stdout_stream = query.flag("stdout"),
                  .stderr_stream = query.flag("stderr"),
                  .logs = query.flag("logs"),
                  .stream = query.flag("stream")},
                 [join](Outcome<Attachment> outcome) {
                   join->arrived(std::move(outcome));
                 });
  call->exchange->hijack(hijack_head(*call, container->config.tty));
  if (query.flag("logs")) {
    attach_with_past(call, container, join, now);
  } else {
    join->hijacked();
  }
}

TerminalSize terminal_size(const Call& call) {
  const auto read = [&](const std::string& key) {
    const int value = call.query().number(key).value_or(0);
    if (value < 0 || value > 0xFFFF) {
      throw ApiError(
          ErrorCode::invalid_argument,
          "invalid terminal size " + key + "=" + std::to_string(value));
    }
    return static_cast<std::uint16_t>(value);
  };
  return {.rows = read("h"), .columns = read("w")};
}

void resize(const CallPtr& call) {
  call->context->runtime.resize(call->variable("name"), terminal_size(*call),
                                done_with(call, 200));
}

void resize_exec(const CallPtr& call) {
  call->context->runtime.resize_exec(call->variable("id"), terminal_size(*call),
                                     done_with(call, 201));
}

void create_exec(const CallPtr& call) {
  auto& runtime = call->context->runtime;
  auto request = exec_request_from_json(call->json_body());
  if (request.args.empty()) {
    throw ApiError(ErrorCode::invalid_argument, "No exec command specified");
  }
  (void)detach_keys(request.detach_keys);
  const auto id =
      runtime.create_exec(call->variable("name"), std::move(request));
  call->reply(201, {{"Id", id}});
}

void check_running(const Container& container) {
  if (container.state == State::paused) {
    throw ApiError(ErrorCode::conflict, "Container " + container.id +
                                            " is paused, unpause the container "
                                            "before exec");
  }
  if (container.state != State::running) {
    throw ApiError(ErrorCode::conflict,
                   "Container " + container.id + " is not running");
  }
}

struct ExecStart {
  bool detach = false;
  bool tty = false;
};

ExecStart exec_start(const Call& call) {
  ExecStart out;
  if (const auto body = call.json_body(); !body.empty()) {
    const json document = parse_json(body);
    const Fields fields(document, "ExecStartCheck");
    fields.read("Detach", out.detach);
    fields.read("Tty", out.tty);
  }
  return out;
}

void start_exec(const CallPtr& call) {
  auto& runtime = call->context->runtime;
  const auto options = exec_start(*call);
  const auto exec = runtime.get_exec(call->variable("id"));
  const auto container = runtime.get(exec.container_id);
  check_running(*container);
  if (options.detach) {
    runtime.start_exec_detached(exec.id, done_with(call, 200));
    return;
  }
  const auto join =
      std::make_shared<Join>(call, detach_keys(exec.detach_keys), container);
  join->tty_ = exec.tty;
  auto head = hijack_head(*call, exec.tty);
  auto common = engine_headers(call->context->info.version);
  head.headers.insert(head.headers.end(), common.begin(), common.end());
  call->exchange->hijack(std::move(head));
  join->hijacked();
  try {
    runtime.start_exec(exec.id, [join](Outcome<Attachment> outcome) {
      join->arrived(std::move(outcome));
    });
  } catch (const ApiError& error) {
    join->arrived(std::unexpected(error));
  }
}

json exec_view(const Exec& exec) {
  json arguments = json::array();
  for (std::size_t i = 1; i < exec.args.size(); ++i) {
    arguments.push_back(exec.args[i]);
  }
  json process = {
      {"tty", exec.tty},
      {"entrypoint", exec.args.empty() ? std::string{} : exec.args[0]},
      {"arguments", std::move(arguments)},
      {"privileged", exec.privileged}};
  if (!exec.user.empty()) {
    process["user"] = exec.user;
  }
  return {{"ID", exec.id},
          {"Running", exec.running},
          {"ExitCode", value_or_null(exec.exit_code)},
          {"ProcessConfig", std::move(process)},
          {"OpenStdin", exec.attach_stdin},
          {"OpenStderr", exec.attach_stderr},
          {"OpenStdout", exec.attach_stdout},
          {"CanRemove", false},
          {"ContainerID", exec.container_id},
          {"DetachKeys", exec.detach_keys},
          {"Pid", exec.pid}};
}

void inspect_exec(const CallPtr& call) {
  call->reply(200,
              exec_view(call->context->runtime.get_exec(call->variable("id"))));
}

}  // namespace

void add_streams(Router& router) {
  router.add("POST", "/containers/{name}/attach", attach);
  router.add("POST", "/containers/{name}/resize", resize);
  router.add("POST", "/containers/{name}/exec", create_exec);
  router.add("POST", "/exec/{id}/start", start_exec);
  router.add("POST", "/exec/{id}/resize", resize_exec);
  router.add("GET", "/exec/{id}/json", inspect_exec);
}

}  // namespace docker_cpp::daemon::api
