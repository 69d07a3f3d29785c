// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "call.hpp"

#include "docker_cpp/images/registry.hpp"

namespace docker_cpp::daemon::api {

/// "[=====>        ]  43.01kB/1.986MB", as Docker's clients of old show it.
[[nodiscard]] std::string progress_bar(std::uint64_t current,
                                       std::uint64_t total);

/// One line of it.
[[nodiscard]] nlohmann::json progress_line(const images::Progress& step);

/// Docker's stream of a pull or push: the answer begins with the first step,
/// so that what fails before is an HTTP status, and what fails later a line.
class ProgressStream {
 public:
  explicit ProgressStream(CallPtr call) : call_(std::move(call)) {}

  void step(const images::Progress& step);
  void status(const std::string& text);
  void line(const nlohmann::json& line);
  void finish();

  /// Runs `work` with a cancellation for when the client leaves.
  void run(const std::function<void(const images::Cancellation&)>& work);

 private:
  void fail(const std::string& message);

  CallPtr call_;
  bool begun_ = false;
};

}  // namespace docker_cpp::daemon::api
