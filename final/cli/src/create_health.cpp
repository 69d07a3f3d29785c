// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "create_body_parts.hpp"

namespace docker_cpp::cli {
namespace {

constexpr std::array durations = {
    std::pair{"health-interval", "Interval"},
    std::pair{"health-timeout", "Timeout"},
    std::pair{"health-start-period", "StartPeriod"},
    std::pair{"health-start-interval", "StartInterval"}};

bool any_given(const Arguments& arguments) {
  bool given =
      arguments.given("health-cmd") || arguments.given("health-retries");
  for (const auto& [option, key] : durations) {
    given = given || arguments.given(option);
  }
  return given;
}

}  // namespace

void add_health(const Arguments& arguments, Value& body) {
  if (arguments.flag("no-healthcheck")) {
    if (any_given(arguments)) {
      throw Failure("--no-healthcheck conflicts with --health-* options");
    }
    body.member("Healthcheck").set("Test", Value::strings({"NONE"}));
    return;
  }
  if (!any_given(arguments)) {
    return;
  }
  auto& health = body.member("Healthcheck");
  if (const auto command = arguments.text("health-cmd"); !command.empty()) {
    health.set("Test", Value::strings({"CMD-SHELL", command}));
  }
  for (const auto& [option, key] : durations) {
    const auto time = arguments.duration(option);
    if (time < 0) {
      throw Failure("--" + std::string(option) + " cannot be negative");
    }
    if (time > 0) {
      health.set(key, time);
    }
  }
  const auto retries = arguments.number("health-retries").value_or(0);
  if (retries < 0) {
    throw Failure("--health-retries cannot be negative");
  }
  health.set("Retries", retries);
}

}  // namespace docker_cpp::cli
