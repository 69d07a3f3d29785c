// SPDX-License-Identifier: Apache-2.0
#include "cni_plugin.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>

#include <nlohmann/json.hpp>

#include "docker_cpp/daemon/api_error.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::daemon {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr std::size_t longest_answer = 1U << 20;

[[noreturn]] void fail(const std::string& plugin, const std::string& why) {
  throw ApiError(ErrorCode::internal, "CNI plugin " + plugin + ": " + why);
}

std::string find_program(const std::vector<std::string>& folders,
                         const std::string& name) {
  // It comes from a file of the operator's, but is a name and no path.
  if (name.empty() || name.find('/') != std::string::npos || name == "..") {
    fail("'" + name + "'", "this is no name of a plugin");
  }
  for (const std::string& folder : folders) {
    const std::string path = folder + "/" + name;
    if (::access(path.c_str(), X_OK) == 0) {
      return path;
    }
  }
  std::string where;
  for (const std::string& folder : folders) {
    where += (where.empty() ? "" : ", ") + folder;
  }
  fail(name, "there is none in " + where);
}

struct Pipe {
  sys::UniqueFd read;
  sys::UniqueFd write;
};

Pipe new_pipe() {
  std::array<int, 2> ends{};
  must(sys::check_void(::pipe2(ends.data(), O_CLOEXEC), "pipe2"),
       "make a pipe");
  return {sys::UniqueFd(ends[0]), sys::UniqueFd(ends[1])};
}

std::vector<std::string> environment(const std::vector<std::string>& folders,
                                     const CniCall& call) {
  std::string path;
  for (const std::string& folder : folders) {
    path += (path.empty() ? "" : ":") + folder;
  }
  return {"CNI_COMMAND=" + call.command,
          "CNI_CONTAINERID=" + call.container,
          "CNI_NETNS=" + call.netns,
          "CNI_IFNAME=" + call.link,
          "CNI_ARGS=" + call.arguments,
          "CNI_PATH=" + path,
          "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};
}

/// With nothing of ours but the two pipes; every other descriptor of the
/// daemon closes at exec.
pid_t start(const std::string& program,
            const std::vector<std::string>& variables, int input, int output) {
  std::vector<char*> environment;
  for (const std::string& variable : variables) {
    environment.push_back(const_cast<char*>(variable.c_str()));
  }
  environment.push_back(nullptr);
  std::array<char*, 2> arguments = {const_cast<char*>(program.c_str()),
                                    nullptr};
  posix_spawn_file_actions_t actions{};
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawnattr_t attributes{};
  ::posix_spawnattr_init(&attributes);
  sigset_t none{};
  sigemptyset(&none);
  sigset_t usual{};
  sigemptyset(&usual);
  sigaddset(&usual, SIGPIPE);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &usual);
  ::posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = -1;
  const int failed = ::posix_spawn(&pid, program.c_str(), &actions, &attributes,
                                   arguments.data(), environment.data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) {
    fail(program, std::strerror(failed));
  }
  return pid;
}

/// Everything until the plugin ends; false when that takes too long.
bool read_all(int fd, Clock::time_point end, std::string& out) {
  std::array<char, 8192> bytes{};
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - Clock::now());
    pollfd wanted{.fd = fd, .events = POLLIN, .revents = 0};
    if (left.count() <= 0 ||
        ::poll(&wanted, 1, static_cast<int>(left.count())) != 1) {
      return false;
    }
    const ssize_t got = ::read(fd, bytes.data(), bytes.size());
    if (got <= 0) {
      return true;
    }
    out.append(bytes.data(), static_cast<std::size_t>(got));
    if (out.size() > longest_answer) {
      return false;
    }
  }
}

}  // namespace

json run_cni_plugin(const std::vector<std::string>& folders,
                    const CniCall& call, const json& configuration,
                    std::chrono::milliseconds patience) {
  const std::string name = configuration.value("type", "");
  const std::string program = find_program(folders, name);
  Pipe input = new_pipe();
  Pipe output = new_pipe();
  const pid_t pid = start(program, environment(folders, call), input.read.get(),
                          output.write.get());
  input.read.reset();
  output.write.reset();
  // It fits into the pipe: a plugin that reads nothing stops nobody.
  static_cast<void>(sys::write_all(input.write.get(), configuration.dump()));
  input.write.reset();
  std::string text;
  const bool in_time =
      read_all(output.read.get(), Clock::now() + patience, text);
  if (!in_time) {
    ::kill(pid, SIGKILL);
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) == -1 && errno == EINTR) {
  }
  if (!in_time) {
    fail(name, "did not end " + call.command + " in time");
  }
  json answer = json::parse(text.empty() ? "{}" : text, nullptr, false);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    const bool says = answer.is_object() && answer.contains("msg");
    fail(name, says
                   ? answer.value("msg", "") + " " + answer.value("details", "")
                   : call.command + " failed");
  }
  if (!answer.is_object()) {
    fail(name, "answers " + call.command + " with no sense");
  }
  return answer;
}

}  // namespace docker_cpp::daemon
