// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "docker_cpp/oci/explain.hpp"
#include "docker_cpp/oci/json_view.hpp"

namespace {

using docker_cpp::oci::explain;
using docker_cpp::oci::ExplainFormat;
using docker_cpp::oci::JsonDocument;
using docker_cpp::oci::parse_explain;
using docker_cpp::sys::TraceMoment;
using docker_cpp::sys::TraceRecord;
using ::testing::HasSubstr;
using ::testing::Not;

TraceRecord record(const char* text, std::int64_t began, std::int64_t ended) {
  TraceRecord made{.began_ns = began, .ended_ns = ended};
  std::strncpy(made.text, text, sizeof made.text - 1);
  return made;
}

std::vector<TraceRecord> story() {
  auto host = record("set the hostname", 2'000, 14'500);
  host.in_child = true;
  host.moment = TraceMoment::in_child;
  auto empty = record("set the hostname", 1'000, 1'100);
  empty.moment = TraceMoment::prepare;
  auto mount = record("mount proc on \"/proc\"", 20'000, 30'000);
  mount.depth = 1;
  mount.in_child = true;
  auto last = record("execute the program", 40'000, 0);
  last.in_child = true;
  return {record("something of its own", 500, 900), empty, host, mount, last};
}

TEST(Explain, TextNamesCallsManualsAndChapters) {
  const std::string text = explain(story(), ExplainFormat::text);
  EXPECT_THAT(text, HasSubstr("       1.5       12.5  child   2. set the "
                              "hostname (in_child)"));
  EXPECT_THAT(text, HasSubstr("sethostname"));
  EXPECT_THAT(text, HasSubstr("uts_namespaces(7)"));
  EXPECT_THAT(text, HasSubstr("01 namespaces"));
  EXPECT_THAT(text, HasSubstr("  mount proc on"));
  EXPECT_THAT(text, Not(HasSubstr("prepare"))) << "an empty moment";
}

TEST(Explain, JsonIsADocument) {
  const JsonDocument document(explain(story(), ExplainFormat::json));
  const auto steps = document.root().at("steps").items();
  ASSERT_EQ(steps.size(), 4U);
  EXPECT_EQ(steps[1].at("moment").string(), "in_child");
  EXPECT_EQ(steps[1].at("process").string(), "child");
  EXPECT_EQ(steps[2].at("what").string(), "mount proc on \"/proc\"");
  EXPECT_FALSE(steps[3].find("took_us"));
}

TEST(Explain, ChromeTraceIsADocument) {
  const JsonDocument document(explain(story(), ExplainFormat::chrome_trace));
  const auto events = document.root().at("traceEvents").items();
  ASSERT_EQ(events.size(), 6U);  // two of them name the rows
  EXPECT_EQ(events[3].at("ph").string(), "X");
  EXPECT_EQ(events[3].at("tid").integer<int>(), 2);
  EXPECT_EQ(events[5].at("ph").string(), "i");
}

TEST(Explain, NothingHappenedNothingIsTold) {
  EXPECT_EQ(explain({}, ExplainFormat::text), "");
}

TEST(Explain, FormatsAreParsed) {
  EXPECT_EQ(parse_explain("")->format, ExplainFormat::text);
  EXPECT_EQ(parse_explain("json")->format, ExplainFormat::json);
  EXPECT_EQ(parse_explain("trace:/x")->file, "/x");
  for (const char* bad : {"trace:", "trace", "yaml", "JSON"}) {
    EXPECT_FALSE(parse_explain(bad)) << bad;
  }
}

}  // namespace
