// SPDX-License-Identifier: Apache-2.0
#include "worker_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

constexpr std::size_t largest_report = std::size_t{64} << 20;
constexpr std::size_t largest_line = std::size_t{64} << 10;

class FileActions {
 public:
  FileActions() { check(::posix_spawn_file_actions_init(&actions_)); }
  ~FileActions() { ::posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;

  void duplicate(int from, int to) {
    check(::posix_spawn_file_actions_adddup2(&actions_, from, to));
  }
  void close_from(int first) {
    check(::posix_spawn_file_actions_addclosefrom_np(&actions_, first));
  }
  [[nodiscard]] const posix_spawn_file_actions_t* get() const {
    return &actions_;
  }

 private:
  static void check(int code) {
    if (code != 0) {
      throw Error({.code = code, .call = "posix_spawn_file_actions"},
                  "plan the worker's handles");
    }
  }
  posix_spawn_file_actions_t actions_{};
};

/// Signals as a fresh program expects them, whatever the daemon blocks.
class SpawnAttributes {
 public:
  SpawnAttributes() {
    ::posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setflags(&attributes_,
                               POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnAttributes() { ::posix_spawnattr_destroy(&attributes_); }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;

  [[nodiscard]] const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

/// The same open file, numbered out of the way of the worker's own numbers.
sys::UniqueFd lifted(int fd) {
  constexpr int above = 100;
  return sys::UniqueFd(
      must(sys::check(::fcntl(fd, F_DUPFD_CLOEXEC, above), "fcntl"),
           "pass a handle to the worker"));
}

/// Nothing of the daemon's environment but what arms the failpoints.
std::vector<std::string> environment_for_worker() {
  std::vector<std::string> all = {"LC_ALL=C.UTF-8"};
#ifdef DOCKER_CPP_FAILPOINTS
  for (const char* name :
       {"DOCKER_CPP_FAILPOINTS", "DOCKER_CPP_FAILPOINT_LOG"}) {
    if (const char* value = std::getenv(name)) {
      all.push_back(std::string(name) + "=" + value);
    }
  }
#endif
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) {
    all.push_back(text.data());
  }
  all.push_back(nullptr);
  return all;
}

pid_t spawn(const WorkerRun& run, int report) {
  const sys::UniqueFd input =
      run.input == -1 ? must(sys::open("/dev/null", O_RDONLY), "open /dev/null")
                      : lifted(run.input);
  const sys::UniqueFd output = lifted(report);
  FileActions actions;
  actions.duplicate(input.get(), worker_input);
  actions.duplicate(output.get(), worker_report);
  std::vector<sys::UniqueFd> lifted_handles;
  int next = worker_staging;
  const auto pass = [&](int handle) {
    lifted_handles.push_back(lifted(handle));
    actions.duplicate(lifted_handles.back().get(), next++);
  };
  if (run.staging != -1) {
    pass(run.staging);
  } else if (!run.trees.empty()) {
    pass(input.get());  // keeps the numbers of those that follow
  }
  for (const int tree : run.trees) {
    pass(tree);
  }
  actions.close_from(next);
  std::vector<std::string> args = {"docker-cpp-worker"};
  args.insert(args.end(), run.args.begin(), run.args.end());
  std::vector<std::string> env = environment_for_worker();
  const SpawnAttributes attributes;
  pid_t pid = -1;
  const int code =
      ::posix_spawn(&pid, run.program.c_str(), actions.get(), attributes.get(),
                    pointers(args).data(), pointers(env).data());
  if (code != 0) {
    throw Error({.code = code, .call = "posix_spawn"},
                "start the worker " + run.program);
  }
  return pid;
}

}  // namespace

namespace {

/// The report, line by line as it comes, until its end.
class ReportReader {
 public:
  ReportReader(const WorkerRun& run, int pipe) : run_(run), pipe_(pipe) {}

  std::string read() {
    while (wait(), take()) {
    }
    report_ += rest_;
    return std::move(report_);
  }

 private:
  void wait() const {
    std::array<pollfd, 2> fds = {
        {{.fd = pipe_, .events = POLLIN, .revents = 0},
         {.fd = run_.cancel, .events = POLLIN, .revents = 0}}};
    while (::poll(fds.data(), fds.size(), -1) == -1) {
      if (errno != EINTR) {
        throw Error({.code = errno, .call = "poll"}, "hear from the worker");
      }
    }
    if ((fds[1].revents & POLLIN) != 0) {
      throw ImageError(ImageError::Reason::failed, "context canceled");
    }
  }

  /// False at the end.
  bool take() {
    constexpr std::size_t block_size = std::size_t{64} << 10;
    block_.resize(block_size);
    const ssize_t got = ::read(pipe_, block_.data(), block_.size());
    if (got == -1 && errno == EINTR) {
      return true;
    }
    must(sys::check_void(got, "read"), "hear from the worker");
    rest_.append(block_.data(), static_cast<std::size_t>(got));
    std::size_t start = 0;
    for (std::size_t end = rest_.find('\n'); end != std::string::npos;
         end = rest_.find('\n', start)) {
      const std::string_view line(rest_.data() + start, end - start);
      if (!run_.on_line || !run_.on_line(line)) {
        report_.append(line).append("\n");
      }
      start = end + 1;
    }
    rest_.erase(0, start);
    if (report_.size() + rest_.size() > largest_report) {
      throw ImageError(ImageError::Reason::failed,
                       "the worker's report does not end");
    }
    return got != 0;
  }

  const WorkerRun& run_;
  int pipe_;
  std::vector<char> block_;
  std::string rest_;
  std::string report_;
};

}  // namespace

WorkerProcess::WorkerProcess(const WorkerRun& run) : keeps_(run.keeps) {
  sys::Pipe pipe = must(sys::pipe_cloexec(), "open the worker's report pipe");
  const pid_t pid = spawn(run, pipe.write_end.get());
  pidfd_ = must(sys::pidfd_open(pid), "watch the worker");
  report_ = std::move(pipe.read_end);
}

WorkerProcess::~WorkerProcess() {
  if (pidfd_) {
    static_cast<void>(sys::kill_process(pidfd_.get(), SIGKILL));
    static_cast<void>(sys::wait_exit_code(pidfd_.get()));
  }
}

std::string WorkerProcess::line() {
  std::string text;
  std::byte byte{};
  while (text.size() < largest_line) {
    const auto got =
        must(sys::read_full(report_.get(), {&byte, 1}), "hear from the worker");
    if (got == 0 || byte == std::byte{'\n'}) {
      break;
    }
    text += static_cast<char>(byte);
  }
  return text;
}

std::string WorkerProcess::finish() {
  std::string report = must(sys::read_all(report_.get(), largest_report),
                            "hear from the worker");
  return ended(std::move(report));
}

std::string WorkerProcess::finish(const WorkerRun& run) {
  return ended(ReportReader(run, report_.get()).read());
}

std::string WorkerProcess::ended(std::string report) {
  const int code =
      must(sys::wait_exit_code(pidfd_.get()), "wait for the worker");
  pidfd_.reset();
  if (code != 0 && report.empty()) {
    throw ImageError(ImageError::Reason::failed,
                     "the image worker died with exit code " +
                         std::to_string(code) +
                         " while it read the archive; nothing was kept");
  }
  return report;
}

std::string run_worker(const WorkerRun& run) {
  return WorkerProcess(run).finish(run);
}

}  // namespace docker_cpp::images
