// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <string>
#include <utility>

namespace docker_cpp::cli {

inline constexpr const char* program_name = "docker-cpp";

/// A command that cannot go on: what to tell on stderr (nothing when empty),
/// and the exit code.
class Failure : public std::exception {
 public:
  explicit Failure(std::string message, int exit_code = 1)
      : message_(std::move(message)), exit_code_(exit_code) {}

  [[nodiscard]] const char* what() const noexcept override {
    return message_.c_str();
  }
  [[nodiscard]] const std::string& message() const noexcept { return message_; }
  [[nodiscard]] int exit_code() const noexcept { return exit_code_; }

 private:
  std::string message_;
  int exit_code_;
};

/// The daemon's own words, with the HTTP status that brought them.
class DaemonFailure : public Failure {
 public:
  DaemonFailure(int status, const std::string& message)
      : Failure("Error response from daemon: " + message),
        status_(status),
        reason_(message) {}

  [[nodiscard]] int status() const noexcept { return status_; }
  [[nodiscard]] const std::string& reason() const noexcept { return reason_; }

 private:
  int status_;
  std::string reason_;
};

/// Nobody answers where the daemon should be.
class NoDaemon : public Failure {
 public:
  using Failure::Failure;
};

}  // namespace docker_cpp::cli
