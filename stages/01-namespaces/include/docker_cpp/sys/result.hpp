// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cerrno>
#include <concepts>
#include <expected>
#include <type_traits>

namespace docker_cpp::sys {

// [sys-error]
/// Why a system call failed: which call, and the errno it left.
///
/// Holds no memory of its own. A child of clone3(2) must not touch the heap
/// (\man{signal-safety,7}), and this is the one error type it may build. The
/// text must outlive it: a literal, or a string that the parent prepared before
/// the clone.
struct SysError {
  int code;          ///< an errno value, never 0
  const char* call;  ///< what was tried, such as "pivot_root"
};

static_assert(std::is_trivially_copyable_v<SysError>);

template <typename T>
using Result = std::expected<T, SysError>;

// [sys-error]

/// The failure that errno tells of, right after a call.
[[nodiscard]] inline std::unexpected<SysError> fail(const char* call) noexcept {
  return std::unexpected(SysError{.code = errno, .call = call});
}

/// Turns the kernel's "-1 and errno" into a value.
template <std::signed_integral T>
[[nodiscard]] Result<T> check(T returned, const char* call) noexcept {
  if (returned == -1) {
    return fail(call);
  }
  return returned;
}

/// The same, for calls whose success carries nothing.
template <std::signed_integral T>
[[nodiscard]] Result<void> check_void(T returned, const char* call) noexcept {
  if (returned == -1) {
    return fail(call);
  }
  return {};
}

}  // namespace docker_cpp::sys
