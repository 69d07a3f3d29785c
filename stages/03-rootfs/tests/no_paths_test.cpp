// SPDX-License-Identifier: Apache-2.0
// Nothing below a container's root is resolved by a string: a trace of what
// the kernel is told while a container is built, and a look at the sources.
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>

#include <gtest/gtest.h>

#include "docker_cpp/testing/container.hpp"
#include "docker_cpp/testing/path_trace.hpp"
#include "docker_cpp/testing/requirements.hpp"

namespace docker_cpp::rootfs {
namespace {

namespace fs = std::filesystem;
using testing::PathCall;
using testing::PathTrace;

class NoPaths : public ::testing::Test {
 protected:
  void SetUp() override {
    DOCKER_CPP_REQUIRES(testing::have_busybox(), "/bin/busybox (static)");
  }

  /// Paths of the host that lead below `root`.
  static std::string below(const std::vector<PathCall>& calls,
                           const std::string& root) {
    std::string found;
    for (const PathCall& call : calls) {
      if (call.path.starts_with(root + "/")) {
        found += std::to_string(call.number) + ": " + call.path + "\n";
      }
    }
    return found;
  }

  std::vector<PathCall> trace(const RootPlan& plan) const {
    return PathTrace::of([&] {
      const auto outcome = container_.run(plan, "exit 7");
      ::_exit(outcome.exit_code == 7 ? 0 : 1);
    });
  }

  testing::TestContainer container_;
};

TEST_F(NoPaths, AreToldToTheKernelForADirectory) {
  RootPlan plan = container_.plan();
  plan.root = container_.lower();
  const std::string volume = container_.directory().folder("volume");
  plan.mounts.push_back({"/new/volume", "bind", volume, {"rbind"}});
  plan.mounts.push_back({"/etc", "tmpfs", "tmpfs", {"tmpcopyup"}});
  plan.working_directory = "/new/place";
  plan.console = true;
  const auto calls = trace(plan);
  EXPECT_EQ(below(calls, container_.lower()), "");
  // The trace does see: the root itself is opened by its path, and in the
  // child the targets are opened below a handle.
  const auto saw = [&](const std::string& path) {
    return std::ranges::any_of(
        calls, [&](const PathCall& call) { return call.path == path; });
  };
  EXPECT_TRUE(saw(container_.lower()));
  EXPECT_TRUE(saw("new/volume"));
}

TEST_F(NoPaths, AreToldToTheKernelForLayers) {
  const auto calls = trace(container_.plan());
  EXPECT_EQ(below(calls, container_.lower()), "");
  EXPECT_EQ(below(calls, container_.upper()), "");
  EXPECT_GT(calls.size(), 50U);
}

/// The tests above can fail.
TEST_F(NoPaths, AreFoundByTheTraceWhenTheyAreThere) {
  const std::string bad = container_.lower() + "/made-by-path";
  const auto calls = PathTrace::of([&] { ::mkdir(bad.c_str(), 0755); });
  EXPECT_NE(below(calls, container_.lower()), "");
}

TEST_F(NoPaths, AreInTheSources) {
  const std::regex by_path(
      R"((^|[^A-Za-z_])::(open|creat|mkdir|mknod|mount|chown|lchown|unlink|rmdir|rename|)"
      R"(symlink|link|truncate|utimes)\()");
  std::string found;
  int files = 0;
  for (const auto& entry :
       fs::directory_iterator(fs::path(DOCKER_CPP_STAGE_SOURCE) / "src")) {
    std::ifstream lines(entry.path());
    ++files;
    for (std::string line; std::getline(lines, line);) {
      if (std::regex_search(line, by_path)) {
        found += entry.path().filename().string() + ": " + line + "\n";
      }
    }
  }
  EXPECT_GT(files, 10);
  // The two of overlay.cpp are in a namespace made for them, on a layer.
  EXPECT_EQ(std::ranges::count(found, '\n'), 2) << found;
  EXPECT_EQ(found.find("overlay.cpp"), 0U) << found;
}

}  // namespace
}  // namespace docker_cpp::rootfs
