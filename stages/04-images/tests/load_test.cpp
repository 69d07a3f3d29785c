// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <sys/xattr.h>

#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support.hpp"
#include "tar_builder.hpp"

#include "docker_cpp/images/digest.hpp"
#include "docker_cpp/images/image_store.hpp"
#include "docker_cpp/images/manifest.hpp"

namespace docker_cpp::images {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class LoadTest : public testing::Test {
 protected:
  std::vector<std::string> load(const std::string& archive) {
    return store_.load(readable(archive).get());
  }
  std::string below(const Image& image, std::size_t layer,
                    const std::string& name) {
    return store_.layer_directories(image).at(layer) + "/" + name;
  }

  TempDir root_;
  ImageStore store_{options_for(root_)};
  std::string lower_ = TarBuilder().file("a", "1").file("d/b", "2").finish();
  std::string upper_ = TarBuilder()
                           .file(".wh.a", "")
                           .file("d/.wh..wh..opq", "")
                           .file("d/c", "345")
                           .finish();
};

TEST_F(LoadTest, OciArchive) {
  EXPECT_THAT(load(oci_archive({.layers = {lower_, upper_},
                                .names = {"test/image:1", "other:2"}})),
              ElementsAre("test/image:1", "other:2"));
  const Image image = *store_.find("test/image:1");
  EXPECT_THAT(image.repo_tags, ElementsAre("other:2", "test/image:1"));
  EXPECT_EQ(image.size, 5);
  EXPECT_EQ(read_text(below(image, 1, "d/b")), "2");
  EXPECT_EQ(read_text(below(image, 0, "d/c")), "345");
  struct stat whiteout{};
  ASSERT_EQ(::lstat(below(image, 0, "a").c_str(), &whiteout), 0);
  EXPECT_TRUE(S_ISCHR(whiteout.st_mode));
  char value = 0;
  EXPECT_EQ(::getxattr(below(image, 0, "d").c_str(), "trusted.overlay.opaque",
                       &value, 1),
            1);
  expect_clean(store_, root_.path());
}

TEST_F(LoadTest, DockerArchive) {
  EXPECT_THAT(load(docker_archive({.layers = {lower_, upper_}})),
              ElementsAre("test/image:1"));
  const Image image = *store_.find("test/image:1");
  EXPECT_EQ(image.id, Digest::of(config_for({lower_, upper_})).text());
  EXPECT_EQ(read_text(below(image, 1, "a")), "1");
  expect_clean(store_, root_.path());
}

TEST_F(LoadTest, CompressedOutsideAndInside) {
  const std::string packed = gzipped(lower_);
  const std::string archive = oci_archive(
      {.layers = {packed, zstd_compressed(upper_)},
       .plain = {lower_, upper_},
       .layer_type = "application/vnd.oci.image.layer.v1.tar+gzip"});
  EXPECT_THAT(load(gzipped(archive)), ElementsAre("test/image:1"));
  EXPECT_THAT(load(zstd_compressed(docker_archive({.layers = {lower_}}))),
              ElementsAre("test/image:1"));
}

TEST_F(LoadTest, FromAPipe) {
  const std::string path = root_ / "a.tar";
  write_text(path, oci_archive({.layers = {lower_}}));
  FILE* pipe = ::popen(("cat " + path).c_str(), "re");
  ASSERT_NE(pipe, nullptr);
  EXPECT_THAT(store_.load(::fileno(pipe)), ElementsAre("test/image:1"));
  ::pclose(pipe);
}

TEST_F(LoadTest, WithoutANameGivesTheId) {
  const std::string id = Digest::of(config_for({lower_})).text();
  EXPECT_THAT(load(oci_archive({.layers = {lower_}, .names = {}})),
              ElementsAre(id));
  EXPECT_THAT(load(docker_archive({.layers = {lower_}, .names = {}})),
              ElementsAre(id));
  EXPECT_TRUE(store_.find(id.substr(7, 12))->repo_tags.empty());
}

TEST_F(LoadTest, ABareTagIsNoName) {
  EXPECT_THAT(load(oci_archive({.layers = {lower_}, .names = {"latest"}})),
              ElementsAre(testing::StartsWith("sha256:")));
}

TEST_F(LoadTest, SharedLayersAreUnpackedOnce) {
  load(oci_archive({.layers = {lower_}, .names = {"one:1"}}));
  const Image one = *store_.find("one:1");
  write_text(below(one, 0, "mark"), "here before");
  load(oci_archive({.layers = {lower_, upper_}, .names = {"two:1"}}));
  EXPECT_TRUE(fs::exists(below(*store_.find("two:1"), 1, "mark")));
}

TEST_F(LoadTest, TakesTheNameFromAnOlderImage) {
  load(oci_archive({.layers = {lower_}}));
  const std::string old_id = store_.find("test/image:1")->id;
  load(oci_archive({.layers = {upper_}}));
  EXPECT_NE(store_.find("test/image:1")->id, old_id);
  EXPECT_TRUE(store_.find(old_id)->repo_tags.empty());
}

TEST_F(LoadTest, IndexOfSeveralPlatformsGivesOurs) {
  // Ours is the second; a third is listed, but not in the archive.
  const std::string plain = oci_archive({.layers = {lower_}, .names = {}});
  ASSERT_EQ(shell("mkdir " + (root_ / "x")), 0);
  write_text(root_ / "x.tar", plain);
  ASSERT_EQ(shell("tar -C " + (root_ / "x") + " -xf " + (root_ / "x.tar")), 0);
  using Json = nlohmann::json;
  Json index = Json::parse(read_text(root_ / "x/index.json"));
  Json ours = index["manifests"][0];
  ours["platform"] = {{"os", "linux"}, {"architecture", host_architecture()}};
  Json other = ours;
  other["digest"] = Digest::of("not here").text();
  other["platform"]["architecture"] = "s390x";
  index["manifests"] = {other, ours};
  const std::string inner = index.dump();
  write_text(root_ / ("x/blobs/sha256/" + Digest::of(inner).hex()), inner);
  index["manifests"] = {{{"mediaType", media_type::oci_index},
                         {"digest", Digest::of(inner).text()},
                         {"size", inner.size()},
                         {"annotations", {{annotation::ref_name, "multi:1"}}}}};
  write_text(root_ / "x/index.json", index.dump());
  ASSERT_EQ(shell("tar -C " + (root_ / "x") + " -cf " + (root_ / "y.tar . ")),
            0);
  EXPECT_THAT(load(read_text(root_ / "y.tar")), ElementsAre("multi:1"));
}

TEST_F(LoadTest, AContainerSeesTheLayersStacked) {
  const std::string below =
      TarBuilder()
          .add({.name = "bin/busybox", .mode = 0755}, read_text("/bin/busybox"))
          .folder("proc")
          .folder("dev")
          .folder("sys")
          .file("gone")
          .file("hidden/below")
          .file("kept/below")
          .finish();
  const std::string above = TarBuilder()
                                .file(".wh.gone", "")
                                .file("hidden/.wh..wh..opq", "")
                                .file("hidden/above")
                                .file("kept/above")
                                .finish();
  write_text(root_ / "a.tar", oci_archive({.layers = {below, above}}));
  const std::string program =
      "STAGE04_ROOT=" + (root_ / "run") + " " + STAGE04_PROGRAM;
  ASSERT_EQ(shell(program + " load " + (root_ / "a.tar") + " >/dev/null"), 0);
  EXPECT_EQ(shell(program + " run test/image:1 /bin/busybox sh -c '"
                            "[ ! -e /gone ] && [ ! -e /hidden/below ] && "
                            "[ -e /hidden/above ] && [ -e /kept/below ] && "
                            "[ -e /kept/above ] && exit 42'"),
            42);
}

TEST_F(LoadTest, ArchivesFromBeforeDocker110) {
  const std::string base(64, 'b');
  const std::string top(64, 'a');
  TarBuilder tar;
  tar.file(base + "/json", R"({"id":")" + base + R"(","os":"linux"})");
  tar.file(base + "/layer.tar", lower_);
  tar.file(top + "/json", R"({"id":")" + top + R"(","parent":")" + base +
                              R"(","os":"linux","config":{"Cmd":["x"]},)" +
                              R"("container_config":{"Cmd":["RUN","y"]}})");
  tar.file(top + "/layer.tar", upper_);
  tar.file("repositories", R"({"old/one":{"v1":")" + top + R"("}})");
  EXPECT_THAT(load(tar.finish()), ElementsAre("old/one:v1"));
  const Image image = *store_.find("old/one:v1");
  EXPECT_EQ(image.chain_ids.size(), 2U);
  EXPECT_EQ(image.config.cmd->at(0), "x");
  EXPECT_EQ(image.history.at(1).created_by, "RUN y");
}

TEST_F(LoadTest, LayersLinkedWithinADockerArchive) {
  const std::string config = config_for({lower_, lower_});
  const std::string name = Digest::of(config).hex() + ".json";
  const std::string archive =
      TarBuilder()
          .file("one/layer.tar", lower_)
          .symlink("two/layer.tar", "../one/layer.tar")
          .file(name, config)
          .file("manifest.json",
                R"([{"Config":")" + name +
                    R"(","RepoTags":null,"Layers":["one/layer.tar",)" +
                    R"("two/layer.tar"]}])")
          .finish();
  EXPECT_EQ(load(archive).size(), 1U);
}

}  // namespace
}  // namespace docker_cpp::images
