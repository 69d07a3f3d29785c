// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "exercise.hpp"

std::expected<Quota, std::string> cpu_quota(std::string_view cpus) {
  return Quota{.quota_us = std::atoi(std::string(cpus).c_str()) * 100'000LL,
               .period_us = 100'000};
}
