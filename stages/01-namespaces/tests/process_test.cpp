// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/namespaces/process.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <seccomp.h>

#include "require.hpp"

#include "docker_cpp/namespaces/exec_error.hpp"
#include "docker_cpp/namespaces/namespaces.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::namespaces {
namespace {

/// Makes one system call fail in this process and its children, from now on.
/// CTest runs each test in a process of its own, so "from now on" is short.
void make_syscall_fail(int number, int code) {
  scmp_filter_ctx filter = ::seccomp_init(SCMP_ACT_ALLOW);
  ASSERT_EQ(::seccomp_rule_add(
                filter, SCMP_ACT_ERRNO(static_cast<unsigned>(code)), number, 0),
            0);
  ASSERT_EQ(::seccomp_load(filter), 0);
  ::seccomp_release(filter);
}

class ProcessTest : public testing::Test {
 protected:
  void SetUp() override {
    DOCKER_CPP_NEEDS_ROOT();
    std::string pattern = testing::TempDir() + "dcpp-process-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    isolations_.push_back(std::make_unique<NewNamespaces>(
        std::vector{Kind::pid, Kind::uts, Kind::ipc, Kind::network}));
    isolations_.push_back(std::make_unique<Hostname>("box"));
  }

  void TearDown() override {
    if (!folder_.empty()) {
      std::filesystem::remove_all(folder_);
    }
  }

  static Program shell(std::string script) {
    return {.args = {"/bin/sh", "-c", std::move(script)}};
  }

  Isolations isolations_;
  std::filesystem::path folder_;
};

// [test-pid-one]
TEST_F(ProcessTest, SeesItselfAsPidOneOnItsOwnHost) {
  Process process = Process::start(
      shell("test $$ = 1 && test $(uname -n) = box"), isolations_);
  EXPECT_EQ(process.wait(), 0);
}
// [test-pid-one]

TEST_F(ProcessTest, TellsExitCodesAsTheShellDoes) {
  EXPECT_EQ(Process::start(shell("exit 7"), isolations_).wait(), 7);
  EXPECT_EQ(Process::start(shell("kill -TERM $$"), {}).wait(), 128 + SIGTERM);
}

TEST_F(ProcessTest, TellsTheParentThatTheProgramIsNotThere) {
  try {
    Process::start({.args = {"nosuchcmd"}}, isolations_);
    FAIL() << "start() should have thrown";
  } catch (const ExecError& error) {
    EXPECT_STREQ(error.what(),
                 "exec: \"nosuchcmd\": executable file not found in $PATH");
    EXPECT_EQ(error.exit_code(), 127);
  }
}

TEST_F(ProcessTest, TellsThatTheProgramCannotBeExecuted) {
  const std::string file = folder_ / "data";
  std::ofstream(file) << "not a program";
  try {
    Process::start({.args = {file}}, isolations_);
    FAIL() << "start() should have thrown";
  } catch (const ExecError& error) {
    EXPECT_THAT(error.what(), testing::EndsWith(": permission denied"));
    EXPECT_EQ(error.exit_code(), 126);
  }
}

TEST_F(ProcessTest, SearchesThePathOfTheProgramNotItsOwn) {
  const std::filesystem::path tool = folder_ / "tool";
  std::ofstream(tool) << "#!/bin/sh\nexit 5\n";
  ::chmod(tool.c_str(), 0755);
  EXPECT_EQ(Process::start({.args = {"tool"},
                            .env = {"PATH=/nowhere:" + folder_.string()}},
                           isolations_)
                .wait(),
            5);
}

TEST_F(ProcessTest, GivesTheEnvironmentAndNothingElse) {
  const Program program{
      .args = {"/bin/sh", "-c", "test \"$A\" = 1 && test -z \"$HOME\""},
      .env = {"A=1"}};
  EXPECT_EQ(Process::start(program, isolations_).wait(), 0);
}

// [test-fault]
TEST_F(ProcessTest, NamesTheIsolationThatFailedInTheChild) {
  make_syscall_fail(SCMP_SYS(sethostname), EPERM);
  try {
    Process::start({.args = {"/bin/true"}}, isolations_);
    FAIL() << "start() should have thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), std::errc::operation_not_permitted);
    EXPECT_THAT(error.what(), testing::StartsWith("set the hostname"));
  }
}
// [test-fault]

