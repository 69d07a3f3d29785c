// SPDX-License-Identifier: Apache-2.0
// Archives that other tools write, and our layout as other tools read it.
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support.hpp"

#include "docker_cpp/images/image_store.hpp"

namespace docker_cpp::images {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class InteropTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!have({"skopeo", "umoci"})) {
      ASSERT_EQ(std::getenv("DOCKER_CPP_REQUIRE_ALL"), nullptr)
          << "skopeo and umoci are not installed";
      GTEST_SKIP() << "skopeo and umoci are not installed";
    }
    ASSERT_TRUE(store_.find("busybox"));
  }

  static void run(const std::string& command) {
    ASSERT_EQ(shell(command + " >/dev/null"), 0) << command;
  }

  std::vector<std::string> load(const std::string& path) {
    return store_.load(readable(read_text(path)).get());
  }

  TempDir root_;
  ImageStore store_{options_for(root_)};
  std::string ours_ =
      "oci:" + (root_ / "data/images") + ":docker.io/library/busybox:latest";
};

TEST_F(InteropTest, SkopeoReadsOurLayoutAndWeItsArchives) {
  run("skopeo --insecure-policy copy -q " + ours_ +
      " docker-archive:" + (root_ / "d.tar") + ":copied/docker:1");
  EXPECT_THAT(load(root_ / "d.tar"), ElementsAre("copied/docker:1"));
  EXPECT_EQ(store_.find("copied/docker:1")->chain_ids,
            store_.find("busybox")->chain_ids);
  run("skopeo --insecure-policy copy -q " + ours_ +
      " oci-archive:" + (root_ / "o.tar") + ":copied/oci:1");
  EXPECT_THAT(load(root_ / "o.tar"), ElementsAre("copied/oci:1"));
  EXPECT_EQ(store_.find("copied/oci:1")->id, store_.find("busybox")->id);
  run("skopeo --insecure-policy copy -q --dest-compress-format zstd " + ours_ +
      " oci-archive:" + (root_ / "z.tar") + ":copied/zstd:1");
  EXPECT_THAT(load(root_ / "z.tar"), ElementsAre("copied/zstd:1"));
  run("skopeo --insecure-policy copy -q --format v2s2 " + ours_ +
      " dir:" + (root_ / "dir"));
}

TEST_F(InteropTest, UmociAddsALayerWithWhiteouts) {
  const std::string image = " --image " + (root_ / "layout:new");
  run("skopeo --insecure-policy copy -q " + ours_ +
      " oci:" + (root_ / "layout") + ":new");
  run("umoci unpack --rootless" + image + " " + (root_ / "bundle"));
  const std::string rootfs = root_ / "bundle/rootfs";
  run("rm -r " + rootfs + "/etc/group " + rootfs + "/var/log");
  write_text(rootfs + "/added", "hi\n");
  run("umoci repack" + image + " " + (root_ / "bundle"));
  run("umoci config" + image + " --config.user 7:8");
  run("skopeo --insecure-policy copy -q oci:" + (root_ / "layout:new") +
      " docker-archive:" + (root_ / "n.tar") + ":umoci:new");
  EXPECT_THAT(load(root_ / "n.tar"), ElementsAre("umoci:new"));
  const Image changed = *store_.find("umoci:new");
  EXPECT_EQ(changed.config.user, "7:8");
  ASSERT_EQ(changed.chain_ids.size(), 2U);
  const std::string top = store_.layer_directories(changed).at(0);
  EXPECT_EQ(read_text(top + "/added"), "hi\n");
  struct stat status{};
  ASSERT_EQ(::lstat((top + "/etc/group").c_str(), &status), 0);
  EXPECT_TRUE(S_ISCHR(status.st_mode));
}

TEST_F(InteropTest, UmociReadsOurLayout) {
  run("umoci stat --image " + (root_ / "data/images") +
      ":docker.io/library/busybox:latest");
}

}  // namespace
}  // namespace docker_cpp::images
