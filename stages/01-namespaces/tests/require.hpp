// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

namespace docker_cpp {

/// A skipped test is not a passed one: where everything is required, as in CI,
/// what a machine lacks is a failure.
inline bool everything_required() {
  return std::getenv("DOCKER_CPP_REQUIRE_ALL") != nullptr;
}

}  // namespace docker_cpp

/// Skips (or, with DOCKER_CPP_REQUIRE_ALL, fails) a test that needs root.
#define DOCKER_CPP_NEEDS_ROOT()                                          \
  if (::geteuid() != 0) {                                                \
    if (docker_cpp::everything_required()) {                             \
      FAIL() << "needs root: making namespaces takes CAP_SYS_ADMIN";     \
    }                                                                    \
    GTEST_SKIP() << "needs root: making namespaces takes CAP_SYS_ADMIN"; \
  }
