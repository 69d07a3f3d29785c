// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/rootfs/root_filesystem.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "docker_cpp/namespaces/exec_error.hpp"
#include "docker_cpp/testing/container.hpp"
#include "docker_cpp/testing/fd_audit.hpp"
#include "docker_cpp/testing/ledger.hpp"
#include "docker_cpp/testing/requirements.hpp"

namespace docker_cpp::rootfs {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class RootFilesystemTest : public ::testing::Test {
 protected:
  void SetUp() override {
    DOCKER_CPP_REQUIRES(testing::have_busybox(), "/bin/busybox (static)");
  }

  testing::TestContainer container_;

  std::string error_of(RootPlan plan) {
    try {
      return "ran: " + container_.run(std::move(plan), "echo").output;
    } catch (const Error& error) {
      return error.what();
    }
  }
};

TEST_F(RootFilesystemTest, SeesOnlyItsOwnFiles) {
  const auto outcome = container_.run("echo /*; pwd");
  EXPECT_EQ(outcome.output, "/bin /dev /etc /proc /root /sys /tmp /var\n/\n");
  EXPECT_EQ(outcome.exit_code, 0);
}

TEST_F(RootFilesystemTest, WritesIntoTheUpperLayer) {
  EXPECT_EQ(container_.run("echo new > /etc/new; rm /etc/passwd").output, "");
  EXPECT_TRUE(fs::exists(container_.upper() + "/etc/new"));
  EXPECT_FALSE(fs::exists(container_.lower() + "/etc/new"));
  EXPECT_TRUE(fs::exists(container_.lower() + "/etc/passwd"));
}

TEST_F(RootFilesystemTest, HasDockersDevices) {
  EXPECT_EQ(container_
                .run("for d in null zero full random urandom tty; do"
                     " stat -c '%n %t:%T %a %F' /dev/$d; done")
                .output,
            "/dev/null 1:3 666 character special file\n"
            "/dev/zero 1:5 666 character special file\n"
            "/dev/full 1:7 666 character special file\n"
            "/dev/random 1:8 666 character special file\n"
            "/dev/urandom 1:9 666 character special file\n"
            "/dev/tty 5:0 666 character special file\n");
  EXPECT_EQ(container_
                .run("for l in fd stdin stdout stderr core ptmx; do"
                     " readlink /dev/$l; done")
                .output,
            "/proc/self/fd\n/proc/self/fd/0\n/proc/self/fd/1\n"
            "/proc/self/fd/2\n/proc/kcore\npts/ptmx\n");
}

TEST_F(RootFilesystemTest, MasksAndProtectsEveryPath) {
  const auto outcome = container_.run(
      "for f in interrupts kcore keys timer_list latency_stats sched_debug; do"
      "  test -e /proc/$f || continue; test -z \"$(head -c 9 /proc/$f)\" ||"
      "  echo open: $f; done;"
      "for d in /proc/acpi /proc/scsi /proc/asound /sys/firmware; do"
      "  test -d $d || continue; test -z \"$(ls -A $d)\" || echo open: $d;"
      "  mkdir $d/x 2>/dev/null && echo writable: $d; done;"
      "for p in bus fs irq sys; do"
      "  grep -q \" /proc/$p ro,\" /proc/self/mountinfo || echo rw: $p; done;"
      "echo 1 2>/dev/null > /proc/sys/vm/drop_caches && echo wrote;"
      "echo h 2>/dev/null > /proc/sysrq-trigger && echo wrote; true");
  EXPECT_EQ(outcome.output, "");
}

/// The test above can fail: without the lists, all is open.
TEST_F(RootFilesystemTest, WithoutMasksTheyAreOpen) {
  RootPlan plan = container_.plan();
  plan.masked_paths.clear();
  plan.read_only_paths.clear();
  const auto outcome = container_.run(
      plan, "head -c 3 /proc/timer_list; cat /proc/self/mountinfo");
  EXPECT_THAT(outcome.output, Not(HasSubstr(" /proc/sys ro,")));
  EXPECT_THAT(outcome.output, ::testing::StartsWith("Tim"));
}

TEST_F(RootFilesystemTest, ShowsItsOwnCgroupsReadOnly) {
  DOCKER_CPP_REQUIRES(fs::exists("/sys/fs/cgroup"), "cgroups");
  const auto outcome = container_.run(
      "mkdir /sys/fs/cgroup/x 2>&1; for c in /sys/fs/cgroup/*; do"
      " mkdir $c/x 2>/dev/null && echo writable: $c; done; true");
  EXPECT_THAT(outcome.output, HasSubstr("Read-only file system"));
  EXPECT_THAT(outcome.output, Not(HasSubstr("writable")));
}

TEST_F(RootFilesystemTest, CanBeReadOnly) {
  RootPlan plan = container_.plan();
  plan.read_only = true;
  const auto outcome = container_.run(
      plan, "touch /x 2>&1; touch /etc/x 2>&1; touch /dev/shm/x && echo shm");
  EXPECT_EQ(outcome.output,
            "touch: /x: Read-only file system\n"
            "touch: /etc/x: Read-only file system\nshm\n");
}

TEST_F(RootFilesystemTest, BindsDirectoriesAndFilesOntoMissingPlaces) {
  const std::string volume = container_.directory().folder("volume");
  std::ofstream(volume + "/file") << "content\n";
  RootPlan plan = container_.plan();
  plan.mounts.push_back({"/data/deep", "bind", volume, {"rbind", "rprivate"}});
  plan.mounts.push_back({"/etc/hosts", "bind", volume + "/file", {"rbind"}});
  plan.mounts.push_back({"/ro", "bind", volume, {"rbind", "rro"}});
  const auto outcome = container_.run(
      plan,
      "cat /data/deep/file /etc/hosts; echo new > /data/deep/new;"
      "touch /ro/x 2>&1");
  EXPECT_EQ(outcome.output,
            "content\ncontent\ntouch: /ro/x: Read-only file system\n");
  EXPECT_TRUE(fs::exists(volume + "/new"));
}

TEST_F(RootFilesystemTest, MountsOfAVolumeAreNotTheHosts) {
  const std::string volume = container_.directory().folder("volume");
  fs::create_directory(volume + "/inner");
  RootPlan plan = container_.plan();
  plan.mounts.push_back({"/data", "bind", volume, {"rbind", "rprivate"}});
  const testing::Ledger before(container_.directory().path().string());
  const auto outcome = container_.run(
      plan, "mount -t tmpfs none /data/inner && touch /data/inner/seen");
  EXPECT_EQ(outcome.output, "");
  EXPECT_FALSE(fs::exists(volume + "/inner/seen"));
  EXPECT_EQ(before.left_over(), "");
}

TEST_F(RootFilesystemTest, NamesABindSourceThatIsMissing) {
  RootPlan plan = container_.plan();
  plan.mounts.push_back({"/data", "bind", "/no/such/source", {"rbind"}});
  EXPECT_THAT(error_of(plan),
              HasSubstr("bind source path does not exist: /no/such/source"));
}

TEST_F(RootFilesystemTest, NamesTheMountThatFails) {
  RootPlan plan = container_.plan();
  plan.mounts.push_back({"/data", "tmpfs", "tmpfs", {"size=nonsense"}});
  EXPECT_THAT(error_of(plan), HasSubstr("mount tmpfs on /data"));
  plan = container_.plan();
  plan.mounts.push_back({"/data", "nosuchfs", "x", {}});
  EXPECT_THAT(error_of(plan), HasSubstr("mount nosuchfs on /data"));
  plan = container_.plan();
  plan.mounts.push_back({"/", "tmpfs", "tmpfs", {}});
  EXPECT_THAT(error_of(plan), HasSubstr("not a place below the root"));
  plan = container_.plan();
  plan.root = "/no/such/root";
  EXPECT_THAT(error_of(plan), HasSubstr("use /no/such/root as the root"));
}

TEST_F(RootFilesystemTest, MakesATmpfsReadOnlyOnlyAtTheEnd) {
  RootPlan plan = container_.plan();
  const std::string volume = container_.directory().folder("volume");
  plan.mounts.push_back({"/t", "tmpfs", "tmpfs", {"ro", "size=1m"}});
  plan.mounts.push_back({"/t/below", "bind", volume, {"rbind"}});
  EXPECT_EQ(container_.run(plan, "ls /t; touch /t/x 2>&1").output,
            "below\ntouch: /t/x: Read-only file system\n");
}

TEST_F(RootFilesystemTest, CopiesUpIntoATmpfs) {
  RootPlan plan = container_.plan();
  plan.mounts.push_back({"/etc", "tmpfs", "tmpfs", {"tmpcopyup"}});
  EXPECT_EQ(container_.run(plan, "ls /etc; echo x > /etc/new").output,
            "group\npasswd\n");
  EXPECT_FALSE(fs::exists(container_.upper() + "/etc/new"));
}

TEST_F(RootFilesystemTest, MakesTheWorkingDirectory) {
  RootPlan plan = container_.plan();
  plan.working_directory = "/new/place";
  EXPECT_EQ(container_.run(plan, "pwd").output, "/new/place\n");
  plan.working_directory = "/etc/passwd";
  EXPECT_THAT(error_of(plan),
              HasSubstr("enter the working directory /etc/passwd"));
}

TEST_F(RootFilesystemTest, TakesADirectoryAsRoot) {
  RootPlan plan = container_.plan();
  plan.root = container_.lower();
  EXPECT_EQ(container_.run(plan, "touch /made; echo /proc/[1]").output,
            "/proc/1\n");
  EXPECT_TRUE(fs::exists(container_.lower() + "/made"));
}

TEST_F(RootFilesystemTest, WorksWithoutPivot) {
  RootPlan plan = container_.plan();
  plan.no_pivot = true;
  EXPECT_EQ(container_.run(plan, "echo /*").output,
            "/bin /dev /etc /proc /root /sys /tmp /var\n");
}

TEST_F(RootFilesystemTest, HasATerminalOfItsOwn) {
  RootPlan plan = container_.plan();
  plan.console = true;
  auto root = std::make_unique<RootFilesystem>(plan);
  const namespaces::Pty pty = root->take_console();
  EXPECT_EQ(pty.number, 0U);  // of a new instance, not of the host's
  namespaces::Isolations isolations;
  isolations.push_back(std::make_unique<namespaces::NewNamespaces>(
      std::vector{namespaces::Kind::pid, namespaces::Kind::mount}));
  isolations.push_back(std::move(root));
  isolations.push_back(std::make_unique<namespaces::Session>(
      namespaces::Session::Terminal::on_stdin));
  const int slave = pty.slave.get();
  auto process = namespaces::Process::start(
      {.args = {"/bin/sh", "-c",
                "test $(tty) = /dev/pts/0 && test -c /dev/console &&"
                " echo through > /dev/console && echo tty > /dev/tty"},
       .env = {"PATH=/bin"},
       .stdio = {slave, slave, slave}},
      isolations);
  EXPECT_EQ(process.wait(), 0);
  char text[64] = {};
  EXPECT_GT(::read(pty.master.get(), text, sizeof text - 1), 0);
  EXPECT_THAT(text, HasSubstr("through"));
}

TEST_F(RootFilesystemTest, HasNoTerminalUnlessAsked) {
  RootFilesystem root(container_.plan());
  EXPECT_THROW(static_cast<void>(root.take_console()), Error);
}

TEST_F(RootFilesystemTest, WorksInAUserNamespace) {
  RootPlan plan = container_.plan();
  plan.uid_map = {{0, 100'000, 65'536}};
  plan.gid_map = {{0, 100'000, 65'536}};
  plan.console = true;
  namespaces::Isolations isolations;
  isolations.push_back(std::make_unique<namespaces::Users>(
      std::vector(plan.uid_map), std::vector(plan.gid_map)));
  isolations.push_back(std::make_unique<namespaces::NewNamespaces>(
      std::vector{namespaces::Kind::pid, namespaces::Kind::ipc,
                  namespaces::Kind::mount, namespaces::Kind::network}));
  const RootFd upper(must(sys::open(container_.upper().c_str(), O_PATH),
                          "open the upper directory"));
  ASSERT_TRUE(upper.set_owner("/", {.uid = 100'000, .gid = 100'000}));
  isolations.push_back(std::make_unique<RootFilesystem>(plan));
  const auto outcome = testing::run(
      isolations, {"/bin/sh", "-c",
                   "echo x > /dev/null && id -u && stat -c '%t:%T %u:%g'"
                   " /dev/null /dev/console && touch /new"});
  EXPECT_EQ(outcome.output, "0\n1:3 65534:65534\n88:0 0:5\n");
}

TEST_F(RootFilesystemTest, LeavesNoDescriptorToTheProgram) {
  auto process =
      namespaces::Process::start({.args = {"/bin/sleep", "60"}, .env = {}},
                                 testing::isolations_of(container_.plan()));
  EXPECT_EQ(testing::leaked_descriptors(process.pid()), "");
}

TEST_F(RootFilesystemTest, LeavesNothingBehind) {
  const testing::Ledger before(container_.directory().path().string());
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(container_.run("true").exit_code, 0);
  }
  RootPlan broken = container_.plan();
  broken.mounts.push_back({"/x", "nosuchfs", "x", {}});
  EXPECT_THROW(static_cast<void>(container_.run(broken, "true")), Error);
  EXPECT_THROW(static_cast<void>(testing::run(
                   testing::isolations_of(container_.plan()), {"nosuchcmd"})),
               namespaces::ExecError);
  EXPECT_EQ(before.left_over_within(std::chrono::seconds(2)), "");
}

TEST_F(RootFilesystemTest, HoldsNoMountOnceTheChildExists) {
  const auto at_first = testing::open_descriptors(::getpid());
  const auto isolations = testing::isolations_of(container_.plan());
  // The plan's mounts are open.
  EXPECT_GT(testing::open_descriptors(::getpid()).size(), at_first.size());
  EXPECT_EQ(testing::run(isolations, {"/bin/true"}).exit_code, 0);
  EXPECT_EQ(testing::open_descriptors(::getpid()), at_first);
}

}  // namespace
}  // namespace docker_cpp::rootfs
