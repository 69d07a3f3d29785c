// SPDX-License-Identifier: Apache-2.0
#include "layer_apply.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support.hpp"
#include "tar_builder.hpp"

#include "docker_cpp/images/image_error.hpp"

namespace docker_cpp::images {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::UnorderedElementsAre;
using Position = LayerApply::Position;

class LayerApplyTest : public testing::Test {
 protected:
  LayerApplyTest() {
    ::umask(0);  // as the worker's is
    fs::create_directory(dir_ / "fs");
  }

  /// Unpacks; returns the opaque folders.
  std::vector<std::string> apply(const std::string& tar,
                                 Position position = Position::upper) {
    LayerApply layer(*rootfs::RootFd::of(dir_ / "fs"), position);
    TextSource source(tar);
    TarReader reader(source, "layer");
    layer.apply(reader);
    size_ = layer.size();
    return layer.opaque();
  }

  [[nodiscard]] std::string at(const std::string& name) const {
    return dir_ / ("fs/" + name);
  }

  [[nodiscard]] struct stat stat_of(const std::string& name) const {
    struct stat status{};
    EXPECT_EQ(::lstat(at(name).c_str(), &status), 0) << name;
    return status;
  }

  [[nodiscard]] bool is_whiteout(const std::string& name) const {
    const struct stat status = stat_of(name);
    return S_ISCHR(status.st_mode) && status.st_rdev == 0;
  }

