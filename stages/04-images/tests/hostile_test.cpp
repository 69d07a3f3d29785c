// SPDX-License-Identifier: Apache-2.0
// Archives made to do harm: what they name outside of the layer stays as it
// was, to the time stamp; what is wrong in them is named; nothing is kept.
#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "byte_source.hpp"
#include "support.hpp"
#include "tar_builder.hpp"

#include "docker_cpp/images/digest.hpp"
#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/images/image_store.hpp"

namespace docker_cpp::images {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

enum class Outcome { refused, confined };

struct Hostile {
  const char* what;
  Outcome outcome;
  std::string layer;
};

/// `out` is an absolute path of the canary; `up` leads there by dots.
std::vector<Hostile> corpus(const std::string& out) {
  std::string up;
  for (int i = 0; i < 40; ++i) {
    up += "../";
  }
  up += out.substr(1);
  const auto tar = [] {
    return TarBuilder();
  };
  using enum Outcome;
  return {
      {"dots", refused, tar().file("../x").finish()},
      {"dots to the canary", refused, tar().file(up + "/file").finish()},
      {"dots inside", refused, tar().file("a/../../x").finish()},
      {"dots after a slash", refused, tar().file("/../x").finish()},
      {"only dots", refused, tar().folder("..").finish()},
      {"dots by pax", refused,
       tar().pax({{"path", up + "/file"}}).file("x").finish()},
      {"absolute name", confined, tar().file(out + "/file", "evil").finish()},
      {"absolute folder", confined, tar().folder(out, 0777).finish()},
      {"absolute whiteout", confined,
       tar().file(out + "/.wh.file", "").finish()},
      {"absolute opaque", confined,
       tar().file(out + "/.wh..wh..opq", "").finish()},
      {"link, then through it", confined,
       tar().symlink("l", out).file("l/file", "evil").finish()},
      {"link by dots, then through it", confined,
       tar().symlink("l", up).file("l/file", "evil").finish()},
      {"link to root, then through it", confined,
       tar().symlink("l", "/").file("l" + out + "/file", "evil").finish()},
      {"link to dots, then through it", confined,
       tar().symlink("l", "../../..").file("l" + out + "/file").finish()},
      {"links through links", confined,
       tar()
           .symlink("a", "b")
           .symlink("b", "c")
           .symlink("c", out)
           .file("a/file")
           .finish()},
      {"a loop of links", refused,
       tar().symlink("a", "b").symlink("b", "a").file("a/x").finish()},
      {"link in a folder made through a link", confined,
       tar().folder("d").symlink("d/up", "..").file("d/up/d/up/x").finish()},
      {"file through a link of its own name", confined,
       tar().symlink("l", out + "/file").file("l", "evil").finish()},
      {"folder over a link", confined,
       tar().symlink("l", out).folder("l", 0777).file("l/file").finish()},
      {"device over a link", confined,
       tar()
           .symlink("l", out + "/file")
           .add({.name = "l", .type = '3', .major = 1, .minor = 3})
           .finish()},
      {"hard link by an absolute name", refused,
       tar().hard_link("h", out + "/file").finish()},
      {"hard link by dots", refused,
       tar().hard_link("h", up + "/file").finish()},
      {"hard link through a link", refused,
       tar().symlink("l", out).hard_link("h", "l/file").finish()},
      {"hard link to a link, then written", confined,
       tar()
           .symlink("l", out + "/file")
           .hard_link("h", "l")
           .file("h", "evil")
           .finish()},
      {"hard link to nothing", refused, tar().hard_link("h", "no").finish()},
      {"hard link to a folder", refused,
       tar().folder("d").hard_link("h", "d").finish()},
      {"hard link to the root", refused, tar().hard_link("h", "/").finish()},
      {"hard link over the root", refused, tar().hard_link(".", "a").finish()},
      {"hard link to itself", confined,
       tar().file("f").hard_link("f", "./f").finish()},
      {"whiteout through a link", confined,
       tar().symlink("l", out).file("l/.wh.file", "").finish()},
      {"opaque through a link", confined,
       tar().symlink("l", out).file("l/.wh..wh..opq", "").finish()},
      {"opaque, then the folder becomes a link", confined,
       tar().file("d/.wh..wh..opq", "").symlink("d", out).finish()},
      {"whiteout of dots", refused, tar().file(".wh...", "").finish()},
      {"whiteout of a dot", refused, tar().file(".wh..", "").finish()},
      {"whiteout of nothing", refused, tar().file(".wh.", "").finish()},
      {"the root as a link", refused, tar().symlink(".", out).finish()},
      {"the root as a file", refused, tar().file("./", "x").file("").finish()},
      {"file, then as a folder", refused, tar().file("f").file("f/x").finish()},
      {"folder becomes a link while in use", confined,
       tar()
           .folder("d")
           .file("d/1")
           .symlink("d", out)
           .file("d/file", "evil")
           .finish()},
      {"device, then through it", refused,
       tar().add({.name = "n", .type = '3'}).file("n/x").finish()},
      {"fifo, then written", confined,
       tar().add({.name = "p", .type = '6'}).file("p", "data").finish()},
      {"name too long", refused,
       tar().pax({{"path", std::string(300, 'n')}}).file("x").finish()},
      {"path too long", refused,
       tar()
           .pax({{"path",
                  [] {
                    std::string path;
                    for (int i = 0; i < 3000; ++i) {
                      path += "d/";
                    }
                    return path + "f";
                  }()}})
           .file("x")
           .finish()},
      {"owner out of range", refused,
       tar().pax({{"uid", "4294967295"}}).file("x").finish()},
      {"negative owner", refused,
       tar().pax({{"uid", "-1"}}).file("x").finish()},
      {"attribute that steers overlayfs", confined,
       tar()
           .pax({{"SCHILY.xattr.trusted.overlay.redirect", out}})
           .folder("d")
           .finish()},
      {"cut in the data", refused,
       tar().file("x", std::string(4096, 'x')).finish().substr(0, 1024)},
      {"cut in a header", refused, tar().file("x").finish().substr(0, 200)},
      {"bad checksum", refused,
       [] {
         std::string bytes = TarBuilder().file("x").file("y").finish();
         bytes[1024] = 'Z';
         return bytes;
       }()},
      {"not a tar", refused, std::string(10'000, 'q')},
      {"zeros after the end", confined,
       tar().file("x").finish() + std::string(100'000, '\0')},
      {"size beyond reason", refused,
       [] {
         std::string bytes = TarBuilder()
                                 .pax({{"size", "9223372036854775807"}})
                                 .file("x")
                                 .finish();
         return bytes;
       }()},
  };
}

class HostileTest : public testing::Test {
 protected:
  HostileTest() {
    fs::create_directory(canary_);
    write_text(canary_ + "/file", "untouched");
    fs::create_directory(canary_ + "/folder");
    fs::create_symlink("file", canary_ + "/link");
  }

  TempDir root_;
  std::string canary_ = root_ / "canary";
};

TEST_F(HostileTest, LayersAreConfinedOrRefused) {
  const TreeState before = state_of(canary_);
  int turn = 0;
  for (const Hostile& one : corpus(canary_)) {
    // The two formats in turn: the layers are unpacked by the same code.
    const ArchiveParts parts{.layers = {one.layer}};
    const std::string archive =
        ++turn % 2 == 0 ? oci_archive(parts) : docker_archive(parts);
    ImageStore store(options_for(root_));
    const std::string error = load_error(store, archive);
    EXPECT_EQ(error.empty(), one.outcome == Outcome::confined)
        << one.what << ": " << error;
    EXPECT_EQ(state_of(canary_), before) << one.what;
    if (error.empty()) {
      store.remove("test/image:1");
    }
    EXPECT_TRUE(store.list().empty()) << one.what;
    expect_clean(store, root_.path());
  }
}

/// The canary can tell: an unpacker that trusts names does touch it.
TEST_F(HostileTest, CanaryNoticesAnUnpackerThatTrustsNames) {
  const TreeState before = state_of(canary_);
  write_text(root_ / "t.tar",
             TarBuilder().file(canary_ + "/file", "evil").finish());
  ASSERT_EQ(shell("tar -P -xf " + (root_ / "t.tar")), 0);
  EXPECT_NE(state_of(canary_), before);
}

TEST_F(HostileTest, NamesOfTheArchiveItselfNeverBecomePaths) {
  const TreeState before = state_of(canary_);
  const std::string layer = TarBuilder().file("f").finish();
  for (const std::string& name :
       {canary_ + "/file", std::string("../../../canary/file"),
        std::string("blobs/sha256/../../../canary/file")}) {
    ImageStore store(options_for(root_));
    const std::string archive =
        TarBuilder().file(name, "evil").symlink("l", canary_).finish();
    const std::string whole = archive.substr(0, archive.size() - 1024) +
                              oci_archive({.layers = {layer}});
    static_cast<void>(load_error(store, whole));
    EXPECT_EQ(state_of(canary_), before) << name;
  }
}

struct Damage {
  const char* what;
  std::string archive;
  const char* sentence;
};

TEST_F(HostileTest, DamageIsNamedAndNothingIsKept) {
  const std::string layer = TarBuilder().file("f", "content").finish();
  const std::string other = TarBuilder().file("g", "content").finish();
  const std::string good = oci_archive({.layers = {layer}});
  const std::string wrong_layer =
      oci_archive({.layers = {layer}, .plain = {other}});
  std::string flipped = good;
  flipped[flipped.find("content")] ^= 1;
  const Damage table[] = {
      {"empty", "", "the archive is empty"},
      {"zeros", std::string(1024, '\0'), "the archive is empty"},
      {"garbage", "hello, this is no archive", "the archive is damaged"},
      {"cut", good.substr(0, good.size() - 2000), "damaged"},
      {"flipped bit in a layer", flipped,
       "is damaged: its content has the digest"},
      {"another layer than promised", wrong_layer, "is damaged: it unpacks to"},
      {"no image at all", TarBuilder().file("x").finish(),
       "neither of `docker save` nor an OCI image layout"},
      {"empty manifest.json", TarBuilder().file("manifest.json", "").finish(),
       "manifest.json is damaged"},
      {"no images in it", TarBuilder().file("manifest.json", "[]").finish(),
       "holds no image"},
      {"config missing",
       TarBuilder()
           .file("manifest.json", R"([{"Config":"c.json","Layers":[]}])")
           .finish(),
       "'c.json' is missing from the archive"},
      {"bad name", oci_archive({.layers = {layer}, .names = {"ok:1"}}), ""},
      {"gzip cut",
       [&] {
         const std::string packed = gzipped(good);
         return packed.substr(0, packed.size() / 2);
       }(),
       "damaged"},
  };
  for (const Damage& one : table) {
    ImageStore store(options_for(root_));
    const std::string error = load_error(store, one.archive);
    EXPECT_THAT(error, HasSubstr(one.sentence)) << one.what;
    if (*one.sentence != '\0') {
      EXPECT_TRUE(store.list().empty()) << one.what;
      expect_clean(store, root_.path());
    } else {
      store.remove("ok:1");
    }
  }
}

TEST_F(HostileTest, ADockerNameThatIsNoNameIsRefused) {
  ImageStore store(options_for(root_));
  const std::string layer = TarBuilder().file("f").finish();
  EXPECT_THAT(load_error(store, docker_archive({.layers = {layer},
                                                .names = {"../../x:1"}})),
              HasSubstr("image name '../../x:1'"));
  expect_clean(store, root_.path());
}

TEST_F(HostileTest, EveryCutOfAnArchiveIsHandled) {
  const std::string layer = TarBuilder().file("f", "content").finish();
  const std::string good = oci_archive({.layers = {layer}});
  const std::size_t content = good.size() - 1024;  // without the end blocks
  ImageStore store(options_for(root_));
  for (std::size_t size = 0; size < content; size += 700) {
    EXPECT_NE(load_error(store, good.substr(0, size)), "") << size;
  }
  expect_clean(store, root_.path());
}

TEST(ExpansionTest, WhatGrowsTooMuchIsABomb) {
  const auto unpack = [](const std::string& packed, ExpansionLimit limit) {
    TextSource source(packed);
    Decompressed plain(source, "the layer", limit);
    return plain.finish();
  };
  const std::string bomb = gzipped(std::string(8 << 20, '\0'));
  const ExpansionLimit strict{.times = 100, .beyond = 1 << 20};
  try {
    unpack(bomb, strict);
    FAIL() << "should have been refused";
  } catch (const ImageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("the layer unpacks to more than 100 "
                                        "times its size"));
  }
  // Little, or dense, or not packed at all is no bomb.
  EXPECT_NO_THROW(unpack(bomb, {.times = 100, .beyond = 64 << 20}));
  EXPECT_NO_THROW(unpack(bomb, {.times = 2000, .beyond = 0}));
  EXPECT_NO_THROW(unpack(std::string(8 << 20, '\0'), strict));
  EXPECT_NO_THROW(unpack(bomb, {}));
}

TEST_F(HostileTest, ABombEndsInAnError) {
  // 8 GiB of nested zeros would fill the disk: a JSON of them must not be
  // read whole.
  ImageStore store(options_for(root_));
  const std::string huge(9 << 20, ' ');
  EXPECT_THAT(load_error(store, TarBuilder()
                                    .file("oci-layout", "{}")
                                    .file("index.json", huge)
                                    .finish()),
              HasSubstr("index.json is larger than"));
  EXPECT_THAT(
      load_error(store, TarBuilder()
                            .file("manifest.json", std::string(200'000, '['))
                            .finish()),
      HasSubstr("nested too deeply"));
  expect_clean(store, root_.path());
}

}  // namespace
}  // namespace docker_cpp::images
