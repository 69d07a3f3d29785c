// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/rootfs/procfs.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>

#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "docker_cpp/testing/temporary_directory.hpp"

namespace docker_cpp::rootfs {
namespace {

constexpr std::string_view adjust = "100";

void private_mounts() {
  ASSERT_EQ(::unshare(CLONE_NEWNS), 0);
  ASSERT_EQ(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
}

/// Sanitizers look into /proc when the test has ended.
void uncover() {
  EXPECT_EQ(::umount2("/proc", MNT_DETACH), 0);
}

TEST(Procfs, WritesTheKernelsOwnFiles) {
  const auto proc = Procfs::open();
  ASSERT_TRUE(proc);
  EXPECT_TRUE(proc->write("self/oom_score_adj", adjust));
  std::ifstream file("/proc/self/oom_score_adj");
  int value = 0;
  file >> value;
  EXPECT_EQ(value, 100);
}

TEST(Procfs, IsNotSomethingThatCoversIt) {
  private_mounts();
  ASSERT_EQ(::mount("none", "/proc", "tmpfs", 0, nullptr), 0);
  const auto proc = Procfs::open();
  ASSERT_FALSE(proc);
  EXPECT_EQ(proc.error().code, ENOTSUP);
  uncover();
}

TEST(Procfs, IsNotAPartOfProcEither) {
  private_mounts();
  ASSERT_EQ(::mount("/proc/sys", "/proc", nullptr, MS_BIND, nullptr), 0);
  EXPECT_FALSE(Procfs::open());
  uncover();
}

TEST(Procfs, RefusesFilesThatAreCovered) {
  private_mounts();
  const testing::TemporaryDirectory directory;
  const std::string fake = directory / "fake";
  std::ofstream(fake) << "";
  const auto proc = Procfs::open();
  ASSERT_TRUE(proc);
  ASSERT_EQ(::mount(fake.c_str(), "/proc/sys/kernel/hostname", nullptr, MS_BIND,
                    nullptr),
            0);
  const auto written = proc->write("sys/kernel/hostname", adjust);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, EXDEV);
}

TEST(Procfs, FollowsNoLinkThatJumps) {
  const auto proc = Procfs::open();
  ASSERT_TRUE(proc);
  EXPECT_FALSE(proc->open_file("self/cwd/x", O_RDONLY));
  EXPECT_FALSE(proc->open_file("self/root/etc/passwd", O_RDONLY));
  EXPECT_FALSE(proc->open_file("../etc/passwd", O_RDONLY));
}

}  // namespace
}  // namespace docker_cpp::rootfs