  TempDir dir_;
  std::int64_t size_ = 0;
};

TEST_F(LayerApplyTest, KeepsWhatATarCanSay) {
  apply(
      TarBuilder()
          .add({.name = "./", .type = '5', .mode = 0700, .mtime = 7})
          .add({.name = "d", .type = '5', .mode = 01777, .uid = 5, .mtime = 9})
          .add({.name = "d/f", .mode = 04755, .uid = 1, .gid = 2, .mtime = 11},
               "content")
          .hard_link("d/h", "d/f")
          .add({.name = "d/s", .type = '2', .link = "/abs", .uid = 3})
          .add({.name = "d/p", .type = '6', .mode = 0620})
          .add({.name = "d/c",
                .type = '3',
                .mode = 0666,
                .major = 1,
                .minor = 3})
          .add({.name = "d/b", .type = '4', .major = 7, .minor = 9})
          .finish());
  EXPECT_EQ(stat_of("").st_mode & 07777U, 0700U);
  EXPECT_EQ(stat_of("").st_mtime, 7);
  EXPECT_EQ(stat_of("d").st_mode & 07777U, 01777U);
  EXPECT_EQ(stat_of("d").st_mtime, 9);
  const struct stat file = stat_of("d/f");
  EXPECT_EQ(file.st_mode, static_cast<mode_t>(S_IFREG | 04755));
  EXPECT_EQ(file.st_uid, 1U);
  EXPECT_EQ(file.st_gid, 2U);
  EXPECT_EQ(file.st_mtime, 11);
  EXPECT_EQ(file.st_nlink, 2U);
  EXPECT_EQ(read_text(at("d/h")), "content");
  EXPECT_EQ(fs::read_symlink(at("d/s")), "/abs");
  EXPECT_EQ(stat_of("d/s").st_uid, 3U);
  EXPECT_EQ(stat_of("d/p").st_mode, static_cast<mode_t>(S_IFIFO | 0620));
  EXPECT_EQ(stat_of("d/c").st_rdev, makedev(1, 3));
  EXPECT_EQ(stat_of("d/b").st_rdev, makedev(7, 9));
  EXPECT_EQ(size_, 7);
}

TEST_F(LayerApplyTest, KeepsPaxTimesAndAttributes) {
  const std::string capability("\x01\0\0\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
                               20);
  apply(TarBuilder()
            .pax({{"mtime", "1234567890.123456789"},
                  {"SCHILY.xattr.user.color", "blue"},
                  {"SCHILY.xattr.security.capability", capability},
                  {"SCHILY.xattr.trusted.overlay.redirect", "/etc"},
                  {"SCHILY.xattr.user.overlay.opaque", "y"}})
            .file("f")
            .finish());
  EXPECT_EQ(stat_of("f").st_mtim.tv_sec, 1234567890);
  EXPECT_EQ(stat_of("f").st_mtim.tv_nsec, 123456789);
  char value[64];
  EXPECT_EQ(::getxattr(at("f").c_str(), "user.color", value, sizeof value), 4);
  EXPECT_EQ(
      ::getxattr(at("f").c_str(), "security.capability", value, sizeof value),
      20);
  EXPECT_EQ(::getxattr(at("f").c_str(), "trusted.overlay.redirect", value,
                       sizeof value),
            -1);
  EXPECT_EQ(
      ::getxattr(at("f").c_str(), "user.overlay.opaque", value, sizeof value),
      -1);
}

TEST_F(LayerApplyTest, KeepsNamesOfAnyBytes) {
  const std::string long_name(180, 'n');
  apply(TarBuilder()
            .file("sp ace\n\t")
            .file("\xff\xfe")
            .file("\xc3\xa4")
            .pax({{"path", "p/" + long_name + "/\xc3\xa4"}})
            .file("short")
            .file("-rf")
            .finish());
  EXPECT_TRUE(fs::exists(at("sp ace\n\t")));
  EXPECT_TRUE(fs::exists(at("\xff\xfe")));
  EXPECT_TRUE(fs::exists(at("\xc3\xa4")));
  EXPECT_TRUE(fs::exists(at("p/" + long_name + "/\xc3\xa4")));
  EXPECT_TRUE(fs::exists(at("-rf")));
}

TEST_F(LayerApplyTest, MakesFoldersThatTheArchiveLeftOut) {
  apply(TarBuilder().file("a/b/c/f").finish());
  EXPECT_EQ(read_text(at("a/b/c/f")), "x");
  EXPECT_EQ(stat_of("a/b").st_mode & 07777U, 0755U);
}

TEST_F(LayerApplyTest, FollowsLinksInsideTheLayer) {
  apply(TarBuilder()
            .folder("usr")
            .folder("usr/bin")
            .symlink("bin", "/usr/bin")
            .file("bin/tool")
            .finish());
  EXPECT_EQ(read_text(at("usr/bin/tool")), "x");
}

TEST_F(LayerApplyTest, LetsTheLastEntryOfANameWin) {
  apply(TarBuilder()
            .file("a", "1")
            .file("a", "2")
            .folder("b")
            .file("b/inner")
            .file("b", "file now")
            .file("c")
            .folder("c")
            .folder("d", 0700)
            .file("d/stays")
            .folder("d", 0711)
            .finish());
  EXPECT_EQ(read_text(at("a")), "2");
  EXPECT_EQ(read_text(at("b")), "file now");
  EXPECT_TRUE(fs::is_directory(at("c")));
  EXPECT_TRUE(fs::exists(at("d/stays")));
  EXPECT_EQ(stat_of("d").st_mode & 07777U, 0711U);
}

TEST_F(LayerApplyTest, TurnsWhiteoutsIntoWhatOverlayfsReads) {
  const auto opaque = apply(TarBuilder()
                                .file("d/.wh.gone", "")
                                .file("o/.wh..wh..opq", "")
                                .file(".wh.folder", "")
                                .file(".wh..wh.plnk", "")
                                .finish());
  EXPECT_TRUE(is_whiteout("d/gone"));
  EXPECT_TRUE(is_whiteout("folder"));
  EXPECT_THAT(opaque, ElementsAre("o"));
  EXPECT_EQ(std::distance(fs::directory_iterator(at("")), {}), 3);
}

TEST_F(LayerApplyTest, WhiteoutsHideOnlyWhatIsBelow) {
  const auto opaque = apply(TarBuilder()
                                .file("kept", "new")
                                .file(".wh.kept", "")
                                .file(".wh.again", "")
                                .file("again", "made")
                                .file(".wh.tree", "")
                                .folder("tree")
                                .folder("tree2")
                                .file(".wh.tree2", "")
                                .finish());
  EXPECT_EQ(read_text(at("kept")), "new");
  EXPECT_EQ(read_text(at("again")), "made");
  EXPECT_THAT(opaque, UnorderedElementsAre("tree", "tree2"));
}

TEST_F(LayerApplyTest, LowestLayerHasNothingToHide) {
  apply(TarBuilder().file("d/.wh.gone", "").finish(), Position::lowest);
  EXPECT_TRUE(fs::is_empty(at("d")));
}

TEST_F(LayerApplyTest, KeepsHoles) {
  const std::string archive = dir_ / "sparse.tar";
  ASSERT_EQ(shell("cd " + dir_.path() +
                  " && truncate -s 64M holes && echo end >> holes && "
                  "tar --sparse -cf sparse.tar holes"),
            0);
  apply(read_text(archive));
  EXPECT_EQ(stat_of("holes").st_size, (64 << 20) + 4);
  EXPECT_LT(stat_of("holes").st_blocks, 1000);
  EXPECT_EQ(read_text(at("holes")).substr(64 << 20), "end\n");
}

TEST_F(LayerApplyTest, RemovesTreesOfAnyDepth) {
  std::string deep = "top";
  TarBuilder tar;
  for (int i = 0; i < 1500; ++i) {
    deep += "/d";
  }
  tar.pax({{"path", deep + "/f"}}).file("f").file("top", "flat");
  apply(tar.finish());
  EXPECT_EQ(read_text(at("top")), "flat");
}

TEST(CleanEntryName, ResolvesByText) {
  const auto clean = [](std::string_view name) {
    const EntryPath path = clean_entry_name(name);
    return path.parent + "|" + path.leaf;
  };
  EXPECT_EQ(clean("a"), "|a");
  EXPECT_EQ(clean("/a//b/./c/"), "a/b|c");
  EXPECT_EQ(clean("a/../b"), "|b");
  EXPECT_EQ(clean("./"), "|");
  EXPECT_EQ(clean(""), "|");
  EXPECT_EQ(clean("a/.."), "|");
  EXPECT_EQ(clean("..."), "|...");
  EXPECT_THROW(clean_entry_name(".."), ImageError);
  EXPECT_THROW(clean_entry_name("a/../../b"), ImageError);
  EXPECT_THROW(clean_entry_name("/../b"), ImageError);
}

}  // namespace
}  // namespace docker_cpp::images
