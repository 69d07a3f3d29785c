// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace docker_cpp::daemon {

/// What kind of failure a client is told of; each is one HTTP status.
enum class ErrorCode : std::uint16_t {
  not_modified = 304,  ///< already started, already stopped
  invalid_argument = 400,
  unauthorized = 401,
  forbidden = 403,
  not_found = 404,
  not_acceptable = 406,
  conflict = 409,
  internal = 500,
  unavailable = 503,
};

/// An operation that failed for a reason the client is to hear, in Docker's
/// words where clients match on them.
class ApiError : public std::runtime_error {
 public:
  ApiError(ErrorCode code, const std::string& message)
      : std::runtime_error(message), code_(code) {}

  [[nodiscard]] ErrorCode code() const noexcept { return code_; }
  [[nodiscard]] int status() const noexcept { return static_cast<int>(code_); }

 private:
  ErrorCode code_;
};

}  // namespace docker_cpp::daemon
