// SPDX-License-Identifier: Apache-2.0
#include "session.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <utility>

#include "foreign_runtime.hpp"

#include "docker_cpp/namespaces/exec_error.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/startup_pages.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::monitor {
namespace {

using std::chrono::system_clock;

/// How long clients may take to read the rest after the program has ended.
constexpr std::chrono::seconds patience(10);

MonitorConfig read_monitor_config(int folder) {
  return parse_monitor_config(
      must(sys::read_file_at(folder, "monitor.json"), "read monitor.json"));
}

std::string nanoseconds(system_clock::time_point time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::nanoseconds>(
                            time.time_since_epoch())
                            .count());
}

}  // namespace

Session::Session(Kind kind, int folder, sys::UniqueFd control, sys::UniqueFd go)
    : kind_(kind),
      folder_(folder),
      config_(read_monitor_config(folder)),
      streams_(loop_, config_),
      go_(std::move(go)) {
  controls_.push_back(std::move(control));
}

void Session::run() {
  watch_children();
  if (!begin()) {
    return;
  }
  constexpr int quiet_ms = 1000;
  bool settled = false;
  while (phase_ == Phase::running) {
    if (loop_.step(settled ? -1 : quiet_ms) == 0) {
      sys::forget_startup_pages();
      settled = true;
    }
  }
  finish();
  linger();
}

void Session::launch() {
  LaunchOptions options{.folder = folder_,
                        .stdio = streams_.child_ends(),
                        .go = go_.get(),
                        .created = [this](pid_t pid) {
                          tell("created " + std::to_string(pid));
                        }};
  launched_ = kind_ == Kind::container
                  ? launch_container(config_, std::move(options))
                  : launch_exec(config_, std::move(options));
}

bool Session::begin() {
  try {
    streams_.connect_log();
    listen();
    launch();
  } catch (const namespaces::ExecError& error) {
    tell("failed " + std::to_string(error.exit_code()) + " " + error.what());
    return false;
  } catch (const ForeignRuntimeError& error) {
    tell("failed " + std::to_string(error.exit_code()) + " " + error.what());
    return false;
  } catch (const std::exception& error) {
    tell(std::string("failed 128 ") + error.what());
    return false;
  }
  go_.reset();
  started_ = system_clock::now();
  phase_ = Phase::running;
  tell("started " + std::to_string(launched_.pid) + " " +
       nanoseconds(started_));
  // Those who attached before the start miss nothing: their packets are here
  // before the first byte of output is read.
  const int first = controls_.front().get();
  auto control = std::move(controls_.front());
  controls_.clear();
  add_control(std::move(control));
  on_control(first);
  streams_.begin(std::move(launched_.console));
  watch_memory();
  reap();
  return true;
}

void Session::watch_children() {
  sigset_t child{};
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  must(
      sys::check_void(::sigprocmask(SIG_BLOCK, &child, nullptr), "sigprocmask"),
      "block SIGCHLD");
  children_ = sys::UniqueFd(
      must(sys::check(::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK),
                      "signalfd"),
           "listen to SIGCHLD"));
  loop_.watch(children_.get(), EPOLLIN, [this](std::uint32_t) { reap(); });
}

void Session::watch_memory() {
  if (!launched_.cgroup) {
    return;
  }
  memory_ = launched_.cgroup->oom_event_fd();
  if (!memory_) {
    return;
  }
  loop_.watch(memory_.get(), EPOLLIN, [this](std::uint32_t) {
    std::array<char, 4096> ignored{};
    static_cast<void>(::read(memory_.get(), ignored.data(), ignored.size()));
    if (!oom_ && launched_.cgroup->oom_kills() > 0) {
      oom_ = true;
      tell("oom");
    }
  });
}

void Session::listen() {
  listener_ = must(listen_in(folder_), "listen in the container's folder");
  loop_.watch(listener_.get(), EPOLLIN, [this](std::uint32_t) {
    const int fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (fd != -1) {
      static_cast<void>(send_packet(fd, greeting()));
      add_control(sys::UniqueFd(fd));
    }
  });
}

