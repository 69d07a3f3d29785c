// SPDX-License-Identifier: Apache-2.0
#include "monitor_client.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <utility>

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::daemon {
namespace {

/// Above the numbers that the monitor gets, so that giving it one never
/// overwrites another.
sys::UniqueFd out_of_the_way(const sys::UniqueFd& fd) {
  return sys::UniqueFd(
      must(sys::check(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 10), "fcntl"),
           "hand a descriptor to the monitor"));
}

/// posix_spawn's file actions and attributes, as RAII.
class SpawnPlan {
 public:
  SpawnPlan(int control, int go) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDWR, 0);
    ::posix_spawn_file_actions_adddup2(&actions_, 0, 1);
    ::posix_spawn_file_actions_adddup2(&actions_, 0, 2);
    ::posix_spawn_file_actions_adddup2(&actions_, control, 3);
    ::posix_spawn_file_actions_adddup2(&actions_, go, 4);
    // Asio does not make its sockets close-on-exec.
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, 5);
    sigset_t none{};
    sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    sigset_t all{};
    sigfillset(&all);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK |
                                                 POSIX_SPAWN_SETSIGDEF |
                                                 POSIX_SPAWN_SETSID);
  }
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  [[nodiscard]] const posix_spawn_file_actions_t* actions() const {
    return &actions_;
  }
  [[nodiscard]] const posix_spawnattr_t* attributes() const {
    return &attributes_;
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

pid_t spawn_program(std::vector<std::string> args, const SpawnPlan& plan) {
  std::vector<char*> argv;
  argv.reserve(args.size() + 1);
  for (std::string& arg : args) {
    argv.push_back(arg.data());
  }
  argv.push_back(nullptr);
  pid_t pid = 0;
  const int error = ::posix_spawn(&pid, argv[0], plan.actions(),
                                  plan.attributes(), argv.data(), environ);
  if (error != 0) {
    throw Error({.code = error, .call = "posix_spawn"},
                "start the monitor " + args[0]);
  }
  return pid;
}

}  // namespace

MonitorClient::MonitorClient(pid_t pid, sys::UniqueFd control, sys::UniqueFd go)
    : pid_(pid), control_(std::move(control)), go_(std::move(go)) {}

MonitorClient::Ptr MonitorClient::spawn(const std::vector<std::string>& program,
                                        const std::string& kind,
                                        const std::string& folder) {
  std::array<int, 2> pair{};
  must(sys::check_void(
           ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()),
           "socketpair"),
       "open a conversation with a monitor");
  sys::UniqueFd ours(pair[0]);
  const sys::UniqueFd theirs(pair[1]);
  sys::Pipe go = must(sys::pipe_cloexec(), "open the go pipe");

  std::vector<std::string> args = program;
  args.push_back(kind);
  args.push_back(folder);
  const sys::UniqueFd control = out_of_the_way(theirs);
  const sys::UniqueFd gate = out_of_the_way(go.read_end);
  const SpawnPlan plan(control.get(), gate.get());
  const pid_t pid = spawn_program(std::move(args), plan);
  return std::make_shared<MonitorClient>(pid, std::move(ours),
                                         std::move(go.write_end));
}

MonitorClient::Ptr MonitorClient::reconnect(const std::string& folder) {
  const auto dir = sys::open(folder.c_str(), O_RDONLY | O_DIRECTORY);
  if (!dir) {
    return nullptr;
  }
  auto control = monitor::connect_in(dir->get());
  if (!control) {
    return nullptr;
  }
  return std::make_shared<MonitorClient>(0, *std::move(control),
                                         sys::UniqueFd());
}

monitor::Packet MonitorClient::expect(std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    pollfd wanted{.fd = control_.get(), .events = POLLIN, .revents = 0};
    const int ready =
        ::poll(&wanted, 1, static_cast<int>(std::max<long>(left.count(), 0)));
    if (ready == 1) {
      return must(monitor::receive_packet(control_.get()),
                  "hear from the monitor");
    }
    if (ready == 0) {
      throw Error({.code = ETIMEDOUT, .call = "poll"}, "hear from the monitor");
    }
  }
}

void MonitorClient::send(std::string_view text, int fd) const {
  static_cast<void>(monitor::send_packet(control_.get(), text, fd));
}

void MonitorClient::go() {
  static_cast<void>(sys::write_byte(go_.get()));
  go_.reset();
}

void MonitorClient::listen(Executor& executor, Listener listener) {
  watch_ = executor.watch(
      control_.get(), POLLIN,
      [self = shared_from_this(), &executor, listener = std::move(listener)] {
        auto packet = monitor::receive_packet(self->control_.get());
        if (!packet) {
          packet = monitor::Packet{};
        }
        const bool more = !packet->ended();
        if (!more) {
          executor.blocking([self] { self->reap(); });
        }
        listener(*std::move(packet));
        return more;
      });
}

void MonitorClient::abandon() noexcept {
  send("signal 9");  // for one that has begun already
  go_.reset();
  control_.reset();
  if (pid_ == 0) {
    return;
  }
  // It ends by itself; one that hangs in the kernel is not waited for long.
  if (const auto process = sys::pidfd_open(pid_)) {
    pollfd ended{.fd = process->get(), .events = POLLIN, .revents = 0};
    if (::poll(&ended, 1, 5000) == 0) {
      static_cast<void>(sys::kill_process(process->get(), SIGKILL));
    }
  }
  reap();
}

void MonitorClient::reap() noexcept {
  if (pid_ != 0) {
    ::waitpid(std::exchange(pid_, 0), nullptr, 0);
  }
}

}  // namespace docker_cpp::daemon
