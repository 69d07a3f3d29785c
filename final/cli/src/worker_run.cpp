// SPDX-License-Identifier: Apache-2.0
#include "worker_run.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

#include "daemon_start.hpp"

#include "docker_cpp/cli/failure.hpp"
#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/cli/value.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::cli {
namespace {

// As docker-cpp-worker wants them.
constexpr int report_number = 1;
constexpr int output_number = 3;
constexpr int tree_number = 4;

sys::UniqueFd lifted(int fd) {
  constexpr int above = 20;
  return sys::UniqueFd(::fcntl(fd, F_DUPFD_CLOEXEC, above));
}

[[noreturn]] void fail(const std::string& doing, int code) {
  throw Failure(doing + ": " + to_lower(::strerror(code)));
}

std::string message_of(const std::string& report) {
  for (const auto& line : split(report, "\n")) {
    const auto value = parse_json(line);
    if (value && (*value)["type"].text() == "error") {
      const auto& kind = (*value)["kind"].text();
      const auto& message = (*value)["message"].text();
      if (kind == "not_found") {
        return "lstat " + message + ": no such file or directory";
      }
      return message.empty() ? kind : message;
    }
    if (value && (*value)["type"].text() == "done") {
      return {};
    }
  }
  return "docker-cpp-worker ended without a word";
}

}  // namespace

WorkerRun::WorkerRun(const Plan& plan) {
  auto program = find_program("docker-cpp-worker");
  if (program.empty()) {
    throw Failure("docker-cpp-worker is not installed beside this program");
  }
  auto pipe = sys::pipe_cloexec();
  if (!pipe) {
    fail("pipe", pipe.error().code);
  }
  report_ = std::move(pipe->read_end);
  const sys::UniqueFd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  const auto or_nothing = [&](int fd) {
    return lifted(fd == -1 ? nothing.get() : fd);
  };
  const sys::UniqueFd input = or_nothing(plan.input);
  const sys::UniqueFd output = or_nothing(plan.output);
  const sys::UniqueFd tree = or_nothing(plan.tree);
  const sys::UniqueFd report = lifted(pipe->write_end.get());
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input.get(), STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, report.get(), report_number);
  ::posix_spawn_file_actions_adddup2(&actions, output.get(), output_number);
  ::posix_spawn_file_actions_adddup2(&actions, tree.get(), tree_number);
  ::posix_spawn_file_actions_addclosefrom_np(&actions, tree_number + 1);
  auto words = plan.arguments;
  std::vector<char*> arguments = {program.data()};
  for (auto& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  const int failed = ::posix_spawn(&pid_, program.c_str(), &actions, nullptr,
                                   arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) {
    pid_ = -1;
    fail("start " + program, failed);
  }
}

WorkerRun::~WorkerRun() {
  if (pid_ != -1) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
}

void WorkerRun::finish() {
  const auto report = sys::read_all(report_.get());
  ::waitpid(std::exchange(pid_, -1), nullptr, 0);
  if (const auto message = message_of(report ? *report : "");
      !message.empty()) {
    throw Failure(message);
  }
}

}  // namespace docker_cpp::cli
