// SPDX-License-Identifier: Apache-2.0
#include "capture_output.hpp"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::cli {

std::string capture_output(std::vector<std::string> command) {
  auto pipe = sys::pipe_cloexec();
  if (!pipe) {
    return {};
  }
  std::vector<char*> arguments;
  for (auto& word : command) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, pipe->write_end.get(),
                                     STDOUT_FILENO);
  pid_t child = 0;
  const int failed = ::posix_spawnp(&child, arguments[0], &actions, nullptr,
                                    arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) {
    return {};
  }
  pipe->write_end.reset();
  auto output = sys::read_all(pipe->read_end.get());
  int status = 0;
  ::waitpid(child, &status, 0);
  return output && status == 0 ? std::move(*output) : std::string();
}

}  // namespace docker_cpp::cli
