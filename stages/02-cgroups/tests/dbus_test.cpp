// SPDX-License-Identifier: Apache-2.0
// What is said to systemd: bytes on the wire, units, properties. The talk
// itself is tried against a real bus in final/runtime/tests/systemd.py.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../src/dbus_message.hpp"
#include "../src/systemd_properties.hpp"

namespace docker_cpp::cgroups {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string bytes_of(const DbusValue& value) {
  std::string bytes;
  marshal(value, bytes);
  return bytes;
}

TEST(Dbus, NumbersAndTextsAreAligned) {
  EXPECT_EQ(bytes_of(DbusValue::uint32(0x01020304)),
            std::string("\x04\x03\x02\x01", 4));
  EXPECT_EQ(bytes_of(DbusValue::string("foo")),
            std::string("\x03\0\0\0foo\0", 8));
  // A string, then a number of eight bytes within the same struct.
  EXPECT_EQ(bytes_of(DbusValue::structure(
                {DbusValue::string("a"), DbusValue::uint64(1)})),
            std::string("\x01\0\0\0a\0\0\0\x01\0\0\0\0\0\0\0", 16));
  EXPECT_EQ(bytes_of(DbusValue::variant(DbusValue::boolean(true))),
            std::string("\x01"
                        "b\0\0\x01\0\0\0",
                        8));
}

TEST(Dbus, ArraysHaveTheirLengthBeforeTheirPadding) {
  EXPECT_EQ(bytes_of(DbusValue::array("s", {DbusValue::string("x")})),
            std::string("\x06\0\0\0\x01\0\0\0x\0", 10));
  // Empty, but padded to where a struct would begin.
  EXPECT_EQ(bytes_of(DbusValue::array("(sv)", {})), std::string(8, '\0'));
}

DbusMessage example() {
  return {
      .serial = 7,
      .destination = "org.example",
      .path = "/org/example",
      .interface = "org.example.Manager",
      .member = "Do",
      .body = {DbusValue::string("name"),
               DbusValue::array(
                   "(sv)",
                   {systemd_property("A", DbusValue::uint64(5)),
                    systemd_property(
                        "B", DbusValue::array("u", {DbusValue::uint32(9)}))})}};
}

TEST(Dbus, WhatIsWrittenIsReadBack) {
  const std::string bytes = encode(example());
  EXPECT_EQ(message_size(bytes), bytes.size());
  const auto read = decode(bytes);
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->serial, 7U);
  EXPECT_EQ(read->destination, "org.example");
  EXPECT_EQ(read->path, "/org/example");
  EXPECT_EQ(read->member, "Do");
  ASSERT_EQ(read->body.size(), 2U);
  EXPECT_EQ(read->body[0].text, "name");
  const DbusValue& second = read->body[1].items[1];
  EXPECT_EQ(second.items[0].text, "B");
  EXPECT_EQ(second.items[1].items[0].items[0].number, 9U);
}

TEST(Dbus, WhateverComesIsAMessageOrASentence) {
  const std::string good = encode(example());
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(decode(std::string_view(good).substr(0, size)));
  }
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const char byte : {'\0', '\x7f', '\xff', 'a', '('}) {
      std::string bad = good;
      bad[at] = byte;
      static_cast<void>(decode(bad));  // no crash, whatever it says
    }
  }
  EXPECT_FALSE(decode(""));
  EXPECT_THAT(decode(std::string(16, 'B')).error(), HasSubstr("not a"));
}

TEST(Dbus, TypesAreParsed) {
  EXPECT_EQ(first_type("a(sv)u"), 5U);
  EXPECT_EQ(first_type("aas"), 3U);
  EXPECT_EQ(first_type("a{sv}"), 5U);
  for (const char* bad : {"", "a", "(", "()", "(s", "z", "a(s"}) {
    EXPECT_EQ(first_type(bad), 0U) << bad;
  }
  EXPECT_EQ(first_type(std::string(100, 'a') + "s"), 0U) << "too deep";
}

