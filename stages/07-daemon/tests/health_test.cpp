// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "health_check.hpp"

#include "docker_cpp/daemon/api_error.hpp"

namespace docker_cpp::daemon {
namespace {

using testing::ElementsAre;
using namespace std::chrono_literals;

TEST(HealthCheck, WhatIsNotGivenIsDockers) {
  const HealthTimes times = times_of({.test = {"CMD", "true"}});
  EXPECT_EQ(times.interval, 30s);
  EXPECT_EQ(times.timeout, 30s);
  EXPECT_EQ(times.start_period, 0s);
  EXPECT_EQ(times.start_interval, 5s);
  EXPECT_EQ(times.retries, 3);
}

TEST(HealthCheck, ALineIsRunByTheImagesShell) {
  Config config;
  config.healthcheck = HealthCheck{.test = {"CMD-SHELL", "a b"}};
  EXPECT_THAT(probe_command(config), ElementsAre("/bin/sh", "-c", "a b"));
  config.shell = {"/bin/bash", "-ec"};
  EXPECT_THAT(probe_command(config), ElementsAre("/bin/bash", "-ec", "a b"));
  config.healthcheck->test = {"CMD", "a", "b"};
  EXPECT_THAT(probe_command(config), ElementsAre("a", "b"));
}

TEST(HealthCheck, NoneAndNothingAreNoCheck) {
  EXPECT_TRUE(is_disabled({.test = {"NONE"}}));
  EXPECT_TRUE(is_disabled({}));
  EXPECT_FALSE(is_disabled({.test = {"CMD", "x"}}));
}

TEST(HealthCheck, RefusesWhatMakesNoSense) {
  EXPECT_NO_THROW(check_health({.test = {"CMD", "x"}, .interval = 1'000'000}));
  EXPECT_THROW(check_health({.test = {"CMD", "x"}, .interval = 999'999}),
               ApiError);
  EXPECT_THROW(check_health({.test = {"CMD", "x"}, .timeout = -1}), ApiError);
  EXPECT_THROW(check_health({.test = {"CMD", "x"}, .retries = -1}), ApiError);
  EXPECT_THROW(check_health({.test = {"RUN", "x"}}), ApiError);
  EXPECT_THROW(check_health({.test = {"CMD-SHELL"}}), ApiError);
}

TEST(HealthCheck, DurationsAsGoPrintsThem) {
  EXPECT_EQ(duration_text(300ms), "300ms");
  EXPECT_EQ(duration_text(1s), "1s");
  EXPECT_EQ(duration_text(1500ms), "1.5s");
  EXPECT_EQ(duration_text(90s), "1m30s");
  EXPECT_EQ(duration_text(1h), "1h0m0s");
}

TEST(HealthCheck, OutputIsTakenOutOfItsFramesAndCut) {
  const std::string raw = std::string("\1\0\0\0\0\0\0\3abc", 11) +
                          std::string("\2\0\0\0\0\0\0\2de", 10);
  EXPECT_EQ(unframed(raw, 100), "abcde");
  EXPECT_EQ(unframed(raw, 4), "abcd");
  EXPECT_EQ(unframed(raw.substr(0, 10), 100), "ab");
  EXPECT_EQ(unframed(raw.substr(0, 5), 100), "");
}

}  // namespace
}  // namespace docker_cpp::daemon
