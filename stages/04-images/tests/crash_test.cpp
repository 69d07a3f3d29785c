// SPDX-License-Identifier: Apache-2.0
// The store's process is killed at every failpoint that a load, a tag and a
// removal pass; whoever opens the store next finds all of it or nothing, and
// the same request then works.
#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "registry_under_test.hpp"
#include "support.hpp"
#include "tar_builder.hpp"

#include "docker_cpp/images/image_store.hpp"

namespace docker_cpp::images {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;

class CrashTest : public testing::Test {
 protected:
  CrashTest() {
    const std::string lower = TarBuilder().file("a", "1").finish();
    const std::string upper =
        TarBuilder().file("d/.wh..wh..opq", "").file("d/b").finish();
    write_text(root_ / "a.tar", oci_archive({.layers = {lower, upper},
                                             .names = {"one:1", "two:2"}}));
  }

  /// Runs the stage's program on the store; its exit code.
  int program(const std::string& arguments, const std::string& env = "") {
    return shell("STAGE04_ROOT=" + (root_ / "data") + " " + env + " " +
                 STAGE04_PROGRAM + " " + arguments + " >" + (root_ / "out") +
                 " 2>&1");
  }

  /// Each point that an operation passes, and how often.
  std::vector<std::string> points_of(const std::string& arguments) {
    const std::string log = root_ / "points";
    fs::remove(log);
    EXPECT_EQ(program(arguments, "DOCKER_CPP_FAILPOINT_LOG=" + log), 0);
    std::map<std::string, int> passed;
    std::vector<std::string> points;
    std::istringstream lines(read_text(log));
    for (std::string name; std::getline(lines, name);) {
      const int count = ++passed[name];
      points.push_back(name + "=%@" + std::to_string(count));
    }
    return points;
  }

  static std::string armed(std::string point, const std::string& action) {
    point.replace(point.find('%'), 1, action);
    return "DOCKER_CPP_FAILPOINTS='" + point + "'";
  }

  void reset() { fs::remove_all(root_ / "data"); }

  TempDir root_;
};

TEST_F(CrashTest, LoadIsAllOrNothing) {
  const auto points = points_of("load " + (root_ / "a.tar"));
  EXPECT_GE(points.size(), 16U);
  int kept = 0;
  for (const std::string& point : points) {
    reset();
    EXPECT_EQ(program("load " + (root_ / "a.tar"), armed(point, "kill")), 137)
        << point;
    ImageStore store(options_for(root_));
    EXPECT_THAT(store.problems(), IsEmpty()) << point;
    expect_clean(store, root_.path());
    const bool one = store.find("one:1").has_value();
    EXPECT_EQ(one, store.find("two:2").has_value()) << point;
    kept += one ? 1 : 0;
    EXPECT_EQ(program("load " + (root_ / "a.tar")), 0) << point;
    EXPECT_TRUE(ImageStore(options_for(root_)).find("one:1")) << point;
  }
  EXPECT_GT(kept, 0);
  EXPECT_LT(kept, 4);  // only after the index has been renamed
}

TEST_F(CrashTest, LoadThatFailsLeavesNothing) {
  const auto start_anew = [&] {
    reset();
    const ImageStore fresh(options_for(root_));
  };
  start_anew();
  for (const std::string& point : points_of("load " + (root_ / "a.tar"))) {
    if (point.starts_with("image.load.done")) {
      continue;  // all is done by then
    }
    start_anew();
    EXPECT_EQ(
        program("load " + (root_ / "a.tar"), armed(point, "error(ENOSPC)")),
        125)
        << point;
    EXPECT_THAT(read_text(root_ / "out"), HasSubstr("No space left on device"))
        << point;
    ImageStore store(options_for(root_));
    expect_clean(store, root_.path());
    EXPECT_EQ(program("load " + (root_ / "a.tar")), 0) << point;
  }
}

TEST_F(CrashTest, PullIsAllOrNothingAndTheNextGoesOn) {
  const RegistryUnderTest registry;
  const std::string name = registry.host() + "/x:1";
  auto points = points_of("pull " + name);
  EXPECT_GE(points.size(), 12U);
  // Those of the worker, which may not write to the log of points.
  points.insert(points.end(), {"image.pull.layer=%@1", "image.pull.piece=%@1",
                               "image.pull.piece=%@3"});
  int resumed = 0;
  for (const std::string& point : points) {
    reset();
    EXPECT_NE(program("pull " + name, armed(point, "kill")), 0) << point;
    ImageStore store(options_for(root_));
    EXPECT_THAT(store.problems(), IsEmpty()) << point;
    expect_clean(store, root_.path());
    const std::size_t before = registry.asked("range=bytes=");
    EXPECT_EQ(program("pull " + name), 0) << point;
    resumed += registry.asked("range=bytes=") > before ? 1 : 0;
    EXPECT_TRUE(ImageStore(options_for(root_)).find(name)) << point;
  }
  EXPECT_GE(resumed, 1);
}

TEST_F(CrashTest, TagIsAllOrNothing) {
  ASSERT_EQ(program("load " + (root_ / "a.tar")), 0);
  for (const std::string& point : points_of("tag one:1 three:3")) {
    reset();
    ASSERT_EQ(program("load " + (root_ / "a.tar")), 0);
    EXPECT_EQ(program("tag one:1 three:3", armed(point, "kill")), 137);
    ImageStore store(options_for(root_));
    EXPECT_THAT(store.problems(), IsEmpty()) << point;
    EXPECT_TRUE(store.find("one:1")) << point;
    EXPECT_EQ(program("tag one:1 three:3"), 0) << point;
  }
}

TEST_F(CrashTest, RemoveIsAllOrNothing) {
  ASSERT_EQ(program("load " + (root_ / "a.tar")), 0);
  ASSERT_EQ(program("rm one:1"), 0);
  const auto points = points_of("rm two:2");
  EXPECT_GE(points.size(), 5U);
  for (const std::string& point : points) {
    reset();
    ASSERT_EQ(program("load " + (root_ / "a.tar")), 0);
    ASSERT_EQ(program("rm one:1"), 0);
    EXPECT_EQ(program("rm two:2", armed(point, "kill")), 137);
    ImageStore store(options_for(root_));
    EXPECT_THAT(store.problems(), IsEmpty()) << point;
    expect_clean(store, root_.path());
    EXPECT_EQ(program("load " + (root_ / "a.tar")), 0) << point;
  }
}

}  // namespace
}  // namespace docker_cpp::images
