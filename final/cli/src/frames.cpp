// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "docker_cpp/cli/streams.hpp"
#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli {
namespace {

constexpr std::size_t header_size = 8;

std::uint32_t content_size(std::string_view header) {
  std::uint32_t size = 0;
  for (std::size_t i = 4; i < header_size; ++i) {
    size = (size << 8U) | static_cast<unsigned char>(header[i]);
  }
  return size;
}

}  // namespace

std::optional<std::string> FrameReader::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    if (left_ == 0) {
      const auto wanted = std::min(header_size - header_.size(), bytes.size());
      header_.append(bytes.substr(0, wanted));
      bytes.remove_prefix(wanted);
      if (header_.size() < header_size) {
        return std::nullopt;
      }
      const auto stream = static_cast<unsigned char>(header_[0]);
      if (stream > 3) {
        return "Unrecognized input header: " + std::to_string(stream);
      }
      left_ = content_size(header_);
      target_ = stream == 2 ? 2 : 1;
      failing_ = stream == 3;
      header_.clear();
      continue;
    }
    const auto part = bytes.substr(0, left_);
    if (failing_) {
      error_.append(part);
    } else {
      sink_(target_, part);
    }
    left_ -= static_cast<std::uint32_t>(part.size());
    bytes.remove_prefix(part.size());
    if (failing_ && left_ == 0) {
      return "error from daemon in stream: " + error_;
    }
  }
  return std::nullopt;
}

Parsed<DetachKeys> DetachKeys::parse(std::string_view text) {
  DetachKeys result;
  for (const auto& key : split(text, ",")) {
    const auto refused = std::unexpected("Unknown character: '" + key + "'");
    if (key.size() == 1) {
      result.keys_ += key;
      continue;
    }
    if (!key.starts_with("ctrl-") || key.size() != 6) {
      return refused;
    }
    const char c = key[5];
    if (c >= 'a' && c <= 'z') {
      result.keys_ += static_cast<char>(c - 'a' + 1);
    } else if (std::string_view("@[\\]^_").find(c) != std::string_view::npos) {
      result.keys_ += static_cast<char>(c - '@');
    } else {
      return refused;
    }
  }
  return result;
}

std::optional<std::string> DetachKeys::filter(std::string_view typed) {
  std::string send;
  for (const char c : typed) {
    if (!keys_.empty() && c == keys_[matched_]) {
      if (++matched_ == keys_.size()) {
        matched_ = 0;
        return std::nullopt;
      }
      continue;
    }
    // What was held back was no detach sequence after all.
    send.append(keys_, 0, matched_);
    matched_ = 0;
    if (!keys_.empty() && c == keys_[0]) {
      matched_ = 1;
    } else {
      send += c;
    }
  }
  return send;
}

}  // namespace docker_cpp::cli
