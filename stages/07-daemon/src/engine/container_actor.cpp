// SPDX-License-Identifier: Apache-2.0
#include "container_actor.hpp"

#include <sys/socket.h>

#include <array>
#include <csignal>
#include <stdexcept>
#include <utility>

#include "answer.hpp"
#include "identifiers.hpp"

#include "docker_cpp/cgroups/cgroup.hpp"
#include "docker_cpp/daemon/model_json.hpp"
#include "docker_cpp/daemon/networks.hpp"
#include "docker_cpp/daemon/record.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::daemon {
namespace {

constexpr int default_stop_timeout = 10;
constexpr std::chrono::seconds patience_with_dying(10);
constexpr const char* not_dead =
    "tried to kill container, but did not receive an exit event";

sys::Pipe stream_pair() {
  std::array<int, 2> pair{};
  must(sys::check_void(
           ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()),
           "socketpair"),
       "open a stream to the container");
  return {.read_end = sys::UniqueFd(pair[0]),
          .write_end = sys::UniqueFd(pair[1])};
}

/// Nobody hangs on one that waits for a dead disk and does not die.
template <typename Later>
void answer_when_dead(Waiters& waiters, Later later, Done<void> done) {
  struct Waiting {
    Done<void> done;
    Timer timer;
  };
  const auto waiting = std::make_shared<Waiting>();
  waiting->done = std::move(done);
  const auto tell_once = [](Waiting& one, Outcome<void> outcome) {
    if (auto call = std::exchange(one.done, nullptr)) {
      one.timer.cancel();
      call(std::move(outcome));
    }
  };
  const std::weak_ptr<Waiting> weak = waiting;
  waiting->timer = later([tell_once, weak] {
    if (const auto one = weak.lock()) {
      tell_once(*one, std::unexpected(ApiError(ErrorCode::internal, not_dead)));
    }
  });
  waiters.add(
      WaitCondition::next_exit,
      [tell_once, waiting](Outcome<WaitResult>) { tell_once(*waiting, {}); });
}

}  // namespace

ContainerActor::ContainerActor(Context& context, Container container)
    : Actor(context.executor), context_(context), now_(std::move(container)) {}

bool ContainerActor::is_running() const noexcept {
  return now_.state == State::running || now_.state == State::paused;
}

std::string ContainerActor::cgroup() const {
  const std::string& parent = now_.host_config.cgroup_parent;
  return (parent.empty() ? context_.options.cgroup_parent : parent) + "/" +
         now_.id;
}

void ContainerActor::refuse_not_running() const {
  throw ApiError(ErrorCode::conflict,
                 "Container " + now_.id + " is not running");
}

void ContainerActor::enter(State next) {
  if (now_.state != next && !may_become(now_.state, next)) {
    throw std::logic_error("container " + now_.id + " cannot become " +
                           std::string(to_string(next)) + " when it is " +
                           std::string(to_string(now_.state)));
  }
  now_.state = next;
}

void ContainerActor::publish() {
  context_.registry.publish(now_);
}

// [store]
/// In the container's folder: `record` is what a power cut may not take;
/// `state`, newer where it is there, costs no fsync and may be lost with the
/// power. With --rm there is only the record that it was created with.
void ContainerActor::store(Durability durability) const {
  const sys::UniqueFd home = open_folder(context_.folders.container(now_.id));
  const std::string body = container_to_record(now_);
  if (now_.host_config.auto_remove) {
    write_record(home.get(), "record", body, Durability::volatile_record);
    return;
  }
  // Before the record: the sync of the folder takes the older state's name
  // away with it, so that no power cut brings that one back.
  write_record(home.get(), "state", body, Durability::volatile_record);
  if (durability == Durability::durable) {
    write_record(home.get(), "record", body);
  }
}

/// Newest of all, while it runs: gone with the power, as the container is.
void ContainerActor::store_run() const {
  const sys::UniqueFd run = open_folder(context_.folders.run(now_.id));
  write_record(run.get(), "state", container_to_record(now_),
               Durability::volatile_record);
}
// [store]

/// For what the kernel and the monitor can tell as well.
void ContainerActor::store_quietly() const noexcept {
  try {
    if (is_running()) {
      store_run();
    }
    if (!now_.host_config.auto_remove) {
      store(Durability::volatile_record);
    }
  } catch (const std::exception& error) {
    context_.warn(error.what());
  }
}

void ContainerActor::emit(const std::string& action, Labels more) {
  Event event{.type = "container", .action = action, .actor_id = now_.id};
  event.attributes = now_.config.labels;
  event.attributes["name"] = now_.name;
  event.attributes["image"] = now_.config.image;
  for (auto& [key, value] : more) {
    event.attributes[key] = std::move(value);
  }
  context_.events.publish(std::move(event));
}

void ContainerActor::signal(int number) {
  if (monitor_) {
    monitor_->send("signal " + std::to_string(number));
  }
  if (now_.state == State::paused && number == SIGKILL) {
    try {  // a frozen program does not even die
      cgroups::Cgroup::open(cgroup()).thaw();
    } catch (const Error& error) {
      context_.warn(error.what());
    }
  }
}

void ContainerActor::stop(StopOptions options, Done<void> done) {
  tell([this, options = std::move(options), done = std::move(done)]() mutable {
    if (now_.state == State::restarting) {
      restart_timer_.cancel();
      now_.stopped_by_user = true;
      enter(State::exited);
      publish();
      done({});
      return;
    }
    if (!is_running()) {
      done(std::unexpected(ApiError(ErrorCode::not_modified, "")));
      return;
    }
    stop_now(options, std::move(done));
  });
}

