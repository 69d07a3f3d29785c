// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/cli/units.hpp"

#include <stdlib.h>

#include <gtest/gtest.h>

#include "docker_cpp/cli/reference.hpp"
#include "docker_cpp/cli/table.hpp"
#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/cli/times.hpp"
#include "docker_cpp/cli/value.hpp"

namespace docker_cpp::cli {
namespace {

using std::chrono::seconds;

TEST(UnitsTest, SizesAsDockerPrintsThem) {
  EXPECT_EQ(human_size(0, 3), "0B");
  EXPECT_EQ(human_size(1985454, 3), "1.99MB");
  EXPECT_EQ(human_size(1985454), "1.985MB");
  EXPECT_EQ(human_size(1073741824, 3), "1.07GB");
  EXPECT_EQ(bytes_size(8345169920), "7.772GiB");
}

TEST(UnitsTest, AgesAsDockerPrintsThem) {
  EXPECT_EQ(human_duration(seconds(0)), "Less than a second");
  EXPECT_EQ(human_duration(seconds(1)), "1 second");
  EXPECT_EQ(human_duration(seconds(59)), "59 seconds");
  EXPECT_EQ(human_duration(seconds(61)), "About a minute");
  EXPECT_EQ(human_duration(seconds(3599)), "59 minutes");
  EXPECT_EQ(human_duration(seconds(3600)), "About an hour");
  EXPECT_EQ(human_duration(seconds(5400)), "2 hours");
  EXPECT_EQ(human_duration(seconds(86400 * 3)), "3 days");
  EXPECT_EQ(human_duration(seconds(86400 * 40)), "5 weeks");
  EXPECT_EQ(human_duration(seconds(86400 * 70)), "2 months");
  EXPECT_EQ(human_duration(seconds(86400LL * 800)), "2 years");
}

TEST(UnitsTest, SizesAsPeopleTypeThem) {
  EXPECT_EQ(parse_bytes("512m"), 512 << 20);
  EXPECT_EQ(parse_bytes("1.5 GiB"), 1536LL << 20);
  EXPECT_EQ(parse_bytes("10"), 10);
  EXPECT_EQ(parse_bytes("10b"), 10);
  EXPECT_EQ(parse_bytes("1KB"), 1024);
  for (const auto* bad : {"", "abc", "-1", "1x", "1mbx", "m", "1e30", "1 2"}) {
    EXPECT_FALSE(parse_bytes(bad)) << bad;
  }
  EXPECT_EQ(parse_bytes("abc").error(), "invalid size: 'abc'");
  EXPECT_EQ(parse_bytes("1x").error(), "invalid suffix: 'x'");
}

TEST(UnitsTest, DurationsAsGoReadsThem) {
  using std::chrono::nanoseconds;
  EXPECT_EQ(parse_duration("1h2m3.5s"), nanoseconds(3723'500'000'000));
  EXPECT_EQ(parse_duration("0"), nanoseconds(0));
  EXPECT_EQ(parse_duration("-5ms"), nanoseconds(-5'000'000));
  EXPECT_EQ(parse_duration("x").error(), "time: invalid duration \"x\"");
  EXPECT_EQ(parse_duration("10").error(),
            "time: missing unit in duration \"10\"");
  EXPECT_EQ(parse_duration("10y").error(),
            "time: unknown unit \"y\" in duration \"10y\"");
  EXPECT_FALSE(parse_duration(""));
}

TEST(UnitsTest, CpusAreExact) {
  EXPECT_EQ(parse_nano_cpus("1.5"), 1'500'000'000);
  EXPECT_EQ(parse_nano_cpus("0.0000000001").error(), "value is too precise");
  EXPECT_FALSE(parse_nano_cpus("x"));
}

TEST(TimesTest, ReadsWhatSinceAndUntilTake) {
  ::setenv("TZ", "UTC", 1);
  EXPECT_EQ(parse_time("2026-11-21T10:00:00Z")->seconds, 1795255200);
  EXPECT_EQ(parse_time("2026-11-21T11:00:00.5+01:00")->seconds, 1795255200);
  EXPECT_EQ(parse_time("2026-11-21T11:00:00.5+01:00")->nanoseconds, 500000000);
  EXPECT_EQ(parse_time("2026-11-21")->seconds, 1795219200);
  EXPECT_FALSE(parse_time("2026-1"));
  EXPECT_FALSE(parse_time("2026-11-21T10:00:00x"));
  EXPECT_EQ(timestamp("1795255200"), "1795255200");
  EXPECT_EQ(timestamp("2026-11-21T10:00:00"), "1795255200.000000000");
  EXPECT_EQ(go_time(1795255200), "2026-11-21 10:00:00 +0000 UTC");
}

TEST(TextTest, CutsToWidth) {
  EXPECT_EQ(ellipsis("sh -c 'echo a very long command'", 20),
            "sh -c 'echo a very …");
  EXPECT_EQ(ellipsis("short", 20), "short");
  EXPECT_EQ(ellipsis("ééééé", 3), "éé…");
  EXPECT_EQ(quote("a\"b\n"), "\"a\\\"b\\n\"");
  EXPECT_EQ(csv_fields(R"(a,"b,c",d)"),
            (std::vector<std::string>{"a", "b,c", "d"}));
  EXPECT_EQ(edit_distance("rum", "run"), 1U);
  EXPECT_EQ(short_id("sha256:0123456789abcdef"), "0123456789ab");
}

TEST(TableTest, AlignsAsGosTabwriter) {
  EXPECT_EQ(align("NAME\tID\tX\na long name here\t1\ty\n"),
            "NAME               ID        X\n"
            "a long name here   1         y\n");
  EXPECT_EQ(align("A\t\tB\n"), "A                   B\n");
  EXPECT_EQ(align("é\tx\n", {.least_width = 0, .padding = 1}), "é x\n");
}

TEST(ValueTest, KeepsTheOrderOfMembers) {
  const auto text = R"({"b":1,"a":{"z":null,"y":[true,1.5,"<&>"]}})";
  const auto value = parse_json(text);
  ASSERT_TRUE(value);
  EXPECT_EQ(print_json(*value),
            R"({"b":1,"a":{"z":null,"y":[true,1.5,"\u003c\u0026\u003e"]}})");
  EXPECT_EQ(
      print_indented(*value, "", " "),
      "{\n \"b\": 1,\n \"a\": {\n  \"z\": null,\n  \"y\": [\n   true,\n   "
      "1.5,\n   \"<&>\"\n  ]\n }\n}");
  EXPECT_FALSE(parse_json("{"));
  EXPECT_FALSE(parse_json(""));
  EXPECT_FALSE(parse_json(std::string(100'000, '[')));
}

TEST(ReferenceTest, CompletesNamesAsDockerDoes) {
  EXPECT_EQ(parse_reference("busybox")->full, "docker.io/library/busybox");
  EXPECT_EQ(parse_reference("busybox")->shown(), "busybox:latest");
  EXPECT_EQ(parse_reference("a/b:1")->full, "docker.io/a/b");
  EXPECT_EQ(parse_reference("127.0.0.1:5000/img:1")->familiar,
            "127.0.0.1:5000/img");
  EXPECT_EQ(parse_reference("127.0.0.1:5000/img:1")->tag, "1");
  EXPECT_EQ(parse_reference("docker.io/library/x")->familiar, "x");
  EXPECT_EQ(parse_reference("BAD").error(),
            "invalid reference format: repository name (library/BAD) must be "
            "lowercase");
  for (const auto* bad :
       {"", "a:b:c", "-x", "a//b", "a:", "a@sha256:1", "a b"}) {
    EXPECT_FALSE(parse_reference(bad)) << bad;
  }
}

}  // namespace
}  // namespace docker_cpp::cli
