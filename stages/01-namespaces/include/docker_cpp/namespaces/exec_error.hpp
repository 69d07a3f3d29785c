// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::namespaces {

/// The container was ready, but its program could not be executed. Worded as
/// runc words it, because clients of Docker match on that text:
/// `exec: "x": executable file not found in $PATH`.
class ExecError : public Error {
 public:
  enum class Found : bool { no, yes };

  /// `found`: the program is there, so ENOENT is about what it asks to be
  /// interpreted by.
  ExecError(int code, const std::string& program, Found found = Found::no);

  [[nodiscard]] const char* what() const noexcept override {
    return message_.c_str();
  }

  /// What `docker run` exits with: 127 not found, else 126.
  [[nodiscard]] int exit_code() const noexcept;

 private:
  std::string message_;
};

}  // namespace docker_cpp::namespaces
