// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <string_view>

#include <gtest/gtest.h>

namespace docker_cpp::testing {

/// Set in CI: a skipped test is not a passed one.
inline bool everything_is_required() {
  const char* value = std::getenv("DOCKER_CPP_REQUIRE_ALL");
  return value != nullptr && std::string_view(value) == "1";
}

}  // namespace docker_cpp::testing

/// Skips the test when this machine lacks what it needs; fails it when the
/// suite was told to require everything.
#define DOCKER_CPP_REQUIRES(condition, what)               \
  if (!(condition)) {                                      \
    if (::docker_cpp::testing::everything_is_required()) { \
      GTEST_FAIL() << "this machine lacks " << (what);     \
    }                                                      \
    GTEST_SKIP() << "this machine lacks " << (what);       \
  }                                                        \
  static_assert(true)
