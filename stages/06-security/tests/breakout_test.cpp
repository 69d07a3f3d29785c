// SPDX-License-Identifier: Apache-2.0
// The escape from stage 03: its read-only paths are mounts, and a root that
// may mount turns them around. Then it changes the host's kernel, which has no
// namespace for such settings.
#include <memory>

#include <gtest/gtest.h>

#include "docker_cpp/security/capabilities.hpp"
#include "docker_cpp/security/credentials.hpp"
#include "docker_cpp/security/seccomp.hpp"
#include "docker_cpp/testing/container.hpp"
#include "docker_cpp/testing/requirements.hpp"

namespace docker_cpp::security {
namespace {

class BreakoutPrivileges : public ::testing::Test {
 protected:
  void SetUp() override {
    DOCKER_CPP_REQUIRES(testing::have_busybox(), "/bin/busybox (static)");
  }

  testing::Outcome run(namespaces::Isolations isolations) const {
    // Writes the value that is there: the attempt counts.
    return testing::run(
        isolations, {"/bin/sh", "-c",
                     "now=$(cat /proc/sys/vm/overcommit_ratio) &&"
                     "mount -o remount,bind,rw /proc/sys &&"
                     "echo $now > /proc/sys/vm/overcommit_ratio && echo out"});
  }

  testing::TestContainer container_;
};

TEST_F(BreakoutPrivileges, RootOfStage03ChangesTheHostsKernel) {
  const auto outcome = run(testing::isolations_of(container_.plan()));
  EXPECT_EQ(outcome.output, "out\n");
  EXPECT_EQ(outcome.exit_code, 0);
}

TEST_F(BreakoutPrivileges, IsHeldByTheCapabilitiesOfStage06) {
  auto isolations = testing::isolations_of(container_.plan());
  isolations.push_back(std::make_unique<BoundingSet>(default_capabilities()));
  isolations.push_back(std::make_unique<Capabilities>(
      CapabilitySets::of(default_capabilities())));
  const auto outcome = run(std::move(isolations));
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_EQ(outcome.output.find("out\n"), std::string::npos) << outcome.output;
}

TEST_F(BreakoutPrivileges, IsHeldByTheFilterOfStage06) {
  // All capabilities, but no mount(2): the profile as for Docker's default.
  auto isolations = testing::isolations_of(container_.plan());
  isolations.push_back(std::make_unique<NoNewPrivileges>());
  isolations.push_back(std::make_unique<Seccomp>(
      compile_seccomp(default_profile(default_capabilities())).value(),
      Seccomp::When::at_exec));
  const auto outcome = run(std::move(isolations));
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_EQ(outcome.output.find("out\n"), std::string::npos) << outcome.output;
}

}  // namespace
}  // namespace docker_cpp::security
