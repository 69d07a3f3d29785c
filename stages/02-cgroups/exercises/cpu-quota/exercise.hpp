// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

struct Quota {
  std::int64_t quota_us;
  std::int64_t period_us;
};

/// "1.5", up to nine digits after the point.
std::expected<Quota, std::string> cpu_quota(std::string_view cpus);