void Session::add_control(sys::UniqueFd socket) {
  const int fd = socket.get();
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  loop_.watch(fd, EPOLLIN, [this, fd](std::uint32_t) { on_control(fd); });
  controls_.push_back(std::move(socket));
}

void Session::on_control(int fd) {
  for (;;) {
    auto packet = receive_packet(fd);
    if (!packet && packet.error().code == EAGAIN) {
      return;
    }
    if (!packet || packet->ended()) {  // the daemon went away: we do not
      loop_.forget(fd);
      std::erase_if(controls_,
                    [&](const sys::UniqueFd& c) { return c.get() == fd; });
      return;
    }
    obey(*std::move(packet));
  }
}

void Session::obey(Packet packet) {
  std::string_view words = packet.rest();
  if (packet.verb() == "attach" && packet.fd) {
    streams_.attach(std::move(packet.fd), Wants::parse(words));
  } else if (packet.verb() == "signal" && phase_ == Phase::running) {
    ::kill(launched_.pid, static_cast<int>(take_number(words)));
  } else if (packet.verb() == "resize") {
    const auto rows = static_cast<std::uint16_t>(take_number(words));
    const auto columns = static_cast<std::uint16_t>(take_number(words));
    streams_.resize({.rows = rows, .columns = columns});
  } else if (packet.verb() == "log-cleared") {
    streams_.log_cleared();
  } else if (packet.verb() == "taken") {
    taken_ = true;
  }
}

void Session::tell(std::string_view text) {
  for (const sys::UniqueFd& control : controls_) {
    static_cast<void>(send_packet(control.get(), text));
  }
}

std::string Session::exit_text() const {
  return std::to_string(exit_code_) + (oom_ ? " 1 " : " 0 ") +
         nanoseconds(finished_);
}

std::string Session::greeting() const {
  if (phase_ == Phase::exited) {
    return "exited " + exit_text();
  }
  return "running " + std::to_string(launched_.pid) + " " +
         nanoseconds(started_) + (oom_ ? " 1" : " 0");
}

void Session::reap() {
  std::array<char, sizeof(signalfd_siginfo) * 4> ignored{};
  while (::read(children_.get(), ignored.data(), ignored.size()) > 0) {
  }
  int status = 0;
  pid_t pid = 0;
  while ((pid = ::waitpid(-1, &status, WNOHANG)) > 0) {
    if (pid == launched_.pid && phase_ == Phase::running) {
      exit_code_ =
          WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
      finished_ = system_clock::now();
      phase_ = Phase::exited;
    }
  }
}

void Session::finish() {
  streams_.drain();
  clean_up();
  write_exit_file();
  tell("exited " + exit_text());
}

void Session::clean_up() {
  if (kind_ == Kind::container && !config_.runtime.empty()) {
    delete_foreign(config_, folder_);
  }
  if (!launched_.cgroup) {
    return;
  }
  try {
    oom_ = oom_ || launched_.cgroup->oom_kills() > 0;
    loop_.forget(memory_.get());
    memory_.reset();
    // With a PID namespace of its own nobody is left; on the host's, some
    // may be, and they end with their container.
    if (!launched_.cgroup->processes().empty()) {
      launched_.cgroup->kill_all(SIGKILL);
    }
    launched_.cgroup->remove();
  } catch (const std::exception&) {
    // The daemon tries again when it releases the container.
  }
}

void Session::write_exit_file() const {
  const auto file =
      sys::open_at(folder_, "exit.new", O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (file && sys::write_all(file->get(), exit_text() + "\n")) {
    ::renameat(folder_, "exit.new", folder_, "exit");
  }
}

void Session::linger() {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!controls_.empty() && !taken_ &&
         std::chrono::steady_clock::now() < end) {
    loop_.step(1000);
  }
  while (!streams_.delivered() && std::chrono::steady_clock::now() < end) {
    loop_.step(1000);
  }
  ::unlinkat(folder_, "monitor.sock", 0);
  streams_.close_clients();
}

}  // namespace docker_cpp::monitor
