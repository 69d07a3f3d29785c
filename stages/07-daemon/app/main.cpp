// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <array>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>

#include <climits>

#include "docker_cpp/daemon/daemon.hpp"

namespace engine = docker_cpp::daemon;

namespace {

/// The stage's other two programs are beside this one.
std::string beside(const std::string& name) {
  std::array<char, PATH_MAX> self{};
  const ssize_t length =
      ::readlink("/proc/self/exe", self.data(), self.size() - 1);
  std::string path(self.data(),
                   length > 0 ? static_cast<std::size_t>(length) : 0);
  path.resize(path.rfind('/') + 1);
  return path + name;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs(
        "usage: stage07 FOLDER\n"
        "A small daemon: keeps everything in FOLDER and answers on\n"
        "FOLDER/docker.sock. It has no network; stage 05 is about that.\n",
        stderr);
    return 125;
  }
  const std::string folder = argv[1];
  const engine::DaemonOptions options{
      .data_root = folder + "/data",
      .exec_root = folder + "/run",
      .hosts = {"unix://" + folder + "/docker.sock"},
      .bridge = "none",
      .monitor = {beside("stage07-monitor")},
      .worker = beside("stage07-worker")};
  try {
    engine::run_daemon(options, [](engine::LogLevel, std::string_view text) {
      std::fprintf(stderr, "stage07: %s\n", std::string(text).c_str());
    });
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "stage07: %s\n", error.what());
    return 1;
  }
}
