// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/rootfs/root_fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"
#include "docker_cpp/testing/canary.hpp"
#include "docker_cpp/testing/swapper.hpp"
#include "docker_cpp/testing/temporary_directory.hpp"

namespace docker_cpp::rootfs {
namespace {

namespace fs = std::filesystem;

class RootFdTest : public ::testing::Test {
 protected:
  testing::TemporaryDirectory directory_;
  testing::Canary canary_{directory_ / "canary"};
  std::string place_ = directory_.folder("root");
  RootFd root_ = must(RootFd::of(place_), "open the root");

  void TearDown() override { EXPECT_EQ(canary_.changes(), ""); }

  static int code_of(const auto& result) {
    return result ? 0 : result.error().code;
  }
};

TEST_F(RootFdTest, ResolvesAbsoluteLinksInside) {
  ASSERT_TRUE(root_.make_directories("etc"));
  ASSERT_TRUE(root_.write_file("etc/passwd", "inside\n"));
  ASSERT_TRUE(root_.symlink("/etc", "link"));
  EXPECT_EQ(root_.read_file("link/passwd").value_or("?"), "inside\n");
  EXPECT_EQ(root_.read_file("/link/../link/passwd").value_or("?"), "inside\n");
}

TEST_F(RootFdTest, NeverLeavesThroughLinksOrDots) {
  fs::create_symlink(canary_.path(), fs::path(place_) / "out");
  fs::create_symlink("../canary", fs::path(place_) / "up");
  EXPECT_EQ(code_of(root_.read_file("out/secret")), ENOENT);
  EXPECT_EQ(code_of(root_.read_file("up/secret")), ENOENT);
  EXPECT_EQ(code_of(root_.read_file("../canary/secret")), ENOENT);
  EXPECT_EQ(code_of(root_.remove("../canary/secret")), ENOENT);
  EXPECT_EQ(code_of(root_.set_mode("up/secret", 0777)), ENOENT);
}

TEST_F(RootFdTest, RefusesLinksOfProcThatJump) {
  // The host's /proc bound into the root stands for a container's.
  const RootFd host = must(RootFd::of("/"), "open the host's root");
  EXPECT_EQ(code_of(host.open("proc/self/cwd/..", O_PATH)), ELOOP);
  EXPECT_EQ(code_of(host.open("proc/self/fd/0", O_PATH)), ELOOP);
}

TEST_F(RootFdTest, MakesDirectoriesThroughDanglingLinks) {
  ASSERT_TRUE(root_.symlink("/run/deep", "var"));
  ASSERT_TRUE(root_.make_directories("var/lib/x"));
  EXPECT_TRUE(fs::is_directory(fs::path(place_) / "run/deep/lib/x"));
}

TEST_F(RootFdTest, MakesDirectoriesInsideWhenALinkPointsOut) {
  fs::create_symlink(canary_.path() / "new", fs::path(place_) / "out");
  ASSERT_TRUE(root_.make_directories("out/x"));
  // Inside, at the same path as outside.
  EXPECT_TRUE(fs::exists(place_ + canary_.path().string() + "/new/x"));
}

TEST_F(RootFdTest, GivesUpOnLinksThatGoInCircles) {
  ASSERT_TRUE(root_.symlink("b", "a"));
  ASSERT_TRUE(root_.symlink("a", "b"));
  EXPECT_EQ(code_of(root_.make_directories("a/x")), ELOOP);
}

TEST_F(RootFdTest, GivesNewDirectoriesTheirModeAndOwner) {
  ASSERT_TRUE(root_.make_directories("a/b", 02775, {.uid = 7, .gid = 8}));
  const auto info = root_.stat("a/b");
  ASSERT_TRUE(info);
  EXPECT_EQ(info->st_mode & 07777, 02775U);
  EXPECT_EQ(info->st_uid, 7U);
  EXPECT_EQ(info->st_gid, 8U);
}

TEST_F(RootFdTest, OpensNothingButRegularFiles) {
  ASSERT_TRUE(root_.make_node("fifo", S_IFIFO | 0666, 0));
  EXPECT_EQ(code_of(root_.open_regular("fifo")), EINVAL);  // and not: hangs
  EXPECT_EQ(code_of(root_.read_file("/")), EINVAL);
}

TEST_F(RootFdTest, LimitsWhatItReads) {
  ASSERT_TRUE(root_.write_file("big", std::string(100, 'x')));
  EXPECT_EQ(code_of(root_.read_file("big", 99)), EFBIG);
  EXPECT_EQ(root_.read_file("big", 100).value_or("").size(), 100U);
}

TEST_F(RootFdTest, RefusesPathsWithoutAName) {
  for (const char* path : {"", "/", ".", "a/..", "..", "//"}) {
    EXPECT_EQ(code_of(root_.entry(path)), EINVAL) << path;
  }
  EXPECT_EQ(code_of(root_.open(std::string("a\0b", 3), O_PATH)), EINVAL);
}

TEST_F(RootFdTest, ReplacesALinkInsteadOfWritingThroughIt) {
  fs::create_symlink(canary_.path() / "secret", fs::path(place_) / "hosts");
  ASSERT_TRUE(root_.write_file("hosts", "new\n", 0600));
  EXPECT_FALSE(fs::is_symlink(fs::path(place_) / "hosts"));
  EXPECT_EQ(root_.read_file("hosts").value_or("?"), "new\n");
}

TEST_F(RootFdTest, RemovesTreesWithoutFollowing) {
  ASSERT_TRUE(root_.make_directories("a/b/c"));
  fs::create_directory_symlink(canary_.path(), fs::path(place_) / "a/b/out");
  ASSERT_TRUE(root_.remove_tree("a"));
  EXPECT_FALSE(root_.exists("a"));
  EXPECT_TRUE(root_.remove_tree("a"));  // gone already
}

TEST_F(RootFdTest, RemovesTreesDeeperThanThereAreDescriptors) {
  sys::UniqueFd at = must(root_.open("/", O_PATH | O_DIRECTORY), "open");
  constexpr int depth = 3000;
  for (int i = 0; i < depth; ++i) {
    ASSERT_EQ(::mkdirat(at.get(), "d", 0755), 0);
    at = must(sys::open_at(at.get(), "d", O_PATH | O_DIRECTORY), "open");
  }
  at.reset();
  ASSERT_TRUE(root_.remove_tree("/"));
  EXPECT_TRUE(root_.list("/").value_or(std::vector<std::string>{"?"}).empty());
}

TEST_F(RootFdTest, HoldsWhileSomebodySwapsDirectoriesAndLinks) {
  ASSERT_TRUE(root_.make_directories("spot"));
  fs::create_directory_symlink(canary_.path(), fs::path(place_) / "trap");
  const testing::Swapper swapper(place_ + "/spot", place_ + "/trap");
  for (int i = 0; i < 2000; ++i) {
    static_cast<void>(root_.write_file("spot/secret", "overwritten"));
    static_cast<void>(root_.make_directories("spot/new/deep"));
    static_cast<void>(root_.set_owner("spot/secret", {.uid = 1, .gid = 1}));
    static_cast<void>(root_.set_mode("spot/secret", 0777));
    static_cast<void>(root_.remove("spot/secret"));
    static_cast<void>(root_.remove_tree("spot/new"));
    static_cast<void>(root_.make_file("spot/etc/passwd"));
  }
  EXPECT_GT(swapper.swaps(), 100U);
}

/// The test above can fail: the same by path does touch the canary.
TEST(RootFdWeakened, PathsDoLeaveWhileSomebodySwaps) {
  const testing::TemporaryDirectory directory;
  const testing::Canary canary(directory / "canary");
  const std::string root = directory.folder("root");
  fs::create_directory(root + "/spot");
  fs::create_directory_symlink(canary.path(), root + "/trap");
  const testing::Swapper swapper(root + "/spot", root + "/trap");
  for (int i = 0; i < 100'000 && canary.changes().empty(); ++i) {
    if (!fs::is_symlink(root + "/spot")) {  // check, then use
      std::ofstream(root + "/spot/secret") << "overwritten";
    }
  }
  EXPECT_NE(canary.changes(), "");
}

}  // namespace
}  // namespace docker_cpp::rootfs
