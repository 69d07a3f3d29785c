// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/sys/result.hpp"

/// Named places in the code where a test may make the world go wrong.
///
/// Armed by the environment, `DOCKER_CPP_FAILPOINTS=name=action,...`, where an
/// action is `error(ENOSPC)`, `delay(250)` (milliseconds) or `kill`, with an
/// optional `@n` for "only the n-th time": `record.write=kill@2`. With
/// `DOCKER_CPP_FAILPOINT_LOG=file` each name passed is appended to that file,
/// which is how a sweep learns all the points of an operation. Compiled to
/// nothing unless the build asks for DOCKER_CPP_FAILPOINTS.
namespace docker_cpp::sys {

/// Acts as armed; an error action comes back as the failure to report.
[[nodiscard]] Result<void> failpoint(std::string_view name);

/// One armed point, for tests of the parser.
struct FailpointRule {
  std::string name;
  enum class Action : std::uint8_t { error, delay, kill } action;
  int argument = 0;  ///< errno, or milliseconds
  int only_at = 0;   ///< counts from 1; 0 means each time
};

/// Reads what the environment variable holds; rules that do not parse are
/// refused whole, so that a typo cannot make a test pass.
[[nodiscard]] std::expected<std::vector<FailpointRule>, std::string>
parse_failpoints(std::string_view text);

}  // namespace docker_cpp::sys

// A macro so that nothing at all remains in a production build.
#ifdef DOCKER_CPP_FAILPOINTS
#define DOCKER_CPP_FAILPOINT(name) /* NOLINT */ \
  ::docker_cpp::must(::docker_cpp::sys::failpoint(name), name)
#else
#define DOCKER_CPP_FAILPOINT(name) static_cast<void>(0)  // NOLINT: see above
#endif
