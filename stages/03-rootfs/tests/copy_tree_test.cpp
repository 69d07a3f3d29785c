// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/rootfs/copy_tree.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/testing/canary.hpp"
#include "docker_cpp/testing/swapper.hpp"
#include "docker_cpp/testing/temporary_directory.hpp"

namespace docker_cpp::rootfs {
namespace {

namespace fs = std::filesystem;

class CopyTreeTest : public ::testing::Test {
 protected:
  testing::TemporaryDirectory directory_;
  std::string from_ = directory_.folder("image/data");
  std::string into_ = directory_.folder("volume");
  RootFd image_ = must(RootFd::of(directory_ / "image"), "open the image");
  RootFd volume_ = must(RootFd::of(into_), "open the volume");

  static struct stat info_of(const std::string& path) {
    struct stat info{};
    EXPECT_EQ(::lstat(path.c_str(), &info), 0) << path;
    return info;
  }

  void expect_alike(const std::string& name) {
    const struct stat one = info_of(from_ + "/" + name);
    const struct stat other = info_of(into_ + "/" + name);
    EXPECT_EQ(one.st_mode, other.st_mode) << name;
    EXPECT_EQ(one.st_uid, other.st_uid) << name;
    EXPECT_EQ(one.st_gid, other.st_gid) << name;
    EXPECT_EQ(one.st_rdev, other.st_rdev) << name;
    EXPECT_EQ(one.st_mtim.tv_sec, other.st_mtim.tv_sec) << name;
    EXPECT_EQ(one.st_mtim.tv_nsec, other.st_mtim.tv_nsec) << name;
    if (!S_ISDIR(one.st_mode)) {
      EXPECT_EQ(one.st_size, other.st_size) << name;
    }
  }
};

TEST_F(CopyTreeTest, KeepsEveryKindOfEntryAsItIs) {
  std::ofstream(from_ + "/file") << "content";
  ::chown((from_ + "/file").c_str(), 12, 34);
  ::chmod((from_ + "/file").c_str(), 04751);
  ::setxattr((from_ + "/file").c_str(), "user.note", "hi", 2, 0);
  fs::create_symlink("/etc/passwd", from_ + "/link");
  ::lchown((from_ + "/link").c_str(), 12, 34);
  fs::create_directories(from_ + "/folder/deep");
  ::chmod((from_ + "/folder").c_str(), 0700);
  ::mkfifo((from_ + "/fifo").c_str(), 0640);
  ::mknod((from_ + "/null").c_str(), S_IFCHR | 0666, makedev(1, 3));
  ASSERT_TRUE(copy_up(image_, "/data", volume_));
  for (const char* name :
       {"file", "link", "folder", "folder/deep", "fifo", "null"}) {
    expect_alike(name);
  }
  char value[8] = {};
  EXPECT_EQ(::getxattr((into_ + "/file").c_str(), "user.note", value, 8), 2);
  EXPECT_EQ(fs::read_symlink(into_ + "/link"), "/etc/passwd");
}

TEST_F(CopyTreeTest, KeepsHardLinksAndHoles) {
  std::ofstream(from_ + "/one") << "x";
  fs::create_directory(from_ + "/sub");
  fs::create_hard_link(from_ + "/one", from_ + "/sub/two");
  {
    std::ofstream sparse(from_ + "/sparse");
    sparse.seekp(64 << 20);
    sparse << "end";
  }
  ASSERT_TRUE(copy_up(image_, "/data", volume_));
  EXPECT_EQ(info_of(into_ + "/one").st_ino, info_of(into_ + "/sub/two").st_ino);
  expect_alike("sparse");
  EXPECT_LT(info_of(into_ + "/sparse").st_blocks * 512, 1 << 20);
}

TEST_F(CopyTreeTest, GivesTheVolumeTheDirectorysOwnerAndMode) {
  ::chown(from_.c_str(), 5, 6);
  ::chmod(from_.c_str(), 01770);
  ASSERT_TRUE(copy_up(image_, "/data", volume_));
  EXPECT_EQ(info_of(into_).st_mode & 07777, 01770U);
  EXPECT_EQ(info_of(into_).st_uid, 5U);
}

TEST_F(CopyTreeTest, LeavesAVolumeAloneThatHasContent) {
  std::ofstream(from_ + "/file") << "image";
  std::ofstream(into_ + "/mine") << "volume";
  EXPECT_FALSE(copy_up(image_, "/data", volume_));
  EXPECT_FALSE(fs::exists(into_ + "/file"));
}

TEST_F(CopyTreeTest, HasNothingToDoForAMissingDirectory) {
  EXPECT_FALSE(copy_up(image_, "/nowhere", volume_));
  EXPECT_FALSE(copy_up(image_, "/data/../../../../etc", volume_));
}

TEST_F(CopyTreeTest, CopiesNothingOfTheHostWhileSomebodySwaps) {
  const testing::Canary canary(directory_ / "canary");
  const std::string image = directory_ / "image";
  std::ofstream(from_ + "/inside") << "x";
  fs::create_directory(from_ + "/spot");
  fs::create_directory_symlink(canary.path(), from_ + "/trap");
  fs::create_directory_symlink(canary.path(), image + "/trap");
  const testing::Swapper inner(from_ + "/spot", from_ + "/trap");
  const testing::Swapper outer(image + "/data", image + "/trap");
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(volume_.remove_tree("/"));
    try {
      copy_up(image_, "/data", volume_);
    } catch (const Error&) {
      // an entry changed its kind meanwhile
    }
    ASSERT_FALSE(fs::exists(into_ + "/secret"));
    ASSERT_FALSE(volume_.exists("spot/secret"));
    ASSERT_FALSE(volume_.exists("trap/secret"));
  }
  EXPECT_EQ(canary.changes(), "");
}

}  // namespace
}  // namespace docker_cpp::rootfs
