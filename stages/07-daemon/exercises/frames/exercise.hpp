// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

/// Takes frames apart. Bytes of a frame are passed on as they come.
class FrameReader {
 public:
  using Output = std::function<void(int stream, std::string_view bytes)>;
  explicit FrameReader(Output output) : output_(std::move(output)) {}

  /// \return false for what is no frame; nothing is passed on after that
  bool feed(std::string_view bytes);

 private:
  Output output_;
  std::string header_;
  [[maybe_unused]] std::uint32_t left_ = 0;
  [[maybe_unused]] bool broken_ = false;
};
