// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/daemon/monitor_main.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>

#include "session.hpp"

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::monitor {
namespace {

constexpr int control_fd = 3;
constexpr int go_fd = 4;

/// A process that neither the daemon's death nor its terminal ends, and to
/// which the container's orphans fall when it has no PID namespace of its own.
void stand_alone() {
  ::setsid();
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGHUP, SIG_IGN);
  must(sys::check_void(::prctl(PR_SET_CHILD_SUBREAPER, 1), "prctl"),
       "become the reaper of orphans");
  // The daemon may be protected from the OOM killer; its containers are not.
  static_cast<void>(sys::write_control("/proc/self/oom_score_adj", "0"));
  ::fcntl(control_fd, F_SETFD, FD_CLOEXEC);
  ::fcntl(go_fd, F_SETFD, FD_CLOEXEC);
}

}  // namespace

int monitor_main(int argc, char** argv) {
  const std::string_view kind = argc == 3 ? argv[1] : "";
  if (kind != "run" && kind != "exec") {
    std::fputs(
        "usage: docker-cpp-monitor run DIR\n"
        "       docker-cpp-monitor exec DIR\n"
        "Started by docker-cppd, with its conversation on descriptor 3.\n",
        stderr);
    return 125;
  }
  try {
    ::mallopt(M_MMAP_THRESHOLD, 64 << 10);
    stand_alone();
    const auto folder = must(sys::open(argv[2], O_RDONLY | O_DIRECTORY),
                             "open the folder " + std::string(argv[2]));
    Session session(
        kind == "run" ? Session::Kind::container : Session::Kind::exec,
        folder.get(), sys::UniqueFd(control_fd), sys::UniqueFd(go_fd));
    session.run();
    return 0;
  } catch (const std::exception& error) {
    static_cast<void>(
        send_packet(control_fd, std::string("failed 128 ") + error.what()));
    std::fprintf(stderr, "docker-cpp-monitor: %s\n", error.what());
    return 125;
  }
}

}  // namespace docker_cpp::monitor
