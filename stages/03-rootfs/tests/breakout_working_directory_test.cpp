// SPDX-License-Identifier: Apache-2.0
// A working directory outside of the root is a door to the host: an image may
// name /proc/self/fd/N, where N is a directory that the engine has left open
// (CVE-2024-21626).
#include <fcntl.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "docker_cpp/testing/container.hpp"
#include "docker_cpp/testing/requirements.hpp"

namespace docker_cpp::rootfs {
namespace {

/// A runtime that goes to the working directory by its path, after the pivot.
class EnterByPath final : public namespaces::Isolation {
 public:
  explicit EnterByPath(std::string path) : path_(std::move(path)) {}
  [[nodiscard]] const char* name() const noexcept override { return "enter"; }
  [[nodiscard]] sys::Result<void> in_child() const noexcept override {
    return sys::check_void(::chdir(path_.c_str()), "chdir");
  }

 private:
  std::string path_;
};

class BreakoutWorkingDirectory : public ::testing::Test {
 protected:
  void SetUp() override {
    DOCKER_CPP_REQUIRES(testing::have_busybox(), "/bin/busybox (static)");
  }

  testing::TestContainer container_;
  sys::UniqueFd leaked_ =
      must(sys::open("/", O_RDONLY | O_DIRECTORY), "open the host's root");
  std::string door_ = "/proc/self/fd/" + std::to_string(leaked_.get());
  /// Only the host has the test's own directory.
  std::string look_ =
      "test -e ." + container_.directory().path().string() + " && echo out";
};

TEST_F(BreakoutWorkingDirectory, AWalkByPathLeadsOut) {
  auto isolations = testing::isolations_of(container_.plan());
  isolations.push_back(std::make_unique<EnterByPath>(door_));
  EXPECT_EQ(testing::run(isolations, {"/bin/sh", "-c", look_}).output, "out\n");
}

TEST_F(BreakoutWorkingDirectory, IsRefusedByStage03) {
  for (const std::string& door :
       {door_, door_ + "/tmp", std::string("/proc/1/cwd"),
        std::string("/proc/self/root/tmp")}) {
    RootPlan plan = container_.plan();
    plan.working_directory = door;
    try {
      const auto outcome = container_.run(plan, look_ + "; pwd");
      EXPECT_THAT(outcome.output, ::testing::Not(::testing::HasSubstr("out")));
      ADD_FAILURE() << "entered " << door << ": " << outcome.output;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(),
                  ::testing::HasSubstr("enter the working directory"));
    }
  }
}

TEST_F(BreakoutWorkingDirectory, ALinkOfTheImageStaysInside) {
  const RootFd image = must(RootFd::of(container_.lower()), "open");
  ASSERT_TRUE(image.symlink("../../../../../../etc", "door"));
  RootPlan plan = container_.plan();
  plan.working_directory = "/door";
  EXPECT_EQ(container_.run(plan, "pwd; ls").output, "/etc\ngroup\npasswd\n");
}

}  // namespace
}  // namespace docker_cpp::rootfs
