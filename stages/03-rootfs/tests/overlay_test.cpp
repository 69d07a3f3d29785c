// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/rootfs/overlay.hpp"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../src/overlay_detail.hpp"

#include "docker_cpp/rootfs/root_fd.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/testing/temporary_directory.hpp"

namespace docker_cpp::rootfs {
namespace {

class OverlayTest : public ::testing::Test {
 protected:
  testing::TemporaryDirectory directory_;

  OverlayRoot root_of(int layers, const std::string& prefix = "layer") {
    OverlayRoot root{.lower = {},
                     .upper = directory_.folder(prefix + "-upper"),
                     .work = directory_.folder(prefix + "-work")};
    for (int i = 0; i < layers; ++i) {
      const std::string name = prefix + std::to_string(i);
      root.lower.push_back(directory_.folder(name));
      std::ofstream(root.lower.back() + "/" + std::to_string(i)) << i;
      std::ofstream(root.lower.back() + "/all") << i;
    }
    return root;
  }

  static RootFd opened(sys::UniqueFd mount) { return RootFd(std::move(mount)); }
};

TEST_F(OverlayTest, MountsAHundredLayersTopFirst) {
  const RootFd root = opened(mount_overlay(root_of(100)));
  EXPECT_EQ(root.read_file("all").value_or("?"), "0");
  EXPECT_EQ(root.read_file("99").value_or("?"), "99");
}

TEST_F(OverlayTest, MountsManyLayersOnOldKernelsToo) {
  const OverlayRoot plan = root_of(100);
  const RootFd root = opened(detail::mount_overlay_classic(plan));
  EXPECT_EQ(root.read_file("all").value_or("?"), "0");
  EXPECT_EQ(root.read_file("99").value_or("?"), "99");
  ASSERT_TRUE(root.write_file("new", "x"));
  EXPECT_TRUE(std::filesystem::exists(plan.upper + "/new"));
}

TEST_F(OverlayTest, TakesDirectoriesOfAnyName) {
  for (const int layers : {2, 40}) {  // as one list, and one by one
    const OverlayRoot plan =
        root_of(layers, "a:b\\c,d e" + std::to_string(layers));
    const RootFd root = opened(mount_overlay(plan));
    EXPECT_EQ(root.read_file("1").value_or("?"), "1");
    ASSERT_TRUE(root.write_file("new", "x"));
    EXPECT_TRUE(std::filesystem::exists(plan.upper + "/new"));
  }
}

TEST_F(OverlayTest, CanDoWithoutAnUpperDirectory) {
  for (const int layers : {1, 3}) {
    OverlayRoot plan = root_of(layers);
    plan.upper.clear();
    plan.work.clear();
    const RootFd root = opened(mount_overlay(plan));
    EXPECT_EQ(root.read_file("all").value_or("?"), "0");
    const auto written = root.write_file("new", "x");
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, EROFS);
  }
}

TEST_F(OverlayTest, UsesAVolatileDirectoryAgain) {
  OverlayRoot plan = root_of(1);
  plan.durable = false;
  for (int i = 0; i < 3; ++i) {
    const RootFd root = opened(mount_overlay(plan));
    ASSERT_TRUE(root.write_file("new" + std::to_string(i), "x"));
  }
  EXPECT_TRUE(std::filesystem::exists(plan.upper + "/new0"));
}

TEST_F(OverlayTest, NamesTheLayerThatIsMissing) {
  OverlayRoot plan = root_of(3);
  std::filesystem::remove_all(plan.lower[1]);
  try {
    static_cast<void>(mount_overlay(plan));
    FAIL() << "should have thrown";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr(plan.lower[1]));
  }
}

TEST_F(OverlayTest, IsSeenByNobody) {
  const RootFd root = opened(mount_overlay(root_of(2)));
  std::ifstream mounts("/proc/self/mountinfo");
  const std::string all((std::istreambuf_iterator<char>(mounts)), {});
  EXPECT_EQ(all.find(directory_.path().string()), std::string::npos);
}

}  // namespace
}  // namespace docker_cpp::rootfs
