// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device_interpreter.hpp"
#include "host.hpp"

#include "docker_cpp/cgroups/device_program.hpp"
#include "docker_cpp/cgroups/device_rule.hpp"

namespace docker_cpp::cgroups {
namespace {

using ::testing::HasSubstr;

DeviceRule deny_all() {
  return {.allow = false};
}

DeviceRule allow(char type, std::int64_t major, std::int64_t minor,
                 std::string access = "rwm") {
  return {.allow = true,
          .type = type,
          .major = major,
          .minor = minor,
          .access = std::move(access)};
}

bool decide(const std::vector<DeviceRule>& rules, Asked asked) {
  return interpret(device_program(*DeviceList::from_rules(rules)), asked);
}

TEST(DeviceProgram, DeniesAllBeforeItAllows) {
  const std::vector rules = {allow('c', 1, 3)};
  EXPECT_TRUE(decide(rules, {.type = 'c', .major = 1, .minor = 3}));
  EXPECT_FALSE(decide(rules, {.type = 'c', .major = 1, .minor = 5}));
  EXPECT_FALSE(decide(rules, {.type = 'b', .major = 1, .minor = 3}));
  EXPECT_FALSE(decide({}, {.type = 'c', .major = 1, .minor = 3}));
}

TEST(DeviceProgram, KnowsAccess) {
  const std::vector rules = {allow('c', 1, 3, "r"), allow('c', 1, 5, "rm")};
  const Asked null{.type = 'c', .major = 1, .minor = 3};
  Asked asked = null;
  asked.access = DeviceList::may_read;
  EXPECT_TRUE(decide(rules, asked));
  asked.access = DeviceList::may_read | DeviceList::may_write;
  EXPECT_FALSE(decide(rules, asked));
  asked = {
      .type = 'c', .major = 1, .minor = 5, .access = DeviceList::may_mknod};
  EXPECT_TRUE(decide(rules, asked));
}

TEST(DeviceProgram, KnowsAnyNumber) {
  const std::vector<DeviceRule> rules = {
      {.allow = true, .type = 'c', .major = 136},
      {.allow = true, .type = 'b', .access = "m"}};
  EXPECT_TRUE(decide(rules, {.type = 'c', .major = 136, .minor = 12345}));
  EXPECT_FALSE(decide(rules, {.type = 'c', .major = 137, .minor = 0}));
  EXPECT_TRUE(decide(rules, {.type = 'b',
                             .major = 4000,
                             .minor = 9,
                             .access = DeviceList::may_mknod}));
  EXPECT_FALSE(decide(rules, {.type = 'b',
                              .major = 4000,
                              .minor = 9,
                              .access = DeviceList::may_read}));
}

TEST(DeviceProgram, AllowsAllButSome) {
  const std::vector<DeviceRule> rules = {
      {.allow = true},
      {.allow = false, .type = 'c', .major = 1, .minor = 1, .access = "w"}};
  EXPECT_TRUE(decide(rules, {.type = 'b', .major = 8, .minor = 0}));
  EXPECT_FALSE(decide(rules, {.type = 'c', .major = 1, .minor = 1}));
  EXPECT_TRUE(decide(
      rules,
      {.type = 'c', .major = 1, .minor = 1, .access = DeviceList::may_read}));
}

TEST(DeviceList, TakesBackWhatALaterRuleDenies) {
  const auto list = DeviceList::from_rules(
      {deny_all(),
       allow('c', 1, 3),
       allow('c', 1, 5),
       {.allow = false, .type = 'c', .major = 1, .minor = 5},
       {.allow = false, .type = 'c', .access = "w"}});
  ASSERT_TRUE(list);
  ASSERT_EQ(list->exceptions().size(), 1U);
  EXPECT_EQ(list->exceptions().begin()->second,
            DeviceList::may_read | DeviceList::may_mknod);
}

TEST(DeviceList, RefusesWhatTheKernelWouldIgnore) {
  const auto list = DeviceList::from_rules(
      {{.allow = true, .type = 'c', .major = 1},
       {.allow = false, .type = 'c', .major = 1, .minor = 5}});
  ASSERT_FALSE(list);
  EXPECT_THAT(list.error(), HasSubstr("deny c 1:5 rwm"));
  EXPECT_FALSE(DeviceList::from_rules({allow('x', 1, 3)}));
  EXPECT_FALSE(DeviceList::from_rules({allow('c', 1, 3, "rx")}));
  EXPECT_FALSE(DeviceList::from_rules({allow('c', 1, 3, "")}));
}

TEST(DeviceList, HasWhatEveryContainerMayUse) {
  const auto rules = default_device_rules();
  EXPECT_TRUE(decide(rules, {.type = 'c', .major = 1, .minor = 8}));
  EXPECT_TRUE(decide(rules, {.type = 'c', .major = 136, .minor = 3}));
  EXPECT_FALSE(decide(rules, {.type = 'c', .major = 1, .minor = 1}));
  EXPECT_FALSE(decide(rules, {.type = 'b', .major = 8, .minor = 0}));
}

/// Opens /dev/null and /dev/zero; 0: both, 1: only null, 2: not even that.
constexpr const char* open_two =
    "(: < /dev/null) || exit 2; (: < /dev/zero) || exit 1";

using Devices = OwnCgroup;

TEST_F(Devices, AreHeldByTheKernel) {
  Cgroup cgroup = Cgroup::create(path());
  EXPECT_EQ(run(cgroup, open_two), 0);
  cgroup.apply({.devices = {deny_all(), allow('c', 1, 3)}});
  EXPECT_EQ(run(cgroup, open_two), 1);
  cgroup.apply({.devices = {{.allow = true}}});
  EXPECT_EQ(run(cgroup, open_two), 0);
}

TEST_F(Devices, OfV1ComeBackWhenOneIsRefused) {
  SKIP_UNLESS_V1();
  const Cgroup parent =
      Cgroup::create(path(), {.devices = {deny_all(), allow('c', 1, 3)}});
  Cgroup child = Cgroup::create(path("box/inner"));
  const auto list = [&] {
    return file(child, "devices", "devices.list", "");
  };
  const std::string before = list();
  EXPECT_EQ(before, "c 1:3 rwm");
  // More than the parent has is refused.
  EXPECT_THAT(error_of([&] {
                child.apply({.devices = {deny_all(), allow('c', 1, 5)}});
              }),
              HasSubstr("\"c 1:5 rwm\" to /sys/fs/cgroup/devices"));
  EXPECT_EQ(list(), before);
}

TEST_F(Devices, OfV2AreReplacedNotAdded) {
  // The v2 tree of a hybrid machine has no controllers, but device programs
  // do not need one: this runs on either machine.
  const Cgroup cgroup = Cgroup::create(path());
  const ControlDirectory* unified = nullptr;
  for (const ControlDirectory& directory : cgroup.directories()) {
    unified = directory.hierarchy.unified ? &directory : unified;
  }
  if (unified == nullptr) {
    GTEST_SKIP() << "no cgroup v2 at all";
  }
  const auto use = [&](const std::vector<DeviceRule>& rules) {
    attach_device_program(*unified,
                          device_program(*DeviceList::from_rules(rules)));
  };
  use({allow('c', 1, 5)});
  EXPECT_EQ(run(cgroup, open_two), 2);
  use({allow('c', 1, 3)});
  EXPECT_EQ(run(cgroup, open_two), 1);
  use({{.allow = true}});
  EXPECT_EQ(run(cgroup, open_two), 0);
}

}  // namespace
}  // namespace docker_cpp::cgroups
