// SPDX-License-Identifier: Apache-2.0
#include "daemon_start.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>

#include "docker_cpp/cli/failure.hpp"
#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::cli {
namespace {

constexpr auto longest_start = std::chrono::seconds(15);
constexpr const char* exec_root = "/run/docker-cpp";
constexpr const char* log_path = "/run/docker-cpp/docker-cppd.log";

std::string own_directory() {
  std::array<char, 4096> path{};
  const auto length = ::readlink("/proc/self/exe", path.data(), path.size());
  if (length <= 0) {
    return {};
  }
  const std::string whole(path.data(), static_cast<std::size_t>(length));
  return whole.substr(0, whole.rfind('/'));
}

/// A daemon must not keep our terminal, our streams or our folder.
pid_t spawn_detached(std::string program) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null",
                                     O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log_path,
                                     O_WRONLY | O_CREAT | O_APPEND, 0640);
  ::posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  ::posix_spawn_file_actions_addchdir_np(&actions, "/");
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t none;
  ::sigemptyset(&none);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
  std::array<char*, 2> arguments = {program.data(), nullptr};
  pid_t child = -1;
  const int failed = ::posix_spawn(&child, program.c_str(), &actions,
                                   &attributes, arguments.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) {
    throw Failure("start " + program + ": " + to_lower(::strerror(failed)));
  }
  return child;
}

std::string last_line_of_log() {
  const auto text = sys::read_file(log_path, 8U << 20U);
  if (!text) {
    return {};
  }
  const auto lines = std::string(trim(*text));
  return lines.substr(lines.rfind('\n') + 1);
}

void wait_until_ready(const http::Address& address, pid_t daemon) {
  const auto deadline = std::chrono::steady_clock::now() + longest_start;
  bool ended = false;
  while (std::chrono::steady_clock::now() < deadline) {
    if (http::connect_to(address)) {
      return;
    }
    if (ended) {
      throw Failure("docker-cppd ended before it was ready: " +
                    last_line_of_log() + " (see " + log_path + ")");
    }
    ::usleep(2000);
    // Another client may have started a daemon at the same time: ours then
    // ends, and the socket answers at the next try.
    ended = ::waitpid(daemon, nullptr, WNOHANG) == daemon;
    if (ended) {
      ::usleep(500'000);
    }
  }
  throw Failure("docker-cppd did not answer within 15 seconds (see " +
                std::string(log_path) + ")");
}

}  // namespace

std::string find_program(const std::string& name) {
  const auto beside = own_directory() + "/" + name;
  if (::access(beside.c_str(), X_OK) == 0) {
    return beside;
  }
  const auto* path = std::getenv("PATH");
  for (const auto& folder : split(path == nullptr ? "" : path, ":")) {
    const auto candidate = folder + "/" + name;
    if (folder.starts_with('/') && ::access(candidate.c_str(), X_OK) == 0) {
      return candidate;
    }
  }
  return {};
}

void start_daemon(const http::Address& address) {
  if (::geteuid() != 0) {
    return;
  }
  const auto program = find_program("docker-cppd");
  if (program.empty()) {
    return;
  }
  ::mkdir(exec_root, 0711);
  const auto daemon = spawn_detached(program);
  print_error(std::string(program_name) + ": started " + program +
              " (its log is " + log_path + ")\n");
  wait_until_ready(address, daemon);
}

}  // namespace docker_cpp::cli
