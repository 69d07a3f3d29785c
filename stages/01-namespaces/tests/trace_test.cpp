// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/sys/trace.hpp"

#include <algorithm>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "require.hpp"

#include "docker_cpp/namespaces/namespaces.hpp"
#include "docker_cpp/namespaces/process.hpp"

namespace {

using docker_cpp::sys::Trace;
using docker_cpp::sys::TraceMoment;
using docker_cpp::sys::TraceRecord;
using docker_cpp::sys::TraceStep;
namespace namespaces = docker_cpp::namespaces;

TEST(TraceStep, WithoutATraceNothingIsRecorded) {
  {
    const TraceStep step("before");
  }
  const Trace trace;
  EXPECT_TRUE(trace.records().empty());
}

TEST(TraceStep, StepsHaveTimesAndDepths) {
  const Trace trace;
  {
    const TraceStep outer("outer");
    const TraceStep inner("inner", TraceMoment::prepare);
  }
  const auto records = trace.records();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_STREQ(records[0].text, "outer");
  EXPECT_EQ(records[0].depth, 0);
  EXPECT_STREQ(records[1].text, "inner");
  EXPECT_EQ(records[1].depth, 1);
  EXPECT_EQ(records[1].moment, TraceMoment::prepare);
  EXPECT_LE(records[0].began_ns, records[1].began_ns);
  EXPECT_GE(records[0].ended_ns, records[1].ended_ns);
}

TEST(TraceStep, LongTextsAreCutAndTooManyStepsCounted) {
  const Trace trace;
  {
    const TraceStep step(std::string(500, 'x').c_str());
  }
  EXPECT_EQ(std::string(trace.records()[0].text),
            std::string(sizeof TraceRecord{}.text - 1, 'x'));
  for (int i = 0; i < 2000; ++i) {
    const TraceStep step("again");
  }
  EXPECT_EQ(trace.records().size(), 1024U);
  EXPECT_EQ(trace.lost(), 2001U - 1024U);
}

TEST(TraceStep, BothSidesOfAStartAreSeen) {
  DOCKER_CPP_NEEDS_ROOT();
  const Trace trace;
  namespaces::Isolations isolations;
  isolations.push_back(std::make_unique<namespaces::NewNamespaces>(
      std::vector{namespaces::Kind::uts}));
  isolations.push_back(std::make_unique<namespaces::Hostname>("traced", ""));
  auto process =
      namespaces::Process::start({.args = {"/bin/true"}}, isolations);
  EXPECT_EQ(process.wait(), 0);
  const auto records = trace.records();
  const auto find = [&](std::string_view text, bool in_child) {
    return std::ranges::any_of(records, [&](const TraceRecord& one) {
      return one.text == text && one.in_child == in_child;
    });
  };
  EXPECT_TRUE(find("create the container process", false));
  EXPECT_TRUE(find("set the hostname", true));
  EXPECT_TRUE(find("execute the program", true));
  EXPECT_FALSE(find("execute the program", false));
}

}  // namespace