TEST_F(ProcessTest, SaysThatTheKernelRefusedTheClone) {
  make_syscall_fail(SCMP_SYS(clone3), ENOSPC);
  EXPECT_THROW(Process::start({.args = {"/bin/true"}}, isolations_), Error);
}

/// Fails in the parent, after the child exists.
class FailsInParent final : public Isolation {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "fail"; }

  void from_parent(const ChildHandle& /*child*/) override {
    throw std::runtime_error("no network today");
  }
};

TEST_F(ProcessTest, NeverRunsTheProgramWhenTheParentGivesUp) {
  const std::filesystem::path proof = folder_ / "ran";
  isolations_.push_back(std::make_unique<FailsInParent>());
  EXPECT_THROW(Process::start(shell("touch " + proof.string()), isolations_),
               std::runtime_error);
  EXPECT_FALSE(std::filesystem::exists(proof));
}

TEST_F(ProcessTest, LeavesNoProcessBehindWhenItGoes) {
  pid_t pid = 0;
  {
    const Process process = Process::start(shell("sleep 100"), isolations_);
    pid = process.pid();
    EXPECT_EQ(::kill(pid, 0), 0);
  }
  EXPECT_EQ(::kill(pid, 0), -1);
}

TEST_F(ProcessTest, StartsWhileOtherThreadsHoldTheHeap) {
  std::atomic<bool> stop = false;
  std::vector<std::jthread> busy;
  for (int i = 0; i < 4; ++i) {
    busy.emplace_back([&] {
      while (!stop) {
        const std::vector<std::string> junk(100, std::string(100, 'x'));
      }
    });
  }
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(Process::start({.args = {"/bin/true"}}, isolations_).wait(), 0);
  }
  stop = true;
}

TEST_F(ProcessTest, HandsOverNoDescriptorButTheThreeAskedFor) {
  // Deliberately without close-on-exec: the engine must close it all the same.
  const int leak = ::open("/", O_RDONLY | O_DIRECTORY);
  ASSERT_GE(leak, 3);
  const sys::Pipe out = *sys::pipe_cloexec();
  Program program = shell("ls /proc/self/fd | tr '\\n' ' '");
  program.stdio = {0, out.write_end.get(), 2};
  EXPECT_EQ(Process::start(program, isolations_).wait(), 0);
  char text[64] = {};
  ASSERT_GT(::read(out.read_end.get(), text, sizeof text - 1), 0);
  EXPECT_STREQ(text, "0 1 2 3 ") << "3 is the folder that ls itself reads";
  ::close(leak);
}

TEST_F(ProcessTest, StartsWithNoSignalIgnoredOrBlocked) {
  ::signal(SIGPIPE, SIG_IGN);
  sigset_t all;
  ::sigfillset(&all);
  ::sigprocmask(SIG_BLOCK, &all, nullptr);
  EXPECT_EQ(Process::start(
                shell("grep -q 'SigIgn:.0000000000000000' /proc/self/status && "
                      "grep -q 'SigBlk:.0000000000000000' /proc/self/status"),
                isolations_)
                .wait(),
            0);
}

class StartGateTest : public ProcessTest {
 protected:
  void SetUp() override {
    ProcessTest::SetUp();
    ASSERT_EQ(::mkfifo((folder_ / "exec.fifo").c_str(), 0600), 0);
    gate_ = *sys::open(folder_.c_str(), O_PATH | O_DIRECTORY);
  }

  sys::UniqueFd gate_;
};

TEST_F(StartGateTest, HoldsTheProgramUntilSomebodyOpensIt) {
  const std::filesystem::path proof = folder_ / "ran";
  Program program = shell("touch " + proof.string());
  program.start_gate = gate_.get();
  Process process = Process::start(program, isolations_);
  EXPECT_FALSE(std::filesystem::exists(proof)) << "created, not started";
  const auto opened = sys::open((folder_ / "exec.fifo").c_str(), O_RDONLY);
  ASSERT_TRUE(opened);
  EXPECT_EQ(process.wait(), 0);
  EXPECT_TRUE(std::filesystem::exists(proof));
}

TEST_F(StartGateTest, TellsOfAMissingProgramBeforeItIsOpened) {
  Program program{.args = {"nosuchcmd"}};
  program.start_gate = gate_.get();
  EXPECT_THROW(Process::start(program, isolations_), ExecError);
}

}  // namespace
}  // namespace docker_cpp::namespaces
