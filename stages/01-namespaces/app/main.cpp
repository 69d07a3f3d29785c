// SPDX-License-Identifier: Apache-2.0
// stage01: a program in namespaces of its own. What it still sees of the host
// (all files, all memory, all power of root) is what the next stages are for.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "docker_cpp/namespaces/exec_error.hpp"
#include "docker_cpp/namespaces/namespaces.hpp"
#include "docker_cpp/namespaces/process.hpp"

namespace {

namespace ns = docker_cpp::namespaces;

constexpr const char* usage =
    "usage: stage01 [--hostname NAME] [--users] [--uptime SECONDS]\n"
    "               PROGRAM [ARG...]\n"
    "       stage01 --exec PID PROGRAM [ARG...]\n";

struct Options {
  std::string hostname = "container";
  bool users = false;
  std::int64_t uptime = 0;
  pid_t join = 0;
  std::vector<std::string> program;
};

Options parse(int argc, char** argv) {
  Options options;
  int at = 1;
  const auto value = [&] {
    return at + 1 < argc ? argv[++at] : "";
  };
  for (; at < argc && std::strncmp(argv[at], "--", 2) == 0; ++at) {
    const std::string flag = argv[at];
    if (flag == "--hostname") {
      options.hostname = value();
    } else if (flag == "--users") {
      options.users = true;
    } else if (flag == "--uptime") {
      options.uptime = std::atoll(value());
    } else if (flag == "--exec") {
      options.join = std::atoi(value());
    } else {
      return {};
    }
  }
  options.program.assign(argv + at, argv + argc);
  return options;
}

ns::Isolations isolations_of(const Options& options) {
  ns::Isolations list;
  if (options.join != 0) {
    list.push_back(std::make_unique<ns::JoinNamespaces>(
        ns::JoinNamespaces::of_process(options.join)));
    return list;
  }
  if (options.users) {  // first: all other namespaces then belong to it
    const std::vector<ns::IdRange> map = {{0, 100'000, 65'536}};
    list.push_back(std::make_unique<ns::Users>(map, map));
  }
  list.push_back(std::make_unique<ns::NewNamespaces>(std::vector{
      ns::Kind::pid, ns::Kind::uts, ns::Kind::ipc, ns::Kind::network}));
  list.push_back(std::make_unique<ns::Hostname>(options.hostname));
  if (options.uptime != 0) {
    list.push_back(std::make_unique<ns::TimeOffsets>(
        ns::TimeOffsets::Offset{},
        ns::TimeOffsets::Offset{.seconds = options.uptime}));
  }
  return list;
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  if (options.program.empty()) {
    std::fputs(usage, stderr);
    return 125;
  }
  try {
    const ns::Program program{.args = options.program};
    return ns::Process::start(program, isolations_of(options)).wait();
  } catch (const ns::ExecError& error) {
    std::fprintf(stderr, "stage01: %s\n", error.what());
    return error.exit_code();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "stage01: %s\n", error.what());
    return 125;  // docker run: "the engine itself failed"
  }
}
