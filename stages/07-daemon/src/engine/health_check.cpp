// SPDX-License-Identifier: Apache-2.0
#include "health_check.hpp"

#include <algorithm>

#include "docker_cpp/daemon/api_error.hpp"

namespace docker_cpp::daemon {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

milliseconds or_default(std::int64_t nanoseconds, milliseconds standard) {
  const auto given = std::chrono::duration_cast<milliseconds>(
      std::chrono::nanoseconds(nanoseconds));
  return given.count() == 0 ? standard : given;
}

[[noreturn]] void refuse(const std::string& why) {
  throw ApiError(ErrorCode::invalid_argument, why);
}

void check_time(std::int64_t nanoseconds, const std::string& name) {
  constexpr std::int64_t least = 1'000'000;
  if (nanoseconds != 0 && nanoseconds < least) {
    refuse(name + " in Healthcheck cannot be less than 1ms");
  }
}

}  // namespace

HealthTimes times_of(const HealthCheck& check) {
  return {.interval = or_default(check.interval, 30s),
          .timeout = or_default(check.timeout, 30s),
          .start_period = or_default(check.start_period, 0s),
          .start_interval = or_default(check.start_interval, 5s),
          .retries = check.retries == 0 ? 3 : check.retries};
}

bool is_disabled(const HealthCheck& check) {
  return check.test.empty() || check.test.front() == "NONE";
}

Strings probe_command(const Config& config) {
  const Strings& test = config.healthcheck->test;
  Strings command;
  if (test.front() == "CMD-SHELL") {
    command = config.shell.empty() ? Strings{"/bin/sh", "-c"} : config.shell;
  }
  command.insert(command.end(), test.begin() + 1, test.end());
  return command;
}

void check_health(const HealthCheck& check) {
  check_time(check.interval, "Interval");
  check_time(check.timeout, "Timeout");
  check_time(check.start_period, "StartPeriod");
  check_time(check.start_interval, "StartInterval");
  if (check.retries < 0) {
    refuse("Retries in Healthcheck cannot be negative");
  }
  if (check.test.empty()) {
    return;
  }
  const std::string& kind = check.test.front();
  if (kind != "NONE" && kind != "CMD" && kind != "CMD-SHELL") {
    refuse("Unknown healthcheck type '" + kind + "' (expected 'CMD')");
  }
  if (kind != "NONE" && check.test.size() == 1) {
    refuse("Healthcheck " + kind + " has no command");
  }
}

std::string duration_text(milliseconds time) {
  const auto count = time.count();
  if (count < 1000) {
    return std::to_string(count) + "ms";
  }
  const auto hours = count / 3'600'000;
  const auto minutes = count / 60'000 % 60;
  std::string fraction = std::to_string(count % 1000 + 1000).substr(1);
  fraction.erase(fraction.find_last_not_of('0') + 1);
  std::string text = hours > 0 ? std::to_string(hours) + "h" : "";
  text += hours > 0 || minutes > 0 ? std::to_string(minutes) + "m" : "";
  text += std::to_string(count / 1000 % 60);
  return text + (fraction.empty() ? "" : "." + fraction) + "s";
}

std::string unframed(std::string_view raw, std::size_t longest) {
  constexpr std::size_t head = 8;
  std::string out;
  while (raw.size() >= head && out.size() < longest) {
    std::size_t size = 0;
    for (const char byte : raw.substr(4, 4)) {
      size = size << 8U | static_cast<unsigned char>(byte);
    }
    raw.remove_prefix(head);
    size = std::min(size, raw.size());
    out += raw.substr(0, size);
    raw.remove_prefix(size);
  }
  out.resize(std::min(out.size(), longest));
  return out;
}

}  // namespace docker_cpp::daemon
