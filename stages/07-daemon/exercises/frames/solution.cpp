// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "exercise.hpp"

bool FrameReader::feed(std::string_view bytes) {
  while (!broken_ && !bytes.empty()) {
    if (left_ > 0) {
      const auto part =
          bytes.substr(0, std::min<std::size_t>(left_, bytes.size()));
      output_(header_[0], part);
      left_ -= static_cast<std::uint32_t>(part.size());
      bytes.remove_prefix(part.size());
      if (left_ == 0) {
        header_.clear();
      }
      continue;
    }
    header_ += bytes.front();
    bytes.remove_prefix(1);
    if (header_.size() < 8) {
      continue;
    }
    broken_ = (header_[0] != 1 && header_[0] != 2) ||
              header_.substr(1, 3) != std::string(3, '\0');
    for (std::size_t i = 4; i < 8; ++i) {
      left_ = left_ << 8 | static_cast<unsigned char>(header_[i]);
    }
    if (left_ == 0) {
      header_.clear();
    }
  }
  return !broken_;
}
