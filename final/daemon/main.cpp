// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <exception>
#include <mutex>
#include <string>
#include <string_view>

#include <climits>

#include "options.hpp"

#include "docker_cpp/build_info.hpp"
#include "docker_cpp/daemon/daemon.hpp"

namespace {

namespace daemon = docker_cpp::daemon;
using daemon::LogLevel;

/// As dockerd writes it, so that what reads its log reads ours.
void write_log(LogLevel level, std::string_view message) {
  static constexpr std::array names = {"debug", "info", "warning", "error",
                                       "fatal"};
  static std::mutex mutex;
  const auto now = std::chrono::system_clock::now();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  const auto nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(
                               now.time_since_epoch())
                               .count() %
                           1'000'000'000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> time{};
  std::strftime(time.data(), time.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::string quoted;
  for (const char c : message) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
    }
    quoted += c == '\n' ? ' ' : c;
  }
  const std::lock_guard lock(mutex);
  std::fprintf(stderr, "time=\"%s.%09ldZ\" level=%s msg=\"%s\"\n", time.data(),
               static_cast<long>(nanoseconds),
               names.at(static_cast<std::size_t>(level)), quoted.c_str());
}

/// The other programs are beside this one, else in PATH.
std::string companion(const std::string& name) {
  std::array<char, PATH_MAX> self{};
  const ssize_t length =
      ::readlink("/proc/self/exe", self.data(), self.size() - 1);
  if (length > 0) {
    std::string path(self.data(), static_cast<std::size_t>(length));
    path.resize(path.rfind('/') + 1);
    path += name;
    if (::access(path.c_str(), X_OK) == 0) {
      return path;
    }
  }
  const char* search = std::getenv("PATH");
  std::string_view rest = search == nullptr ? "" : search;
  while (!rest.empty()) {
    const std::size_t end = rest.find(':');
    const std::string path = std::string(rest.substr(0, end)) + "/" + name;
    if (::access(path.c_str(), X_OK) == 0) {
      return path;
    }
    rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
  }
  return name;
}

}  // namespace

int main(int argc, char** argv) {
  auto settings = daemon::read_settings(argc, argv);
  if (!settings) {
    std::fputs(settings.error().text.c_str(),
               settings.error().exit_code == 0 ? stdout : stderr);
    return settings.error().exit_code;
  }
  if (settings->task == daemon::Task::validate) {
    std::puts("configuration OK");
    return 0;
  }
  settings->daemon.version = docker_cpp::build_info.version;
  settings->daemon.git_commit = docker_cpp::build_info.commit;
  settings->daemon.build_time = docker_cpp::build_info.time;
  settings->daemon.monitor = {companion("docker-cpp-monitor")};
  settings->daemon.worker = companion("docker-cpp-worker");
  const std::string init = companion("docker-cpp-init");
  if (init.starts_with('/') && settings->daemon.defaults.init_binary.empty()) {
    settings->daemon.defaults.init_binary = init;
  }
  std::atomic<LogLevel> least = settings->log_level;
  settings->daemon.reload = [&] {
    daemon::Reloaded reloaded = daemon::reload_settings(*settings);
    least = settings->log_level;
    return reloaded;
  };
  try {
    daemon::run_daemon(daemon::DaemonOptions(settings->daemon),
                       [&least](LogLevel level, std::string_view message) {
                         if (level >= least.load()) {
                           write_log(level, message);
                         }
                       });
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "failed to start daemon: %s\n", error.what());
    return 1;
  }
}
