// SPDX-License-Identifier: Apache-2.0
// The pieces together, around a real process: what it may do before and after.
#include <sys/resource.h>

#include <memory>

#include <gtest/gtest.h>

#include "docker_cpp/namespaces/namespaces.hpp"
#include "docker_cpp/namespaces/process.hpp"
#include "docker_cpp/security/capabilities.hpp"
#include "docker_cpp/security/credentials.hpp"
#include "docker_cpp/security/resource_limits.hpp"
#include "docker_cpp/security/seccomp.hpp"

namespace docker_cpp::security {
namespace {

using namespaces::Isolations;

int run(const char* script, const Isolations& isolations) {
  return namespaces::Process::start({.args = {"/bin/sh", "-c", script}},
                                    isolations)
      .wait();
}

void add_capabilities(Isolations& isolations, CapabilityMask mask) {
  isolations.push_back(std::make_unique<BoundingSet>(mask));
  isolations.push_back(
      std::make_unique<Capabilities>(CapabilitySets::of(mask)));
}

TEST(Hardening, LeavesExactlyTheCapabilitiesAskedFor) {
  Isolations isolations;
  add_capabilities(isolations, default_capabilities());
  EXPECT_EQ(run("grep -q 'CapEff:.00000000a80425fb' /proc/self/status &&"
                "grep -q 'CapBnd:.00000000a80425fb' /proc/self/status &&"
                "grep -q 'CapInh:.0000000000000000' /proc/self/status &&"
                "grep -q 'CapAmb:.0000000000000000' /proc/self/status",
                isolations),
            0);
}

TEST(Hardening, AnotherUserHasNoCapabilitiesLeft) {
  Isolations isolations;
  isolations.push_back(std::make_unique<BoundingSet>(default_capabilities()));
  isolations.push_back(std::make_unique<Credentials>(Credentials::Identity{
      .uid = 4242, .gid = 4343, .groups = {44}, .umask = {}}));
  isolations.push_back(std::make_unique<Capabilities>(
      CapabilitySets::of(default_capabilities())));
  EXPECT_EQ(run("test \"$(id -u) $(id -g) $(id -G)\" = '4242 4343 4343 44' &&"
                "grep -q 'CapEff:.0000000000000000' /proc/self/status &&"
                "test $(umask) = 0022",
                isolations),
            0);
}

TEST(Hardening, AmbientCapabilitiesReachAnotherUser) {
  const CapabilityMask bind = parse_capability("NET_BIND_SERVICE").value();
  CapabilitySets sets = CapabilitySets::of(bind);
  sets.inheritable = bind;
  sets.ambient = bind;
  Isolations isolations;
  isolations.push_back(std::make_unique<BoundingSet>(bind));
  isolations.push_back(std::make_unique<Credentials>(Credentials::Identity{
      .uid = 4242, .gid = 4242, .groups = {}, .umask = {}}));
  isolations.push_back(std::make_unique<Capabilities>(sets));
  EXPECT_EQ(
      run("grep -q 'CapEff:.0000000000000400' /proc/self/status", isolations),
      0);
}

TEST(Hardening, WhatCannotBeGrantedIsMaskedNotFatal) {
  Isolations isolations;
  isolations.push_back(
      std::make_unique<Capabilities>(CapabilitySets::of(~CapabilityMask{0})));
  EXPECT_EQ(run("true", isolations), 0);
}

TEST(Hardening, TheFilterHoldsWithAndWithoutNewPrivileges) {
  const FilterProgram program =
      compile_seccomp(default_profile(default_capabilities())).value();
  const char* escape = "! unshare -U true 2>/dev/null";
  EXPECT_NE(run(escape, {}), 0) << "held without any filter";

  Isolations early;
  early.push_back(
      std::make_unique<Seccomp>(program, Seccomp::When::while_privileged));
  add_capabilities(early, default_capabilities());
  EXPECT_EQ(run(escape, early), 0);

  Isolations late;
  add_capabilities(late, default_capabilities());
  late.push_back(std::make_unique<NoNewPrivileges>());
  late.push_back(std::make_unique<Seccomp>(program, Seccomp::When::at_exec));
  EXPECT_EQ(run(escape, late), 0);
  EXPECT_EQ(run("grep -q 'NoNewPrivs:.1' /proc/self/status", late), 0);
}

TEST(Hardening, AFilterWithoutPrivilegeFailsTheStart) {
  Isolations isolations;
  add_capabilities(isolations, default_capabilities());
  isolations.push_back(
      std::make_unique<Seccomp>(compile_seccomp(default_profile(0)).value(),
                                Seccomp::When::while_privileged));
  EXPECT_ANY_THROW(run("true", isolations));
}

TEST(Hardening, LimitsAreWhatTheProgramSees) {
  Isolations isolations;
  isolations.push_back(std::make_unique<ResourceLimits>(
      std::vector<ResourceLimit>{{RLIMIT_NOFILE, 64, 128}}));
  EXPECT_EQ(
      run("test $(ulimit -Sn) = 64 && test $(ulimit -Hn) = 128", isolations),
      0);
}

TEST(ResourceNames, AreReadAsDockerDoes) {
  EXPECT_EQ(parse_resource("nofile").value(), RLIMIT_NOFILE);
  EXPECT_EQ(parse_resource("RLIMIT_CORE").value(), RLIMIT_CORE);
  EXPECT_EQ(parse_resource("files").error(), "invalid ulimit type: files");
}

TEST(Hardening, TheHostsKeysAreOutOfSight) {
  Isolations isolations;
  isolations.push_back(std::make_unique<SessionKeyring>());
  EXPECT_EQ(run("true", isolations), 0);
}

}  // namespace
}  // namespace docker_cpp::security
