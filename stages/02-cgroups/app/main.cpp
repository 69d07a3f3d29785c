// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <string_view>

#include "docker_cpp/cgroups/cgroup.hpp"
#include "docker_cpp/cgroups/join.hpp"
#include "docker_cpp/cgroups/limiter.hpp"
#include "docker_cpp/namespaces/exec_error.hpp"
#include "docker_cpp/namespaces/namespaces.hpp"
#include "docker_cpp/namespaces/process.hpp"

namespace cg = docker_cpp::cgroups;
namespace ns = docker_cpp::namespaces;

namespace {

constexpr const char* usage =
    "usage: stage02 [--memory 64m] [--cpus 0.5] [--pids-limit 20] [--stats]\n"
    "               PROGRAM [ARG...]\n"
    "--stats prints what the container uses, once a second\n";

struct CommandLine {
  cg::ResourceLimiter limits;
  bool stats = false;
  std::vector<std::string> program;
};

template <typename Limit>
void take(cg::ResourceLimiter& into,
          const std::expected<Limit, std::string>& parsed) {
  if (!parsed) {
    throw std::invalid_argument(parsed.error());
  }
  into.limit(*parsed);
}

CommandLine parse(int argc, char** argv) {
  CommandLine line;
  int at = 1;
  for (; at < argc && argv[at][0] == '-'; ++at) {
    const std::string_view option = argv[at];
    if (option == "--stats") {
      line.stats = true;
      continue;
    }
    if (++at == argc) {
      throw std::invalid_argument(usage);
    }
    if (option == "--memory") {
      take(line.limits, cg::parse_memory_limit(argv[at]));
    } else if (option == "--cpus") {
      take(line.limits, cg::parse_cpu_limit(argv[at]));
    } else if (option == "--pids-limit") {
      take(line.limits, cg::parse_pids_limit(argv[at]));
    } else {
      throw std::invalid_argument(usage);
    }
  }
  line.program = {argv + at, argv + argc};
  if (line.program.empty()) {
    throw std::invalid_argument(usage);
  }
  return line;
}

void print(const cg::Statistics& used) {
  std::fprintf(stderr,
               "cpu %.3f s, throttled %.3f s | memory %.1f of %.1f MiB | "
               "processes %llu | killed for memory %llu\n",
               static_cast<double>(used.cpu.total_ns) / 1e9,
               static_cast<double>(used.cpu.throttled_ns) / 1e9,
               static_cast<double>(cg::working_set(used.memory)) / (1 << 20),
               static_cast<double>(used.memory.limit) / (1 << 20),
               static_cast<unsigned long long>(used.pids.current),
               static_cast<unsigned long long>(used.oom_kills));
}

/// A cgroup for the time of one container.
class Share {
 public:
  explicit Share(const cg::Resources& resources)
      : cgroup_(cg::Cgroup::create(
            "/docker-cpp/stage02-" + std::to_string(::getpid()), resources)) {}
  ~Share() {
    try {
      cgroup_.kill_all(SIGKILL);
      cgroup_.remove();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "stage02: %s\n", error.what());
    }
  }
  Share(const Share&) = delete;
  Share& operator=(const Share&) = delete;
  Share(Share&&) = delete;
  Share& operator=(Share&&) = delete;

  cg::Cgroup& cgroup() { return cgroup_; }

 private:
  cg::Cgroup cgroup_;
};

// [stage02-run]
int run(const CommandLine& line) {
  Share share(line.limits.resources());
  ns::Isolations isolations;
  isolations.push_back(std::make_unique<cg::JoinCgroup>(share.cgroup()));
  isolations.push_back(std::make_unique<ns::NewNamespaces>(
      std::vector{ns::Kind::pid, ns::Kind::uts, ns::Kind::ipc}));
  isolations.push_back(std::make_unique<ns::Hostname>("container"));
  isolations.push_back(std::make_unique<cg::CgroupNamespace>());
  ns::Process process = ns::Process::start({.args = line.program}, isolations);
  pollfd ended{.fd = process.pidfd(), .events = POLLIN, .revents = 0};
  while (line.stats && ::poll(&ended, 1, 1'000) == 0) {
    print(share.cgroup().statistics());
  }
  const int code = process.wait();
  if (line.stats || share.cgroup().oom_kills() > 0) {
    print(share.cgroup().statistics());
  }
  return code;
}
// [stage02-run]

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(parse(argc, argv));
  } catch (const ns::ExecError& error) {
    std::fprintf(stderr, "stage02: %s\n", error.what());
    return error.exit_code();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "stage02: %s\n", error.what());
    return 125;  // docker run: "the daemon itself failed"
  }
}
