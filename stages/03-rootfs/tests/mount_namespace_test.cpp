// SPDX-License-Identifier: Apache-2.0
// Propagation and cgroups: what depends on how the host has mounted things.
// Each test changes that in a mount namespace of its own.
#include <sched.h>
#include <sys/mount.h>

#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "docker_cpp/testing/container.hpp"
#include "docker_cpp/testing/requirements.hpp"

namespace docker_cpp::rootfs {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class MountNamespace : public ::testing::Test {
 protected:
  void SetUp() override {
    DOCKER_CPP_REQUIRES(testing::have_busybox(), "/bin/busybox (static)");
    ASSERT_EQ(::unshare(CLONE_NEWNS), 0);
    ASSERT_EQ(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
    ASSERT_EQ(::mount("test", volume_.c_str(), "tmpfs", 0, nullptr), 0);
    ASSERT_EQ(::mount(nullptr, volume_.c_str(), nullptr, MS_SHARED, nullptr),
              0);
    fs::create_directory(volume_ + "/inner");
  }
  void TearDown() override { ::umount2(volume_.c_str(), MNT_DETACH); }

  /// A mount made by the container, as the host sees it.
  bool host_sees_mount_of_container(const std::string& propagation) {
    RootPlan plan = container_.plan();
    plan.mounts.push_back({"/data", "bind", volume_, {"rbind", propagation}});
    const auto outcome = testing::TestContainer::run(
        plan, "mount -t tmpfs none /data/inner && touch /data/inner/seen");
    EXPECT_EQ(outcome.output, "");
    const bool seen = fs::exists(volume_ + "/inner/seen");
    ::umount2((volume_ + "/inner").c_str(), MNT_DETACH);
    return seen;
  }

  /// A mount made by the host while the container runs, as that sees it.
  bool container_sees_mount_of_host(const std::string& propagation) {
    RootPlan plan = container_.plan();
    plan.mounts.push_back({"/data", "bind", volume_, {"rbind", propagation}});
    auto process =
        namespaces::Process::start({.args = {"/bin/sleep", "60"}, .env = {}},
                                   testing::isolations_of(plan));
    EXPECT_EQ(
        ::mount("of-host", (volume_ + "/inner").c_str(), "tmpfs", 0, nullptr),
        0);
    std::ifstream mounts("/proc/" + std::to_string(process.pid()) +
                         "/mountinfo");
    const std::string all((std::istreambuf_iterator<char>(mounts)), {});
    ::umount2((volume_ + "/inner").c_str(), MNT_DETACH);
    return all.find("of-host") != std::string::npos;
  }

  testing::TestContainer container_;
  std::string volume_ = container_.directory().folder("volume");
};

TEST_F(MountNamespace, VolumesAreCutOffByDefault) {
  EXPECT_FALSE(host_sees_mount_of_container("rw"));
  EXPECT_FALSE(container_sees_mount_of_host("rw"));
  EXPECT_FALSE(container_sees_mount_of_host("rprivate"));
}

TEST_F(MountNamespace, SlavesHearOfTheHost) {
  EXPECT_FALSE(host_sees_mount_of_container("rslave"));
  EXPECT_TRUE(container_sees_mount_of_host("rslave"));
}

TEST_F(MountNamespace, SharedVolumesGoBothWays) {
  EXPECT_TRUE(host_sees_mount_of_container("rshared"));
  EXPECT_TRUE(container_sees_mount_of_host("rshared"));
}

TEST_F(MountNamespace, TheRootCanBeShared) {
  RootPlan plan = container_.plan();
  plan.propagation = "rshared";
  EXPECT_THAT(
      testing::TestContainer::run(plan, "head -n 99 /proc/self/mountinfo")
          .output,
      HasSubstr(" / / rw,relatime shared:"));
  plan.propagation = "everywhere";
  EXPECT_THROW(testing::TestContainer::run(plan, "true"), Error);
}

TEST_F(MountNamespace, NothingOfItReachesASharedHost) {
  // The host's root is shared on most machines; on this one perhaps not.
  ASSERT_EQ(::mount(nullptr, "/", nullptr, MS_REC | MS_SHARED, nullptr), 0);
  const auto mounts = [] {
    std::ifstream file("/proc/self/mountinfo");
    return std::string((std::istreambuf_iterator<char>(file)), {});
  };
  const std::string before = mounts();
  EXPECT_EQ(container_.run("mount -t tmpfs none /tmp").exit_code, 0);
  RootPlan plan = container_.plan();
  plan.root = container_.lower();
  EXPECT_EQ(testing::TestContainer::run(plan, "true").exit_code, 0);
  EXPECT_EQ(mounts(), before);
}

class CgroupMounts : public MountNamespace {
 protected:
  void TearDown() override {
    if (!made_.empty()) {
      fs::remove(made_);
    }
    MountNamespace::TearDown();
  }

  std::string name_ = "docker-cpp-test-" + std::to_string(::getpid());
  std::string made_;
};

TEST_F(CgroupMounts, ShowTheContainersOwnOfEachHierarchy) {
  if (!fs::exists("/sys/fs/cgroup/pids")) {
    GTEST_SKIP() << "this machine has cgroup v2 alone: see the next test";
  }
  made_ = "/sys/fs/cgroup/pids/" + name_;
  fs::create_directory(made_);
  RootPlan plan = container_.plan();
  plan.cgroup_path = "/" + name_;
  const auto outcome = testing::TestContainer::run(
      plan,
      "ls /sys/fs/cgroup; cat /sys/fs/cgroup/pids/pids.max;"
      "mkdir /sys/fs/cgroup/pids/x /sys/fs/cgroup/x 2>&1;"
      "grep cgroup/pids /proc/self/mountinfo");
  // A container that is in no cgroup of its own sees none of the host's.
  EXPECT_THAT(outcome.output,
              ::testing::StartsWith(
                  "pids\nmax\n"
                  "mkdir: can't create directory '/sys/fs/cgroup/pids/x': "
                  "Read-only file system\n"
                  "mkdir: can't create directory '/sys/fs/cgroup/x': "
                  "Read-only file system\n"));
  EXPECT_THAT(outcome.output, HasSubstr("/" + name_ + " /sys/fs/cgroup/pids "));
}

TEST_F(CgroupMounts, ShowTheContainersOwnOfVersionTwo) {
  // EBUSY: it is there already, on a machine with v2 alone.
  const int mounted =
      ::mount("cgroup", "/sys/fs/cgroup", "cgroup2", 0, nullptr);
  ASSERT_TRUE(mounted == 0 || errno == EBUSY);
  made_ = "/sys/fs/cgroup/" + name_;
  fs::create_directory(made_);
  RootPlan plan = container_.plan();
  plan.cgroup_path = "/" + name_;
  const char* script =
      "cat /sys/fs/cgroup/cgroup.events; mkdir /sys/fs/cgroup/x 2>&1; true";
  EXPECT_EQ(testing::TestContainer::run(plan, script).output,
            "populated 0\nfrozen 0\n"
            "mkdir: can't create directory '/sys/fs/cgroup/x': "
            "Read-only file system\n");
  plan.cgroup_path = "/no-such-cgroup";
  EXPECT_THROW(testing::TestContainer::run(plan, script), Error);
}

}  // namespace
}  // namespace docker_cpp::rootfs
