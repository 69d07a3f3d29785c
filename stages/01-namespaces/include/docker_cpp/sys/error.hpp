// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "docker_cpp/sys/result.hpp"

namespace docker_cpp {

/// A failed operation, told in the caller's words: "mount proc on /proc: ...".
class Error : public std::system_error {
 public:
  Error(const sys::SysError& cause, std::string_view doing);
};

/// The value of `result`, or an Error that says what we were doing.
template <typename T>
T must(sys::Result<T> result, std::string_view doing) {
  if (!result) {
    throw Error(result.error(), doing);
  }
  if constexpr (!std::is_void_v<T>) {
    return *std::move(result);
  }
}

}  // namespace docker_cpp
