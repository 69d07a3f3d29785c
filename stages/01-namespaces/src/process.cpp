// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/namespaces/process.hpp"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "clone_in.hpp"
#include "run_child.hpp"

#include "docker_cpp/namespaces/exec_error.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"
#include "docker_cpp/sys/trace.hpp"

namespace docker_cpp::namespaces {
namespace {

constexpr std::string_view default_path =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::string_view search_path(const std::vector<std::string>& env) {
  for (const std::string_view entry : env) {
    if (entry.starts_with("PATH=")) {
      return entry.substr(5);
    }
  }
  return default_path;
}

std::vector<std::string> candidates_of(const Program& program) {
  if (program.args.empty()) {
    throw ExecError(EINVAL, "");
  }
  const std::string& file = program.args[0];
  if (file.find('/') != std::string::npos) {
    return {file};
  }
  std::vector<std::string> found;
  if (file.empty()) {
    return found;
  }
  std::string_view path = search_path(program.env);
  while (true) {
    const std::size_t colon = path.find(':');
    const std::string_view folder = path.substr(0, colon);
    found.push_back(std::string(folder.empty() ? "." : folder) + "/" + file);
    if (colon == std::string_view::npos) {
      return found;
    }
    path.remove_prefix(colon + 1);
  }
}

/// The flat arrays that execve(2) and the child walk.
class Arrays {
 public:
  explicit Arrays(const Program& program)
      : candidates_(candidates_of(program)),
        argv_(pointers<char*>(program.args)),
        envp_(pointers<char*>(program.env)),
        paths_(pointers<const char*>(candidates_)) {
    paths_.pop_back();
  }

  [[nodiscard]] char* const* argv() const { return argv_.data(); }
  [[nodiscard]] char* const* envp() const { return envp_.data(); }
  [[nodiscard]] std::span<const char* const> paths() const { return paths_; }

 private:
  template <typename Pointer>
  static std::vector<Pointer> pointers(const std::vector<std::string>& texts) {
    std::vector<Pointer> all;
    all.reserve(texts.size() + 1);
    for (const std::string& text : texts) {
      all.push_back(const_cast<char*>(text.c_str()));
    }
    all.push_back(nullptr);
    return all;
  }

  std::vector<std::string> candidates_;
  std::vector<char*> argv_;
  std::vector<char*> envp_;
  std::vector<const char*> paths_;
};

/// While it lives, children of this thread are born in another PID namespace.
class BornIn {
 public:
  explicit BornIn(int pid_namespace) {
    if (pid_namespace == -1) {
      return;
    }
    own_ = must(sys::open("/proc/self/ns/pid", O_RDONLY), "open own namespace");
    must(sys::join_namespace(pid_namespace, CLONE_NEWPID),
         "join the PID namespace");
  }
  ~BornIn() {
    if (own_) {
      static_cast<void>(sys::join_namespace(own_.get(), CLONE_NEWPID));
    }
  }
  BornIn(const BornIn&) = delete;
  BornIn& operator=(const BornIn&) = delete;
  BornIn(BornIn&&) = delete;
  BornIn& operator=(BornIn&&) = delete;

 private:
  sys::UniqueFd own_;
};

ChildHandle clone_into(const CloneRequest& request) {
  int pidfd = -1;
  clone_args how{};
  how.flags = request.flags | CLONE_PIDFD;
  how.pidfd = reinterpret_cast<std::uint64_t>(&pidfd);
  how.exit_signal = SIGCHLD;
  if ((request.flags & CLONE_INTO_CGROUP) != 0) {
    how.cgroup = static_cast<std::uint64_t>(request.cgroup);
  }
  const sys::TraceStep trace("create the container process");
  const BornIn born(request.pid_namespace);
  // Whoever is born among others must not be looked into by them, not even
  // before it can say so itself.
  const int dumpable =
      request.pid_namespace == -1 ? 0 : ::prctl(PR_GET_DUMPABLE);
  if (dumpable != 0) {
    ::prctl(PR_SET_DUMPABLE, 0);
  }
  const long pid = ::syscall(SYS_clone3, &how, sizeof how);
  if (pid != 0 && dumpable != 0) {
    ::prctl(PR_SET_DUMPABLE, dumpable);
  }
  if (pid == -1) {
    throw Error({.code = errno, .call = "clone3"},
                "create the container process");
  }
  return {.pid = static_cast<pid_t>(pid), .pidfd = pidfd};
}

/// Memory for the helper to run on while this process sleeps.
class HelperStack {
 public:
  HelperStack()
      : memory_(::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0)) {
    if (memory_ == MAP_FAILED) {
      throw Error({.code = errno, .call = "mmap"}, "make room for a helper");
    }
  }
  ~HelperStack() { ::munmap(memory_, size); }
  HelperStack(const HelperStack&) = delete;
  HelperStack& operator=(const HelperStack&) = delete;
  HelperStack(HelperStack&&) = delete;
  HelperStack& operator=(HelperStack&&) = delete;

