// SPDX-License-Identifier: Apache-2.0
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "commands/wishes.hpp"
#include "daemon_start.hpp"
#include "file_io.hpp"

#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/cli/units.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::cli::commands {

namespace {

/// Lines with a mark; counts those that ask for something to be done.
class Report {
 public:
  void good(const std::string& what) { print("ok    " + what + "\n"); }
  void note(const std::string& what) { print("note  " + what + "\n"); }
  void bad(const std::string& what, const std::string& advice) {
    print("BAD   " + what + "\n      " + advice + "\n");
    ++bad_;
  }
  [[nodiscard]] int bad_count() const noexcept { return bad_; }

 private:
  int bad_ = 0;
};

void programs(Report& report) {
  for (const auto* name : {"docker-cppd", "docker-cpp-monitor",
                           "docker-cpp-worker", "docker-cpp-runtime"}) {
    const auto path = find_program(name);
    if (path.empty()) {
      report.note(std::string(name) +
                  " is not beside docker-cpp or in PATH: "
                  "no engine can be started here");
    } else {
      report.good(path);
    }
  }
}

void kernel(Report& report) {
  const auto filesystems = sys::read_file("/proc/filesystems");
  const auto has = [&](std::string_view name) {
    return filesystems && filesystems->find(name) != std::string::npos;
  };
  if (has("overlay")) {
    report.good("the kernel has overlay");
  } else {
    report.bad("the kernel has no overlay", "modprobe overlay");
  }
  const auto controllers = sys::read_file("/sys/fs/cgroup/cgroup.controllers");
  report.good(controllers
                  ? "cgroup version 2: " + std::string(trim(*controllers))
                  : "cgroup version 1, or hybrid");
}

void daemon(Engine& engine, Report& report) {
  Value info;
  try {
    info = engine.get("/info");
  } catch (const Failure& failure) {
    report.bad(failure.message(),
               ::geteuid() == 0
                   ? "start it: systemctl start docker-cpp, or docker-cppd"
                   : "join the group docker, or ask with sudo");
    return;
  }
  report.good("daemon " + info["ServerVersion"].text() + " at " +
              engine.host() + ", " +
              std::to_string(info["ContainersRunning"].number()) +
              " containers running");
  for (const auto& warning : info["Warnings"].items()) {
    report.note(warning.text());
  }
  const auto& root = info["DockerRootDir"].text();
  struct statvfs space{};
  if (!engine.host().starts_with("unix://") || root.empty() ||
      ::statvfs(root.c_str(), &space) != 0) {
    return;
  }
  const auto free =
      static_cast<double>(space.f_bavail) * static_cast<double>(space.f_frsize);
  constexpr double little = 1e9;
  if (free < little) {
    report.bad("only " + human_size(free, 3) + " are free below " + root,
               "docker-cpp system df, then docker-cpp system prune");
  } else {
    report.good(human_size(free, 3) + " are free below " + root);
  }
}

}  // namespace

int doctor(Context& context, const Arguments&) {
  Report report;
  programs(report);
  kernel(report);
  daemon(context.engine, report);
  return std::min(report.bad_count(), 1);
}

}  // namespace docker_cpp::cli::commands
