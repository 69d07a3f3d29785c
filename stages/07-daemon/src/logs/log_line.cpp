// SPDX-License-Identifier: Apache-2.0
#include "log_line.hpp"

#include <cstring>

namespace docker_cpp::daemon {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char small = static_cast<char>(c | 0x20);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

void append_utf8(std::string& out, char32_t c) {
  const auto byte = [&](char32_t value) {
    out += static_cast<char>(static_cast<unsigned char>(value));
  };
  if (c < 0x80) {
    byte(c);
  } else if (c < 0x800) {
    byte(0xC0 | (c >> 6));
    byte(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    byte(0xE0 | (c >> 12));
    byte(0x80 | ((c >> 6) & 0x3F));
    byte(0x80 | (c & 0x3F));
  } else {
    byte(0xF0 | (c >> 18));
    byte(0x80 | ((c >> 12) & 0x3F));
    byte(0x80 | ((c >> 6) & 0x3F));
    byte(0x80 | (c & 0x3F));
  }
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool take(char wanted) {
    skip_space();
    if (rest_.empty() || rest_[0] != wanted) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }

  /// The inside of a string, escapes and all.
  std::optional<std::string_view> raw_string() {
    if (!take('"')) {
      return std::nullopt;
    }
    std::size_t at = 0;
    while (at < rest_.size() && rest_[at] != '"') {
      at += rest_[at] == '\\' ? 2U : 1U;
    }
    if (at >= rest_.size()) {
      return std::nullopt;
    }
    const auto inside = rest_.substr(0, at);
    rest_.remove_prefix(at + 1);
    return inside;
  }

  std::optional<std::string_view> object() {
    skip_space();
    const auto whole = rest_;
    if (rest_.empty() || rest_[0] != '{') {
      return std::nullopt;
    }
    int depth = 0;
    while (!rest_.empty()) {
      const char c = rest_[0];
      if (c == '"') {
        if (!raw_string()) {
          return std::nullopt;
        }
        continue;
      }
      rest_.remove_prefix(1);
      depth += c == '{' ? 1 : c == '}' ? -1 : 0;
      if (depth == 0) {
        return whole.substr(0, whole.size() - rest_.size());
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] bool at(char c) {
    skip_space();
    return !rest_.empty() && rest_[0] == c;
  }

 private:
  void skip_space() {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\t')) {
      rest_.remove_prefix(1);
    }
  }

  std::string_view rest_;
};

std::optional<char32_t> code_unit(std::string_view digits) {
  char32_t value = 0;
  if (digits.size() < 4) {
    return std::nullopt;
  }
  for (const char c : digits.substr(0, 4)) {
    const int digit = hex_digit(c);
    if (digit < 0) {
      return std::nullopt;
    }
    value = value * 16 + static_cast<char32_t>(digit);
  }
  return value;
}

/// One \uXXXX, or two that make a pair; `at` is on the first 'u'.
bool append_unicode(std::string_view raw, std::size_t& at, std::string& out) {
  const auto first = code_unit(raw.substr(at + 1));
  if (!first) {
    return false;
  }
  at += 5;
  char32_t c = *first;
  if (c >= 0xD800 && c < 0xDC00 && raw.substr(at).starts_with("\\u")) {
    const auto second = code_unit(raw.substr(at + 2));
    if (second && *second >= 0xDC00 && *second < 0xE000) {
      c = 0x10000 + ((c - 0xD800) << 10) + (*second - 0xDC00);
      at += 6;
    }
  }
  append_utf8(out, c >= 0xD800 && c < 0xE000 ? 0xFFFD : c);
  return true;
}

std::optional<std::string> unescape(std::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  std::size_t at = 0;
  while (at < raw.size()) {
    const auto next = std::min(raw.find('\\', at), raw.size());
    out.append(raw, at, next - at);
    if (next + 1 >= raw.size()) {
      break;
    }
    at = next + 1;
    constexpr std::string_view names = "nrtbf\"\\/";
    constexpr std::string_view values = "\n\r\t\b\f\"\\/";
    const auto found = names.find(raw[at]);
    if (found != std::string_view::npos) {
      out += values[found];
      ++at;
    } else if (raw[at] != 'u' || !append_unicode(raw, at, out)) {
      return std::nullopt;
    }
  }
  return out;
}

bool take_field(Scanner& scanner, LogLine& line, bool& has_text) {
  const auto key = scanner.raw_string();
  if (!key || !scanner.take(':')) {
    return false;
  }
  if (scanner.at('{')) {
    const auto object = scanner.object();
    line.attrs = object.value_or("");
    return object.has_value();
  }
  const auto value = scanner.raw_string();
  if (!value) {
    return false;
  }
  if (*key == "log") {
    auto text = unescape(*value);
    has_text = text.has_value();
    line.text = std::move(text).value_or("");
    return has_text;
  }
  if (*key == "stream") {
    line.is_stderr = *value == "stderr";
  } else if (*key == "time") {
    line.time = *value;
  }
  return true;
}

}  // namespace

std::optional<LogLine> parse_log_line(std::string_view text) {
  Scanner scanner(text);
  LogLine line;
  bool has_text = false;
  if (!scanner.take('{')) {
    return std::nullopt;
  }
  do {
    if (!take_field(scanner, line, has_text)) {
      return std::nullopt;
    }
  } while (scanner.take(','));
  const bool whole = scanner.take('}') && has_text;
  return whole ? std::optional(std::move(line)) : std::nullopt;
}

std::string fixed_width_time(std::string_view time) {
  if (!time.ends_with('Z')) {
    return std::string(time);
  }
  std::string out(time.substr(0, time.size() - 1));
  const auto dot = out.find('.');
  if (dot == std::string::npos) {
    out += ".000000000";
  } else if (out.size() - dot <= 10) {
    out.append(10 - (out.size() - dot), '0');
  }
  return out + "Z";
}

}  // namespace docker_cpp::daemon