  [[nodiscard]] void* top() const { return static_cast<char*>(memory_) + size; }

 private:
  static constexpr std::size_t size = 256U << 10U;
  void* memory_;
};

ChildHandle clone_by_helper(const CloneRequest& request, const ChildPlan& plan,
                            int parents_end) {
  CloneIn wanted{.flags = request.flags,
                 .cgroup = request.cgroup,
                 .namespaces = request.born_in,
                 .plan = &plan,
                 .parents_end = parents_end};
  const HelperStack stack;
  const int dumpable = ::prctl(PR_GET_DUMPABLE);
  const int helper =
      must(sys::check(
               ::clone(&join_and_clone, stack.top(),
                       CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD, &wanted),
               "clone"),
           "start a helper that joins namespaces");
  while (::waitpid(helper, nullptr, 0) == -1 && errno == EINTR) {
  }
  // The flag belongs to the memory, which the helper shared: setns(2) has
  // cleared it.
  ::prctl(PR_SET_DUMPABLE, dumpable);
  if (wanted.pid == -1) {
    throw Error({.code = wanted.code, .call = wanted.call},
                "create the container process in its namespaces");
  }
  return {.pid = wanted.pid, .pidfd = wanted.pidfd};
}

/// The next word of the child; nothing when it has gone its way.
std::optional<ChildReport> next_report(int report_fd) {
  ChildReport report{};
  const std::size_t got = must(
      sys::read_full(report_fd, std::as_writable_bytes(std::span(&report, 1))),
      "hear from the container process");
  return got == sizeof report ? std::optional(report) : std::nullopt;
}

[[noreturn]] void throw_failure(const ChildReport& failure,
                                const Program& program,
                                const Isolations& steps) {
  switch (failure.step) {
    case ChildStep::exec:
      throw ExecError(failure.code, program.args[0],
                      failure.call == found_program ? ExecError::Found::yes
                                                    : ExecError::Found::no);
    case ChildStep::isolation:
      throw Error({.code = failure.code, .call = failure.call},
                  steps[failure.isolation]->name());
    default:
      throw Error({.code = failure.code, .call = failure.call},
                  "connect standard input and output");
  }
}

/// Lets the child go, serves it where it stops, and returns when it has
/// nothing more to say.
void see_through(const ChildHandle& child, const sys::Pipe& go, int report_fd,
                 const Program& program, const Isolations& isolations) {
  must(sys::write_byte(go.write_end.get()), "let the container go");
  while (const auto report = next_report(report_fd)) {
    if (report->step != ChildStep::stop) {
      throw_failure(*report, program, isolations);
    }
    const sys::TraceStep trace(isolations[report->isolation]->name());
    isolations[report->isolation]->while_child_waits(child);
    must(sys::write_byte(go.write_end.get()), "let the container go on");
  }
}

}  // namespace

std::vector<std::string> current_environment() {
  std::vector<std::string> all;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    all.emplace_back(*entry);
  }
  return all;
}

// [process-start]
Process Process::start(const Program& program, const Isolations& isolations) {
  CloneRequest request;
  std::vector<const Isolation*> steps;
  for (const auto& isolation : isolations) {
    const sys::TraceStep trace(isolation->name(), sys::TraceMoment::prepare);
    isolation->prepare(request);
    steps.push_back(isolation.get());
  }
  const Arrays arrays(program);
  const sys::Pipe go = must(sys::pipe_cloexec(), "open the go pipe");
  sys::Pipe report = must(sys::pipe_cloexec(), "open the report pipe");

  const ChildPlan plan{.isolations = steps,
                       .candidates = arrays.paths(),
                       .argv = arrays.argv(),
                       .envp = arrays.envp(),
                       .stdio = program.stdio,
                       .first_closed = 3 + program.preserve_fds,
                       .start_gate = program.start_gate,
                       .gate = -1,
                       .go_fd = go.read_end.get(),
                       .report_fd = report.write_end.get()};
  const ChildHandle child =
      request.born_in.empty()
          ? clone_into(request)
          : clone_by_helper(request, plan, go.write_end.get());
  if (child.pid == 0) {
    ::close(go.write_end.get());  // or the child would wait for itself
    run_child(plan);
  }

  Process process(child.pid, sys::UniqueFd(child.pidfd));
  report.write_end.reset();
  for (const auto& isolation : isolations) {
    const sys::TraceStep trace(isolation->name(),
                               sys::TraceMoment::from_parent);
    isolation->from_parent(child);
  }
  const sys::TraceStep trace("let the container process go, and hear from it");
  see_through(child, go, report.read_end.get(), program, isolations);
  return process;
}
// [process-start]

Process::~Process() {
  if (pidfd_) {
    static_cast<void>(sys::kill_process(pidfd_.get(), SIGKILL));
    static_cast<void>(sys::wait_exit_code(pidfd_.get()));
  }
}

int Process::wait() {
  const int code =
      must(sys::wait_exit_code(pidfd_.get()), "wait for the container");
  pidfd_.reset();
  return code;
}

}  // namespace docker_cpp::namespaces
