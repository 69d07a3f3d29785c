// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <utility>

#include "docker_cpp/daemon/container_runtime.hpp"

namespace docker_cpp::daemon {

/// The failure in flight, as clients are told of it.
[[nodiscard]] inline ApiError current_error() {
  try {
    throw;
  } catch (const ApiError& error) {
    return error;
  } catch (const std::exception& error) {
    return {ErrorCode::internal, error.what()};
  }
}

/// Does `work` and tells `done` how it ended.
template <typename T, typename Work>
void answer(Done<T>& done, Work work) {
  Outcome<T> outcome = std::unexpected(ApiError(ErrorCode::internal, ""));
  try {
    if constexpr (std::is_void_v<T>) {
      work();
      outcome = Outcome<T>();
    } else {
      outcome = work();
    }
  } catch (...) {
    outcome = std::unexpected(current_error());
  }
  done(std::move(outcome));
}

}  // namespace docker_cpp::daemon
