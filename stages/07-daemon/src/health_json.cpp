// SPDX-License-Identifier: Apache-2.0
#include "json_fields.hpp"

#include "docker_cpp/daemon/model_json.hpp"

namespace docker_cpp::daemon {
namespace {

using nlohmann::json;

HealthResult result_from_json(const json& value) {
  const Fields fields(value, "HealthcheckResult");
  HealthResult out;
  std::string text;
  fields.read("Start", text);
  out.start = parse_time(text).value_or(Time{});
  text.clear();
  fields.read("End", text);
  out.end = parse_time(text).value_or(Time{});
  fields.read("ExitCode", out.exit_code);
  fields.read("Output", out.output);
  return out;
}

}  // namespace

/// What is zero is left out, as Go's omitempty does.
json healthcheck_to_json(const HealthCheck& check) {
  json out = json::object();
  if (!check.test.empty()) {
    out["Test"] = check.test;
  }
  const auto add = [&](const char* key, std::int64_t value) {
    if (value != 0) {
      out[key] = value;
    }
  };
  add("Interval", check.interval);
  add("Timeout", check.timeout);
  add("StartPeriod", check.start_period);
  add("StartInterval", check.start_interval);
  add("Retries", check.retries);
  return out;
}

HealthCheck healthcheck_from_json(const json& value) {
  const Fields fields(value, "HealthConfig");
  HealthCheck out;
  fields.read("Test", out.test);
  fields.read("Interval", out.interval);
  fields.read("Timeout", out.timeout);
  fields.read("StartPeriod", out.start_period);
  fields.read("StartInterval", out.start_interval);
  fields.read("Retries", out.retries);
  return out;
}

json health_to_json(const Health& health) {
  json log = json::array();
  for (const HealthResult& result : health.log) {
    log.push_back({{"Start", format_time(result.start)},
                   {"End", format_time(result.end)},
                   {"ExitCode", result.exit_code},
                   {"Output", result.output}});
  }
  return {{"Status", health.status},
          {"FailingStreak", health.failing_streak},
          {"Log", std::move(log)}};
}

Health health_from_json(const json& value) {
  const Fields fields(value, "Health");
  Health out;
  fields.read("Status", out.status);
  fields.read("FailingStreak", out.failing_streak);
  fields.each("Log", [&](const json& result) {
    out.log.push_back(result_from_json(result));
  });
  return out;
}

}  // namespace docker_cpp::daemon
