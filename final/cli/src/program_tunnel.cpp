// SPDX-License-Identifier: Apache-2.0
#include <spawn.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "file_io.hpp"
#include "tunnel.hpp"

namespace docker_cpp::cli {

std::vector<std::string> ssh_command(const http::Address& address) {
  std::vector<std::string> words = {"ssh", "-o", "ConnectTimeout=30", "-T"};
  if (address.port != 0) {
    words.insert(words.end(), {"-p", std::to_string(address.port)});
  }
  const auto at = address.target.find('@');
  if (at != std::string::npos) {
    words.insert(words.end(), {"-l", address.target.substr(0, at)});
  }
  const auto host =
      at == std::string::npos ? address.target : address.target.substr(at + 1);
  words.insert(words.end(), {"--", host, "docker", "system", "dial-stdio"});
  return words;
}

std::expected<sys::UniqueFd, std::string> program_tunnel(
    std::vector<std::string> command) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return std::unexpected("socketpair: " + reason_of(errno));
  }
  sys::UniqueFd ours(ends[0]);
  const sys::UniqueFd theirs(ends[1]);
  std::vector<char*> arguments;
  for (auto& word : command) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, theirs.get(), STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, theirs.get(), STDOUT_FILENO);
  // A process group of its own: Ctrl-C is for the container, not for the way
  // to it.
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  pid_t child = 0;
  const int failed = ::posix_spawnp(&child, arguments[0], &actions, &attributes,
                                    arguments.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) {
    return std::unexpected("exec: \"" + command.front() +
                           "\": " + reason_of(failed));
  }
  return ours;
}

}  // namespace docker_cpp::cli
