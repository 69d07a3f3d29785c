// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>

#include <array>
#include <utility>

#include "answer.hpp"
#include "container_actor.hpp"
#include "exec_event.hpp"
#include "oci_config.hpp"

#include "docker_cpp/daemon/monitor_config.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::daemon {
namespace {

constexpr std::chrono::seconds exec_patience(60);

/// Docker tells an exec's failure inside its stream, as if the program had
/// printed it.
void print_failure(int stream, const std::string& text, bool tty) {
  std::string message = text + "\r\n";
  if (!tty) {
    const auto size = message.size();
    const std::array<char, 8> head{1,
                                   0,
                                   0,
                                   0,
                                   static_cast<char>(size >> 24U),
                                   static_cast<char>(size >> 16U),
                                   static_cast<char>(size >> 8U),
                                   static_cast<char>(size)};
    message.insert(0, head.data(), head.size());
  }
  static_cast<void>(
      ::send(stream, message.data(), message.size(), MSG_NOSIGNAL));
}

std::string letters_of(const Exec& exec) {
  std::string letters;
  letters += exec.attach_stdin ? "i" : "";
  letters += exec.attach_stdout ? "o" : "";
  letters += exec.attach_stderr ? "e" : "";
  return letters;
}

}  // namespace

void ContainerActor::require_running_for_exec() const {
  if (now_.state == State::paused) {
    throw ApiError(ErrorCode::conflict,
                   "Container " + now_.id +
                       " is paused, unpause the container before exec");
  }
  if (now_.state != State::running) {
    refuse_not_running();
  }
}

void ContainerActor::prepare_exec_folder(const Exec& exec) const {
  const std::string folder = context_.folders.exec(now_.id, exec.id);
  make_folder(folder, 0700);
  write_file(folder + "/config.json", oci_process(now_, exec), 0600);
  const monitor::MonitorConfig config{
      .id = now_.id,
      .tty = exec.tty,
      .open_stdin = exec.attach_stdin,
      .stdin_once = true,
      .seccomp_program =
          exec.privileged
              ? std::string()
              : context_.seccomp.file_for(security_options(now_.host_config),
                                          capabilities_of(now_.host_config)),
      .container_pid = now_.pid,
      .cgroup = cgroup()};
  write_file(folder + "/monitor.json", monitor::print_monitor_config(config),
             0600);
}

/// Returns the daemon's end of the session's streams, if they are wanted.
sys::UniqueFd ContainerActor::launch_exec(const Exec& exec, bool streams) {
  DOCKER_CPP_FAILPOINT("container.exec.begin");
  prepare_exec_folder(exec);
  DOCKER_CPP_FAILPOINT("container.exec.prepared");
  const auto monitor =
      MonitorClient::spawn(context_.options.monitor, "exec",
                           context_.folders.exec(now_.id, exec.id));
  sys::UniqueFd ours;
  if (streams) {
    std::array<int, 2> pair{};
    must(sys::check_void(
             ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()),
             "socketpair"),
         "open a stream to the exec session");
    ours.reset(pair[0]);
    const sys::UniqueFd theirs(pair[1]);
    monitor->send("attach " + letters_of(exec), theirs.get());
  }
  DOCKER_CPP_FAILPOINT("container.exec.spawned");
  monitor->go();
  monitor::Packet packet = monitor->expect(exec_patience);
  if (packet.verb() == "created") {
    packet = monitor->expect(exec_patience);
  }
  std::string_view words = packet.rest();
  const auto number = monitor::take_number(words);
  if (packet.verb() != "started") {
    monitor->abandon();
    remove_folder(context_.folders.exec(now_.id, exec.id));
    throw ApiError(
        number == 126 || number == 127 ? ErrorCode::invalid_argument
                                       : ErrorCode::internal,
        "OCI runtime exec failed: exec failed: unable to start container "
        "process: " +
            std::string(words.substr(std::min<std::size_t>(1, words.size()))) +
            ": unknown");
  }
  context_.execs.update(
      exec.id, [&](Exec& known) { known.pid = static_cast<pid_t>(number); });
  exec_monitors_[exec.id] = monitor;
  now_.exec_ids.push_back(exec.id);
  publish();
  const auto self =
      std::static_pointer_cast<ContainerActor>(shared_from_this());
  monitor->listen(executor(), [self, id = exec.id](monitor::Packet heard) {
    self->tell([self, id, heard = std::move(heard)]() mutable {
      self->on_exec_packet(id, std::move(heard));
    });
  });
  return ours;
}

void ContainerActor::start_exec(std::string id, Done<Attachment> done) {
  tell([this, id = std::move(id), done = std::move(done)]() mutable {
    answer(done, [&] {
      require_running_for_exec();
      const Exec exec = context_.execs.begin(id);
      emit(exec_action("exec_start", exec), {{"execID", id}});
      try {
        return Attachment{.stream = launch_exec(exec, true), .tty = exec.tty};
      } catch (...) {
        const ApiError why = current_error();
        exec_ended(id, 126);
        std::array<int, 2> pair{};
        must(sys::check_void(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC,
                                          0, pair.data()),
                             "socketpair"),
             "open a stream");
        const sys::UniqueFd end(pair[1]);
        print_failure(end.get(), why.what(), exec.tty);
        return Attachment{.stream = sys::UniqueFd(pair[0]), .tty = exec.tty};
      }
    });
  });
}

void ContainerActor::start_exec_detached(std::string id, Done<void> done) {
  tell([this, id = std::move(id), done = std::move(done)]() mutable {
    answer(done, [&] {
      require_running_for_exec();
      const Exec exec = context_.execs.begin(id);
      emit(exec_action("exec_start", exec), {{"execID", id}});
      try {
        static_cast<void>(launch_exec(exec, false));
      } catch (...) {
        exec_ended(id, 126);
        throw;
      }
    });
  });
}

void ContainerActor::on_exec_packet(const std::string& id,
                                    monitor::Packet packet) {
  const auto found = exec_monitors_.find(id);
  if (found == exec_monitors_.end()) {
    return;
  }
  std::string_view words = packet.rest();
  if (packet.verb() == "exited" || packet.ended()) {
    const auto monitor = found->second;
    exec_monitors_.erase(found);
    exec_ended(id, packet.ended()
                       ? 137
                       : static_cast<int>(monitor::take_number(words)));
    monitor->send("taken");
    remove_folder(context_.folders.exec(now_.id, id));
  }
}

void ContainerActor::exec_ended(const std::string& id, int code) {
  context_.execs.update(id, [&](Exec& exec) {
    exec.running = false;
    exec.exit_code = code;
  });
  std::erase(now_.exec_ids, id);
  publish();
  emit("exec_die", {{"execID", id}, {"exitCode", std::to_string(code)}});
}

void ContainerActor::resize_exec(std::string id, TerminalSize size,
                                 Done<void> done) {
  tell([this, id = std::move(id), size, done = std::move(done)]() mutable {
    answer(done, [&] {
      const auto found = exec_monitors_.find(id);
      if (found == exec_monitors_.end()) {
        throw ApiError(ErrorCode::internal,
                       "exec process is not started: " + id);
      }
      found->second->send("resize " + std::to_string(size.rows) + " " +
                          std::to_string(size.columns));
    });
  });
}

}  // namespace docker_cpp::daemon
