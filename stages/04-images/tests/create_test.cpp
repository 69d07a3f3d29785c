// SPDX-License-Identifier: Apache-2.0
// Images made here: a directory of changes becomes a layer, and the layer a
// tree that is what the directory was.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <filesystem>

#include <gtest/gtest.h>

#include "support.hpp"

#include "docker_cpp/images/image_store.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

namespace fs = std::filesystem;

class CreateTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(upper_);
    upper_fd_ = must(sys::open(upper_.c_str(), O_PATH | O_DIRECTORY), upper_);
  }

  void write(const std::string& name, const std::string& text) {
    fs::create_directories(fs::path(upper_ + "/" + name).parent_path());
    const auto file =
        must(sys::open((upper_ + "/" + name).c_str(), O_WRONLY | O_CREAT, 0644),
             name);
    must(sys::write_all(file.get(), text), name);
  }

  Image commit(const std::string& parent, const std::string& name = "") {
    NewImage image{
        .parent = parent,
        .changes = upper_fd_.get(),
        .config = R"({"architecture":"amd64","os":"linux"})",
        .history = {.created = "2024-01-01T00:00:00Z", .created_by = "test"}};
    if (!name.empty()) {
      image.names = {name};
    }
    return *store_->find_stored(store_->create(image));
  }

  std::string top(const Image& image) const {
    return store_->layer_directories(image)[0];
  }

  TempDir folder_;
  std::string upper_ = folder_.path() + "/upper";
  sys::UniqueFd upper_fd_;
  std::unique_ptr<ImageStore> store_ = std::make_unique<ImageStore>(
      ImageStore::Options{folder_.path() + "/data", STAGE04_WORKER});
};

struct stat status(const std::string& path) {
  struct stat info{};
  EXPECT_EQ(::lstat(path.c_str(), &info), 0) << path;
  return info;
}

TEST_F(CreateTest, KeepsWhatFilesAre) {
  write("dir/file", "text");
  ASSERT_EQ(::chown((upper_ + "/dir/file").c_str(), 1000, 1001), 0);
  ASSERT_EQ(::chmod((upper_ + "/dir/file").c_str(), 04711), 0);
  ASSERT_EQ(::setxattr((upper_ + "/dir/file").c_str(), "user.a", "b", 1, 0), 0);
  const timespec times[2] = {{1, 2}, {1234567890, 123456789}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (upper_ + "/dir/file").c_str(), times, 0), 0);
  ASSERT_EQ(::link((upper_ + "/dir/file").c_str(), (upper_ + "/hard").c_str()),
            0);
  fs::create_symlink("/dir/file", upper_ + "/soft");
  ASSERT_EQ(::mknod((upper_ + "/null").c_str(), S_IFCHR | 0666, makedev(1, 3)),
            0);
  ASSERT_EQ(::mkfifo((upper_ + "/fifo").c_str(), 0600), 0);

  const std::string made = top(commit(""));
  const auto file = status(made + "/dir/file");
  EXPECT_EQ(file.st_uid, 1000U);
  EXPECT_EQ(file.st_gid, 1001U);
  EXPECT_EQ(file.st_mode & 07777, 04711U);
  EXPECT_EQ(file.st_mtim.tv_sec, 1234567890);
  EXPECT_EQ(file.st_mtim.tv_nsec, 123456789);
  EXPECT_EQ(status(made + "/hard").st_ino, file.st_ino);
  EXPECT_EQ(fs::read_symlink(made + "/soft"), "/dir/file");
  EXPECT_EQ(status(made + "/null").st_rdev, makedev(1, 3));
  EXPECT_TRUE(S_ISFIFO(status(made + "/fifo").st_mode));
  char value = 0;
  EXPECT_EQ(::getxattr((made + "/dir/file").c_str(), "user.a", &value, 1), 1);
  EXPECT_EQ(value, 'b');
}

TEST_F(CreateTest, KeepsWhiteoutsAndOpaqueFolders) {
  write("base", "x");
  const Image base = commit("", "base:1");
  fs::remove(upper_ + "/base");
  ASSERT_EQ(::mknod((upper_ + "/base").c_str(), S_IFCHR, makedev(0, 0)), 0);
  write("fresh/file", "y");
  ASSERT_EQ(::setxattr((upper_ + "/fresh").c_str(), "trusted.overlay.opaque",
                       "y", 1, 0),
            0);
  const Image image = commit(base.id);
  const std::string made = top(image);
  EXPECT_EQ(status(made + "/base").st_rdev, makedev(0, 0));
  EXPECT_TRUE(S_ISCHR(status(made + "/base").st_mode));
  char value = 0;
  EXPECT_EQ(::getxattr((made + "/fresh").c_str(), "trusted.overlay.opaque",
                       &value, 1),
            1);
  EXPECT_EQ(image.diff_ids.size(), 2U);
  EXPECT_EQ(image.history.size(), 2U);
}

TEST_F(CreateTest, TheSameTreeGivesTheSameLayer) {
  write("b", "1");
  write("a/c", "2");
  EXPECT_EQ(commit("").diff_ids, commit("").diff_ids);
}

TEST_F(CreateTest, NothingChangedIsNoLayer) {
  write("a", "1");
  const Image base = commit("", "base:1");
  fs::remove(upper_ + "/a");
  const Image image = commit(base.id);
  EXPECT_EQ(image.diff_ids, base.diff_ids);
  ASSERT_EQ(image.history.size(), 2U);
  EXPECT_TRUE(image.history[1].empty_layer);
}

TEST_F(CreateTest, HolesStayHoles) {
  write("sparse", "begin");
  constexpr off_t size = off_t{1} << 34;
  ASSERT_EQ(::truncate((upper_ + "/sparse").c_str(), size), 0);
  const Image image = commit("");
  const auto made = status(top(image) + "/sparse");
  EXPECT_EQ(made.st_size, size);
  EXPECT_LT(made.st_blocks, 1000);
}

TEST_F(CreateTest, SurvivesAnotherStart) {
  write("file", "text");
  const Image image = commit("", "kept:1");
  store_.reset();
  const ImageStore again({folder_.path() + "/data", STAGE04_WORKER});
  EXPECT_TRUE(again.problems().empty());
  ASSERT_TRUE(again.find_stored("kept:1"));
  EXPECT_EQ(again.find_stored("kept:1")->id, image.id);
}

TEST_F(CreateTest, RefusesWhatIsNotThere) {
  EXPECT_THROW(static_cast<void>(commit("nosuch:1")), ImageError);
  EXPECT_THROW(static_cast<void>(commit("", "Bad/NAME")), ImageError);
  EXPECT_TRUE(store_->list().empty());
}

TEST_F(CreateTest, RefusesAnArchiveThatIsNone) {
  write("junk", std::string(100'000, 'j'));
  const auto junk =
      must(sys::open((upper_ + "/junk").c_str(), O_RDONLY), "open");
  const NewImage image{.archive = junk.get(),
                       .config = R"({"architecture":"amd64","os":"linux"})"};
  EXPECT_THROW(static_cast<void>(store_->create(image)), ImageError);
  EXPECT_TRUE(store_->list().empty());
}

}  // namespace
}  // namespace docker_cpp::images
