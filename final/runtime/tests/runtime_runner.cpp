// SPDX-License-Identifier: Apache-2.0
#include "runtime_runner.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <thread>

namespace fs = std::filesystem;

namespace {

void redirect(const std::string& file, int fd) {
  const int opened = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  ::dup2(opened, fd);
  ::close(opened);
}

}  // namespace

int wait_for(pid_t pid) {
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Runtime::Runtime() : root(bundle.path() + "/state") {}

Runtime::~Runtime() {
  static_cast<void>((*this)({"delete", "--force", bundle.id()}));
}

std::vector<std::string> Runtime::command_line(
    std::vector<std::string> arguments) const {
  std::vector<std::string> line = {RUNTIME, "--root", root};
  line.insert(line.end(), global.begin(), global.end());
  line.insert(line.end(), arguments.begin(), arguments.end());
  return line;
}

pid_t Runtime::begin(std::vector<std::string> arguments) const {
  const std::vector<std::string> line = command_line(std::move(arguments));
  std::vector<char*> argv;
  for (const std::string& word : line) {
    argv.push_back(const_cast<char*>(word.c_str()));
  }
  argv.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid == 0) {
    const int null = ::open("/dev/null", O_RDONLY);
    ::dup2(null, 0);
    ::close(null);
    redirect(bundle.path() + "/stdout", 1);
    redirect(bundle.path() + "/stderr", 2);
    ::execv(argv[0], argv.data());
    ::_exit(125);
  }
  return pid;
}

Answer Runtime::operator()(std::vector<std::string> arguments) const {
  Answer answer;
  answer.code = wait_for(begin(std::move(arguments)));
  answer.out = slurp(bundle.path() + "/stdout");
  answer.err = slurp(bundle.path() + "/stderr");
  return answer;
}

Answer Runtime::in_bundle(const std::string& command,
                          std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), {command, "--bundle", bundle.path()});
  return (*this)(std::move(arguments));
}

std::string Runtime::status() const {
  const Answer state = (*this)({"state", bundle.id()});
  return state.code == 0 ? json_at(state.out, "/status") : "(none)";
}

bool Runtime::becomes(const std::string& wanted) const {
  for (int i = 0; i < 250; ++i) {
    if (status() == wanted) {
      return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}
