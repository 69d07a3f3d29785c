// SPDX-License-Identifier: Apache-2.0
// Images whose /proc, /sys or /dev is something else: a correct container or a
// clear error, and never a touched host. Then the same while somebody swaps.
#include "docker_cpp/testing/odd_rootfs.hpp"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "docker_cpp/namespaces/exec_error.hpp"
#include "docker_cpp/testing/canary.hpp"
#include "docker_cpp/testing/container.hpp"
#include "docker_cpp/testing/ledger.hpp"
#include "docker_cpp/testing/requirements.hpp"
#include "docker_cpp/testing/swapper.hpp"

namespace docker_cpp::rootfs {
namespace {

namespace fs = std::filesystem;
using testing::OddRoot;

/// What such a container must at least be: confined, with its own devices.
constexpr const char* script =
    "test -e /secret && echo sees the host;"
    "test -c /dev/null || echo no null;"
    "test $(cat /proc/1/comm) = sh || echo no proc;"
    "test -d /sys/kernel || echo no sys; echo done";

std::string run_or_error(const testing::TestContainer& container,
                         RootPlan plan) {
  try {
    return container.run(std::move(plan), script).output;
  } catch (const namespaces::ExecError&) {
    return "error: the program is covered";  // by a /dev that is /bin
  } catch (const Error& error) {
    return std::string("error: ") + error.what();
  }
}

class OddRootfsTest : public ::testing::TestWithParam<OddRoot> {
 protected:
  void SetUp() override {
    DOCKER_CPP_REQUIRES(testing::have_busybox(), "/bin/busybox (static)");
    GetParam().build(container_.lower(), canary_.path());
  }

  void check(const std::string& told) {
    EXPECT_EQ(canary_.changes(), "");
    if (GetParam().must_work) {
      EXPECT_EQ(told, "done\n");
    } else if (told.starts_with("error: ")) {
      // It names the place: an operator can act on it.
      EXPECT_THAT(told, ::testing::HasSubstr("/" + GetParam().place));
    } else {
      EXPECT_EQ(told, "done\n");
    }
  }

  testing::TestContainer container_;
  testing::Canary canary_{container_.directory() / "canary"};
};

TEST_P(OddRootfsTest, OfLayers) {
  const testing::Ledger before(container_.directory().path().string());
  check(run_or_error(container_, container_.plan()));
  EXPECT_EQ(before.left_over_within(std::chrono::seconds(2)), "");
}

TEST_P(OddRootfsTest, OfADirectory) {
  RootPlan plan = container_.plan();
  plan.root = container_.lower();
  check(run_or_error(container_, plan));
}

TEST_P(OddRootfsTest, WithVolumesBelowIt) {
  RootPlan plan = container_.plan();
  plan.root = container_.lower();
  const std::string volume = container_.directory().folder("volume");
  plan.mounts.push_back(
      {"/" + GetParam().place + "/volume", "bind", volume, {"rbind"}});
  static_cast<void>(run_or_error(container_, plan));  // mostly an error
  EXPECT_EQ(canary_.changes(), "");
}

INSTANTIATE_TEST_SUITE_P(Corpus, OddRootfsTest,
                         ::testing::ValuesIn(testing::odd_roots()),
                         [](const auto& odd) { return odd.param.name; });

/// Another container shares the root directory and exchanges, as fast as it
/// can, a directory that is mounted on with a link that points at the host.
class SwappedRootfsTest : public ::testing::TestWithParam<std::string> {};

TEST_P(SwappedRootfsTest, NeverTouchesTheHost) {
  DOCKER_CPP_REQUIRES(testing::have_busybox(), "/bin/busybox (static)");
  const testing::TestContainer container;
  const testing::Canary canary(container.directory() / "canary");
  const fs::path root = container.lower();
  fs::create_directories(root / GetParam());
  fs::create_directory_symlink(testing::detail::climbing(canary.path()),
                               root / "trap");
  RootPlan plan = container.plan();
  plan.root = root.string();
  const std::string volume = container.directory().folder("volume");
  plan.mounts.push_back({"/etc/hosts", "bind", volume, {"rbind"}});
  plan.mounts.push_back({"/data/deep", "bind", volume, {"rbind"}});
  plan.working_directory = "/data/deep";
  plan.devices.push_back({.path = "/data/null", .major = 1, .minor = 3});
  const testing::Ledger before(canary.path().string());
  int worked = 0;
  {
    const testing::Swapper swapper(root / GetParam(), root / "trap");
    for (int i = 0; i < 40; ++i) {
      worked += run_or_error(container, plan) == "done\n" ? 1 : 0;
      ASSERT_EQ(canary.changes(), "") << "in round " << i;
    }
    EXPECT_GT(swapper.swaps(), 40U);
  }
  EXPECT_EQ(before.left_over_within(std::chrono::seconds(2)), "");
  RecordProperty("containers_that_worked", worked);
}

INSTANTIATE_TEST_SUITE_P(Places, SwappedRootfsTest,
                         ::testing::Values("proc", "sys", "dev", "data",
                                           "etc"));

}  // namespace
}  // namespace docker_cpp::rootfs
