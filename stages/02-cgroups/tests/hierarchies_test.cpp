// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/cgroups/hierarchies.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::cgroups {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

constexpr const char* pure_v2 =
    "22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n"
    "35 24 0:30 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 "
    "rw,nsdelegate\n";

constexpr const char* docker_v1 =
    "30 23 0:26 / /sys/fs/cgroup ro - tmpfs tmpfs ro,mode=755\n"
    "33 30 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup "
    "rw,cpu,cpuacct\n"
    "34 30 0:30 / /sys/fs/cgroup/my\\040memory rw - cgroup cgroup rw,memory\n"
    "35 30 0:31 / /sys/fs/cgroup/systemd rw - cgroup cgroup "
    "rw,xattr,release_agent=/lib/agent,name=systemd\n"
    "36 30 0:30 /docker/x /var/elsewhere rw - cgroup cgroup rw,memory\n";

TEST(Hierarchies, FindsPureV2) {
  const auto found = Hierarchies::from_mountinfo(pure_v2);
  EXPECT_EQ(found.version(), Version::v2);
  ASSERT_THAT(found.all(), SizeIs(1));
  EXPECT_EQ(found.all()[0].mount_point, "/sys/fs/cgroup");
  EXPECT_TRUE(found.all()[0].unified);
}

TEST(Hierarchies, FindsV1AndEachHierarchyOnce) {
  const auto found = Hierarchies::from_mountinfo(docker_v1);
  EXPECT_EQ(found.version(), Version::v1);
  ASSERT_THAT(found.all(), SizeIs(3));
  EXPECT_THAT(found.all()[0].controllers, ElementsAre("cpu", "cpuacct"));
  EXPECT_EQ(found.all()[1].mount_point, "/sys/fs/cgroup/my memory");
  EXPECT_THAT(found.all()[2].controllers, ElementsAre("name=systemd"));
}

TEST(Hierarchies, CallsBothHybrid) {
  const auto found =
      Hierarchies::from_mountinfo(std::string(docker_v1) + pure_v2);
  EXPECT_EQ(found.version(), Version::hybrid);
  EXPECT_THAT(found.all(), SizeIs(4));
}

TEST(Hierarchies, IgnoresANamedHierarchyBesideV2) {
  const auto found = Hierarchies::from_mountinfo(
      std::string(pure_v2) +
      "36 30 0:31 / /sys/fs/cgroup/openrc rw - cgroup x rw,name=openrc\n");
  EXPECT_EQ(found.version(), Version::v2);
  EXPECT_THAT(found.all(), SizeIs(1));
}

TEST(Hierarchies, SaysWhatToDoWithoutAny) {
  EXPECT_THROW(Hierarchies::from_mountinfo("22 1 8:1 / / rw - ext4 a rw\n"),
               Error);
}

}  // namespace
}  // namespace docker_cpp::cgroups
