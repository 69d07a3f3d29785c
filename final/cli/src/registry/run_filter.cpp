// SPDX-License-Identifier: Apache-2.0
#include "registry/run_filter.hpp"

#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "docker_cpp/cli/failure.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::cli {
namespace {

constexpr std::size_t largest_output = std::size_t{64} << 20;
constexpr int not_started = 127;

/// In memory, so that neither side can wait for the other.
sys::UniqueFd holding(const std::string& text) {
  sys::UniqueFd file(::memfd_create("input", MFD_CLOEXEC));
  if (!file || !sys::write_all(file.get(), text) ||
      ::lseek(file.get(), 0, SEEK_SET) != 0) {
    throw Failure("cannot hand a program its input");
  }
  return file;
}

}  // namespace

FilterResult run_filter(std::vector<std::string> command,
                        const std::string& input) {
  const auto in = holding(input);
  auto pipe = sys::pipe_cloexec();
  if (!pipe) {
    throw Failure("cannot make a pipe");
  }
  std::vector<char*> arguments;
  for (auto& word : command) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in.get(), STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, pipe->write_end.get(),
                                     STDOUT_FILENO);
  pid_t child = -1;
  const int failed = ::posix_spawnp(&child, arguments[0], &actions, nullptr,
                                    arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  pipe->write_end.reset();
  if (failed != 0) {
    return {.exit_code = not_started, .output = {}};
  }
  const auto output = sys::read_all(pipe->read_end.get(), largest_output);
  int status = 0;
  while (::waitpid(child, &status, 0) == -1 && errno == EINTR) {
  }
  return {.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : not_started,
          .output = output ? *output : std::string()};
}

std::string own_program(const std::string& name) {
  std::array<char, 4096> path{};
  const auto length = ::readlink("/proc/self/exe", path.data(), path.size());
  if (length > 0) {
    const std::string own(path.data(), static_cast<std::size_t>(length));
    const auto beside = own.substr(0, own.rfind('/') + 1) + name;
    if (::access(beside.c_str(), X_OK) == 0) {
      return beside;
    }
  }
  return name;
}

}  // namespace docker_cpp::cli
