// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "exercise.hpp"

std::expected<Quota, std::string> cpu_quota(std::string_view cpus) {
  return Quota{.quota_us = std::atoll(std::string(cpus).c_str()) * 100'000,
               .period_us = 100'000};
}
