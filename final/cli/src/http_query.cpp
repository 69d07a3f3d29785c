// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/cli/http.hpp"

namespace docker_cpp::cli::http {
namespace {

std::string escaped(std::string_view text, std::string_view kept) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       (c >= '0' && c <= '9') ||
                       kept.find(c) != std::string_view::npos;
    if (plain) {
      result += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      result += '%';
      result += digits[byte >> 4U];
      result += digits[byte & 15U];
    }
  }
  return result;
}

}  // namespace

std::string escape(std::string_view text) {
  return escaped(text, "-_.~");
}

std::string escape_path(std::string_view text) {
  return escaped(text, "-_.~/:@");
}

Query& Query::add(std::string_view key, std::string_view value) {
  text_ += text_.empty() ? '?' : '&';
  text_.append(key).append("=").append(escape(value));
  return *this;
}

Query& Query::add_if(bool condition, std::string_view key) {
  return condition ? add(key, "1") : *this;
}

}  // namespace docker_cpp::cli::http
