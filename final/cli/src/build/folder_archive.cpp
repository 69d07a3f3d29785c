// SPDX-License-Identifier: Apache-2.0
#include "build/folder_archive.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "docker_cpp/cli/failure.hpp"
#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

extern char** environ;

namespace docker_cpp::cli {
namespace {

enum class Direction : std::uint8_t { pack, unpack };

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
      throw Failure("make a pipe: " + to_lower(::strerror(errno)));
    }
    read_end = sys::UniqueFd(ends[0]);
    write_end = sys::UniqueFd(ends[1]);
  }
  sys::UniqueFd read_end;
  sys::UniqueFd write_end;
};

pid_t start_tar(Direction direction, const std::string& folder, int theirs) {
  posix_spawn_file_actions_t actions{};
  ::posix_spawn_file_actions_init(&actions);
  const bool pack = direction == Direction::pack;
  ::posix_spawn_file_actions_adddup2(&actions, theirs,
                                     pack ? STDOUT_FILENO : STDIN_FILENO);
  std::array<std::string, 7> words = {
      "tar", pack ? "-c" : "-x", "-f", "-", "-C", folder, "."};
  std::array<char*, 8> arguments{};
  for (std::size_t i = 0; i < (pack ? 7 : 6); ++i) {
    arguments.at(i) = words.at(i).data();
  }
  pid_t pid = -1;
  const int code =
      ::posix_spawnp(&pid, "tar", &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (code != 0) {
    throw Failure("type=local needs tar(1): " + to_lower(::strerror(code)));
  }
  return pid;
}

void wait_for(pid_t pid, const std::string& complaint) {
  int status = 0;
  while (::waitpid(pid, &status, 0) == -1 && errno == EINTR) {
  }
  if (status != 0) {
    throw Failure(complaint);
  }
}

}  // namespace

void unpack_folder(const std::string& folder,
                   const std::function<void(int into)>& write) {
  if (::mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST) {
    throw Failure("mkdir " + folder + ": " + to_lower(::strerror(errno)));
  }
  Pipe pipe;
  const pid_t pid = start_tar(Direction::unpack, folder, pipe.read_end.get());
  pipe.read_end.reset();
  write(pipe.write_end.get());
  pipe.write_end.reset();
  wait_for(pid, "tar could not unpack the result into " + folder);
}

void pack_folder_for(const std::string& folder,
                     const std::function<void(int from)>& read) {
  Pipe pipe;
  const pid_t pid = start_tar(Direction::pack, folder, pipe.write_end.get());
  pipe.write_end.reset();
  read(pipe.read_end.get());
  pipe.read_end.reset();
  wait_for(pid, "tar could not read the folder " + folder);
}

}  // namespace docker_cpp::cli
