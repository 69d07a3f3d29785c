// SPDX-License-Identifier: Apache-2.0
// Writable layers: what they changed, and what becomes of them when they are
// frozen.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "docker_cpp/rootfs/changes.hpp"
#include "docker_cpp/rootfs/frozen_layer.hpp"
#include "docker_cpp/rootfs/overlay.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"
#include "docker_cpp/testing/temporary_directory.hpp"

namespace docker_cpp::rootfs {
namespace {

namespace fs = std::filesystem;
using ::testing::IsEmpty;

std::string shown(const std::vector<Change>& changes) {
  std::string text;
  for (const Change& change : changes) {
    text += text.empty() ? "" : " ";
    text += "CAD"[static_cast<int>(change.kind)];
    text += change.path;
  }
  return text;
}

/// An image of a few files, and writable layers on it.
class LayersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    write(image_ + "/kept", "1");
    write(image_ + "/d/x", "1");
    write(image_ + "/d/y", "1");
  }

  static void write(const std::string& path, const std::string& text) {
    fs::create_directories(fs::path(path).parent_path());
    std::ofstream(path) << text;
  }

  /// A folder as a container has it: upper and work.
  std::string home(const std::string& name) {
    directory_.folder(name + "/upper");
    directory_.folder(name + "/work");
    return directory_ / name;
  }

  RootFd mounted(const std::string& home,
                 std::vector<std::string> frozen = {}) const {
    frozen.push_back(image_);
    return RootFd(mount_overlay({.lower = std::move(frozen),
                                 .upper = home + "/upper",
                                 .work = home + "/work"}));
  }

  RootFd lower(std::vector<std::string> frozen = {}) const {
    frozen.push_back(image_);
    return RootFd(mount_overlay({.lower = std::move(frozen)}));
  }

  std::vector<Change> changes(const std::string& home,
                              std::vector<std::string> frozen = {}) const {
    return overlay_changes(must(RootFd::of(home + "/upper"), "open"),
                           lower(std::move(frozen)));
  }

  /// The path of the frozen layer.
  std::string freeze(const std::string& home, const std::string& name) {
    const std::string place = directory_.folder(name);
    directory_.folder(name + "/fs");
    copy_top(must(RootFd::of(home + "/upper"), "open"),
             must(RootFd::of(place + "/fs"), "open"));
    const auto from = must(sys::open(home.c_str(), O_RDONLY), "open");
    const auto to = must(sys::open(place.c_str(), O_RDONLY), "open");
    freeze_layer(from.get(), to.get());
    return place + "/fs";
  }

  testing::TemporaryDirectory directory_;
  std::string image_ = directory_.folder("image");
};

TEST_F(LayersTest, TellAddedChangedAndDeletedApart) {
  const std::string c = home("c");
  {
    const RootFd root = mounted(c);
    must(root.make_directories("new"), "make");
    must(root.write_file("new/file", "x"), "write");
    must(root.write_file("d/x", "2"), "write");
    must(root.remove("d/y"), "remove");
    must(root.set_mode("kept", 0600), "chmod");
  }
  EXPECT_EQ(shown(changes(c)), "C/d C/d/x D/d/y C/kept A/new A/new/file");
}

TEST_F(LayersTest, AFolderMadeAnewHidesWhatWasInIt) {
  const std::string c = home("c");
  {
    const RootFd root = mounted(c);
    must(root.remove_tree("d"), "remove");
    must(root.make_directories("d"), "make");
    must(root.write_file("d/x", "2"), "write");
  }
  EXPECT_EQ(shown(changes(c)), "C/d A/d/x D/d/y");
}

TEST_F(LayersTest, AFrozenLayerShowsTheSameAndIsNotWrittenAnyMore) {
  const std::string c = home("c");
  {
    const RootFd root = mounted(c);
    must(root.write_file("kept", "2"), "write");
    must(root.remove_tree("d"), "remove");
    must(root.make_directories("d"), "make");
    must(root.set_mode("/", 0700), "chmod");
  }
  const std::string frozen = freeze(c, "s");
  EXPECT_TRUE(fs::is_empty(c + "/upper"));
  const RootFd source = mounted(c, {frozen});
  const std::string clone = home("clone");
  fs::permissions(clone + "/upper", fs::perms::owner_all);
  const RootFd copy = mounted(clone, {frozen});
  for (const RootFd* root : {&source, &copy}) {
    EXPECT_EQ(root->read_file("kept").value_or("?"), "2");
    EXPECT_THAT(must(root->list("d"), "list"), IsEmpty());
    EXPECT_EQ(must(root->stat("/"), "stat").st_mode & 07777, 0700U);
  }
  must(source.write_file("kept", "of the source"), "write");
  must(copy.write_file("d/own", "of the clone"), "write");
  EXPECT_EQ(copy.read_file("kept").value_or("?"), "2");
  EXPECT_FALSE(source.exists("d/own"));
}

TEST_F(LayersTest, ACopiedLayerIsOfItsMoment) {
  const std::string c = home("c");
  const RootFd root = mounted(c);
  must(root.write_file("kept", "2"), "write");
  must(root.remove("d/x"), "remove");
  must(root.remove_tree("d/y"), "remove");
  const std::string frozen = directory_.folder("copy");
  copy_layer(must(RootFd::of(c + "/upper"), "open"),
             must(RootFd::of(frozen), "open"));
  must(root.write_file("kept", "3"), "write");
  const RootFd copy = lower({frozen});
  EXPECT_EQ(copy.read_file("kept").value_or("?"), "2");
  EXPECT_FALSE(copy.exists("d/x"));
}

TEST_F(LayersTest, ManyLayersHaveOneNetChange) {
  const std::string c = home("c");
  {
    const RootFd root = mounted(c);
    must(root.remove_tree("d"), "remove");
    must(root.write_file("passing", "x"), "write");
    must(root.write_file("kept", "2"), "write");
  }
  const auto first = changes(c);
  const std::string frozen = freeze(c, "s");
  {
    const RootFd root = mounted(c, {frozen});
    must(root.make_directories("d"), "make");
    must(root.write_file("d/x", "again"), "write");
    must(root.remove("passing"), "remove");
    must(root.write_file("late", "x"), "write");
  }
  const auto second = changes(c, {frozen});
  EXPECT_EQ(shown(net_changes({first, second}, mounted(c, {frozen}), lower())),
            "C/d C/d/x D/d/y C/kept A/late");
}

}  // namespace
}  // namespace docker_cpp::rootfs
