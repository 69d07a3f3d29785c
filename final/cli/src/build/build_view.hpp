// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <deque>
#include <string>
#include <string_view>

#include "docker_cpp/cli/value.hpp"

namespace docker_cpp::cli {

/// Shows how a build goes: as it is told without a terminal, and with one a
/// line per step, its time or CACHED, and the last lines of what runs.
class BuildView {
 public:
  enum class Style : std::uint8_t { quiet, plain, moving };
  explicit BuildView(Style style) : style_(style) {}

  /// One message of the daemon's stream. \throws Failure for an error
  void take(const Value& message);
  /// The last step is over.
  void finish();
  [[nodiscard]] const std::string& image() const { return image_; }

 private:
  using Clock = std::chrono::steady_clock;
  void pulled(const Value& message, const std::string& status);
  void text(std::string_view text);
  void line(const std::string& line);
  void begin_step(const std::string& line);
  void end_step(bool good);
  void clear_output();
  void draw_output();

  Style style_;
  std::string image_;
  std::string partial_;
  std::string step_;  ///< "[3/7] RUN make"
  bool cached_ = false;
  Clock::time_point began_;
  std::deque<std::string> output_;
  std::size_t drawn_ = 0;
};

}  // namespace docker_cpp::cli
