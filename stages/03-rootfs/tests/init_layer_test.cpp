// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/rootfs/init_layer.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "docker_cpp/testing/container.hpp"
#include "docker_cpp/testing/requirements.hpp"

namespace docker_cpp::rootfs {
namespace {

namespace fs = std::filesystem;

TEST(InitLayer, KeepsMountsOutOfTheWritableLayer) {
  DOCKER_CPP_REQUIRES(testing::have_busybox(), "/bin/busybox (static)");
  const testing::TestContainer container;
  const std::string init = container.directory().folder("init");
  const std::string hosts = container.directory() / "hosts";
  std::ofstream(hosts) << "127.0.0.1 localhost\n";
  const RootFd layer = must(RootFd::of(init), "open the layer");
  make_init_layer(layer);
  make_init_layer(layer);
  RootPlan plan = container.plan();
  auto& root = std::get<OverlayRoot>(plan.root);
  root.lower.insert(root.lower.begin(), init);
  plan.mounts.push_back({"/etc/hosts", "bind", hosts, {"rbind", "ro"}});
  EXPECT_EQ(testing::TestContainer::run(plan, "cat /etc/hosts").output,
            "127.0.0.1 localhost\n");
  EXPECT_TRUE(fs::is_empty(container.upper()));
}

}  // namespace
}  // namespace docker_cpp::rootfs
