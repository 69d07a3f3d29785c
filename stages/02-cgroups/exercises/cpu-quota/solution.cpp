// SPDX-License-Identifier: Apache-2.0
#include "exercise.hpp"

std::expected<Quota, std::string> cpu_quota(std::string_view cpus) {
  const auto wrong = [&](const char* why) {
    return std::unexpected("invalid number of processors '" +
                           std::string(cpus) + "': " + why);
  };
  std::int64_t nano = 0;
  int after_point = -1;
  for (const char digit : cpus) {
    if (digit == '.' && after_point < 0) {
      after_point = 0;
      continue;
    }
    if (digit < '0' || digit > '9' || after_point == 9 ||
        nano > 10'000'000'000'000) {
      return wrong("expected a number such as 1.5");
    }
    nano = nano * 10 + (digit - '0');
    after_point += after_point >= 0 ? 1 : 0;
  }
  for (int i = after_point < 0 ? 0 : after_point; i < 9; ++i) {
    nano *= 10;
  }
  const std::int64_t quota = nano / 10'000;  // of 100 ms, in microseconds
  if (quota < 1'000) {
    return wrong("the kernel takes no less than 0.01");
  }
  return Quota{.quota_us = quota, .period_us = 100'000};
}