void ContainerActor::stop_now(const StopOptions& options, Done<void> done) {
  try {
    DOCKER_CPP_FAILPOINT("container.stop.begin");
    std::string name = options.signal;
    if (name.empty()) {
      name = now_.config.stop_signal.empty() ? "TERM" : now_.config.stop_signal;
    }
    const int number = parse_signal(name);
    now_.stopped_by_user = true;
    publish();
    store(Durability::durable);  // or a restart policy would forget it
    store_run();
    DOCKER_CPP_FAILPOINT("container.stop.recorded");
    signal(number);
    emit("kill", {{"signal", std::to_string(number)}});
    if (now_.state == State::paused) {
      cgroups::Cgroup::open(cgroup()).thaw();
    }
    DOCKER_CPP_FAILPOINT("container.stop.signalled");
  } catch (...) {
    done(std::unexpected(current_error()));
    return;
  }
  const int seconds = options.timeout.value_or(
      now_.config.stop_timeout.value_or(default_stop_timeout));
  stopping_.push_back(std::move(done));
  if (seconds >= 0) {
    kill_timer_ = tell_after(std::chrono::seconds(seconds), [this] {
      if (is_running()) {
        signal(SIGKILL);
      }
    });
  }
}

void ContainerActor::answer_stopped() {
  kill_timer_.cancel();
  for (Done<void>& done : std::exchange(stopping_, {})) {
    done({});
  }
}

void ContainerActor::restart(StopOptions options, Done<void> done) {
  tell([this, options = std::move(options), done = std::move(done)]() mutable {
    const auto begin = [this](Done<void>& told) {
      answer(told, [this] {
        now_.stopped_by_user = false;
        start_now();
        emit("restart");
      });
    };
    if (!is_running()) {
      begin(done);
      return;
    }
    stop_now(options, [this, begin,
                       done = std::move(done)](Outcome<void> stopped) mutable {
      if (!stopped) {
        done(std::move(stopped));
      } else {
        tell([begin, done = std::move(done)]() mutable { begin(done); });
      }
    });
  });
}

void ContainerActor::kill(std::string ref, std::string name, Done<void> done) {
  tell([this, ref = std::move(ref), name = std::move(name),
        done = std::move(done)]() mutable {
    int number = 0;
    try {
      number = name.empty() ? SIGKILL : parse_signal(name);
      if (!is_running()) {
        throw ApiError(ErrorCode::conflict, "Cannot kill container: " + ref +
                                                ": Container " + now_.id +
                                                " is not running");
      }
      // A signal that is to end it ends the restarting, too.
      if (number == SIGKILL || number == SIGTERM) {
        now_.stopped_by_user = true;
      }
      signal(number);
      emit("kill", {{"signal", std::to_string(number)}});
    } catch (...) {
      done(std::unexpected(current_error()));
      return;
    }
    const auto later = [this](Task message) {
      return tell_after(patience_with_dying, std::move(message));
    };
    number == SIGKILL ? answer_when_dead(waiters_, later, std::move(done))
                      : done({});
  });
}

void ContainerActor::rename(std::string new_name, Done<void> done) {
  tell([this, new_name = std::move(new_name),
        done = std::move(done)]() mutable {
    answer(done, [&] {
      const std::string_view given = new_name;
      const std::string name(given.starts_with('/') ? given.substr(1) : given);
      check_name(name);
      if (removed_) {
        throw ApiError(ErrorCode::not_found, "No such container: " + now_.id);
      }
      if (name == now_.name) {
        throw ApiError(
            ErrorCode::invalid_argument,
            "Renaming a container with the same name as its current name");
      }
      DOCKER_CPP_FAILPOINT("container.rename.begin");
      context_.registry.rename(now_.id, name);
      const std::string old = std::exchange(now_.name, name);
      try {
        store(Durability::durable);
        DOCKER_CPP_FAILPOINT("container.rename.recorded");
        if (is_running()) {
          store_run();
        }
      } catch (...) {
        now_.name = old;
        context_.registry.rename(now_.id, old);
        throw;
      }
      if (context_.networks != nullptr) {
        context_.networks->renamed(now_);
      }
      publish();
      emit("rename", {{"oldName", "/" + old}});
    });
  });
}

void ContainerActor::wait(WaitCondition condition, Done<WaitResult> done) {
  tell([this, condition, done = std::move(done)]() mutable {
    const bool over =
        removed_ || (condition == WaitCondition::not_running && !is_running() &&
                     now_.state != State::restarting);
    if (over) {
      done(WaitResult{.exit_code = now_.exit_code, .error = ""});
    } else {
      waiters_.add(condition, std::move(done));
    }
  });
}

void ContainerActor::attach(AttachOptions options, Done<Attachment> done) {
  tell([this, options, done = std::move(done)]() mutable {
    answer(done, [&] {
      std::string letters;
      letters += options.stdin_stream ? "i" : "";
      letters += options.stdout_stream ? "o" : "";
      letters += options.stderr_stream ? "e" : "";
      sys::Pipe pair = stream_pair();
      if (is_running()) {
        monitor_->send("attach " + letters, pair.write_end.get());
      } else if (!removed_) {
        // Kept until it starts: what is written meanwhile waits in the socket.
        attachments_.emplace_back(letters, std::move(pair.write_end));
      }
      emit("attach");
      return Attachment{.stream = std::move(pair.read_end),
                        .tty = now_.config.tty};
    });
  });
}

void ContainerActor::resize(TerminalSize size, Done<void> done) {
  tell([this, size, done = std::move(done)]() mutable {
    answer(done, [&] {
      if (!is_running()) {
        refuse_not_running();
      }
      monitor_->send("resize " + std::to_string(size.rows) + " " +
                     std::to_string(size.columns));
    });
  });
}

}  // namespace docker_cpp::daemon