TEST(SystemdUnit, ASliceIsInTheSlicesOfItsName) {
  const auto unit = parse_systemd_unit("user-1000.slice:podman:abc", "id");
  ASSERT_TRUE(unit);
  EXPECT_EQ(unit->name, "podman-abc.scope");
  EXPECT_EQ(unit->cgroup_path(),
            "/user.slice/user-1000.slice/podman-abc.scope");
  EXPECT_EQ(parse_systemd_unit("-.slice::x", "id")->cgroup_path(), "/x.scope");
  EXPECT_EQ(parse_systemd_unit(":docker:x", "id")->cgroup_path(),
            "/system.slice/docker-x.scope");
  EXPECT_EQ(parse_systemd_unit("", "id")->cgroup_path(),
            "/system.slice/docker-cpp-id.scope");
}

TEST(SystemdUnit, OtherPathsAreRefused) {
  EXPECT_THAT(parse_systemd_unit("/docker/x", "id").error(),
              HasSubstr("expected cgroupsPath to be of format"));
  for (const char* bad :
       {"a:b", "x:y:z", "a--b.slice:p:n", "-a.slice:p:n", "../x.slice:p:n",
        "system.slice:p:a/b", "system.slice::", "a.slice.slice:p:n"}) {
    EXPECT_FALSE(parse_systemd_unit(bad, "id")) << bad;
  }
}

std::string property(const std::string& name, const std::string& value) {
  const auto parsed = parse_systemd_property(name, value);
  if (!parsed) {
    return "refused: " + parsed.error();
  }
  const DbusValue& of = parsed->items[1].items[0];
  std::string text = parsed->items[0].text + " " + of.signature + " " +
                     std::to_string(of.number) + of.text;
  for (const DbusValue& item : of.items) {
    text += "," + item.text;
  }
  return text;
}

TEST(SystemdProperty, AnnotationsBecomeValues) {
  EXPECT_EQ(property("TimeoutStopUSec", "uint64 5000000"),
            "TimeoutStopUSec t 5000000");
  EXPECT_EQ(property("TimeoutStopSec", "5"), "TimeoutStopUSec t 5000000");
  EXPECT_EQ(property("CollectMode", "'inactive-or-failed'"),
            "CollectMode s 0inactive-or-failed");
  EXPECT_EQ(property("SendSIGHUP", "true"), "SendSIGHUP b 1");
  EXPECT_EQ(property("After", "['a.service', \"b.service\"]"),
            "After as 0,a.service,b.service");
}

TEST(SystemdProperty, WhatIsNoneIsRefused) {
  for (const char* bad : {"", "soon", "'a", "[a]", "uint64 x", "['a'"}) {
    EXPECT_THAT(property("Property", bad), HasSubstr("refused")) << bad;
  }
  EXPECT_THAT(property("a-b", "1"), HasSubstr("is not the name"));
  EXPECT_THAT(property("TimeoutStopSec", "'x'"), HasSubstr("seconds"));
}

std::vector<std::string> limits(const Resources& resources, Version version) {
  std::vector<std::string> all;
  for (const DbusValue& one : systemd_limits(resources, version)) {
    const DbusValue& of = one.items[1].items[0];
    std::string text = one.items[0].text + "=" + std::to_string(of.number);
    for (const DbusValue& item : of.items) {
      text += "," + std::to_string(item.number);
    }
    all.push_back(text);
  }
  return all;
}

TEST(SystemdLimits, AreInSystemdsWords) {
  Resources wanted;
  wanted.memory_limit = 1 << 20;
  wanted.memory_swap = 3 << 20;
  wanted.cpu_quota = 25'001;
  wanted.cpu_period = 100'000;
  wanted.cpuset_cpus = "0-1,9";
  wanted.pids_limit = -1;
  EXPECT_THAT(limits(wanted, Version::v2),
              ElementsAre("MemoryMax=1048576", "MemorySwapMax=2097152",
                          "AllowedCPUs=0,3,2", "CPUQuotaPeriodUSec=100000",
                          "CPUQuotaPerSecUSec=260000",
                          "TasksMax=18446744073709551615"));
  EXPECT_THAT(limits({.memory_limit = -1, .cpu_shares = 512}, Version::v1),
              ElementsAre("MemoryLimit=18446744073709551615", "CPUShares=512"));
}

}  // namespace
}  // namespace docker_cpp::cgroups
