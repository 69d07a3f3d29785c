// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/cli/text.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <numeric>

#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::cli {

std::vector<std::string> split(std::string_view text,
                               std::string_view separator) {
  std::vector<std::string> parts;
  while (true) {
    const auto at = text.find(separator);
    parts.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(at + separator.size());
  }
}

std::string join(const std::vector<std::string>& items,
                 std::string_view separator) {
  std::string result;
  for (const auto& item : items) {
    result += &item == items.data() ? "" : separator;
    result += item;
  }
  return result;
}

std::pair<std::string, std::string> cut(std::string_view text, char separator) {
  const auto at = text.find(separator);
  if (at == std::string_view::npos) {
    return {std::string(text), {}};
  }
  return {std::string(text.substr(0, at)), std::string(text.substr(at + 1))};
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n\v\f";
  const auto first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

std::string to_lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  }
  return result;
}

std::string to_upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    c = c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
  }
  return result;
}

namespace {
bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xc0U) == 0x80;
}
}  // namespace

std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return !continues(c); }));
}

std::string ellipsis(std::string_view text, std::size_t width) {
  if (width == 0) {
    return {};
  }
  if (display_width(text) <= width) {
    return std::string(text);
  }
  std::size_t end = 0;
  for (std::size_t columns = 0; end < text.size(); ++end) {
    if (!continues(text[end]) && columns++ == width - 1) {
      break;
    }
  }
  return std::string(text.substr(0, end)) + "…";
}

std::string quote(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    constexpr std::string_view special = "\"\\\n\t\r\a\b\f\v";
    constexpr std::string_view letters = "\"\\ntrabfv";
    const auto at = special.find(c);
    if (at != std::string_view::npos) {
      result += '\\';
      result += letters[at];
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      std::array<char, 8> code{};
      std::snprintf(code.data(), code.size(), "\\x%02x",
                    static_cast<unsigned>(static_cast<unsigned char>(c)));
      result += code.data();
    } else {
      result += c;
    }
  }
  return result + '"';
}

std::string short_id(std::string_view id) {
  const auto colon = id.find(':');
  if (colon != std::string_view::npos) {
    id.remove_prefix(colon + 1);
  }
  return std::string(id.substr(0, 12));
}

std::vector<std::string> csv_fields(std::string_view line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
      fields.back() += c;
      ++i;
    } else if (c == '"' && (quoted || fields.back().empty())) {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

std::size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= left.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const auto changed = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
    }
  }
  return row.back();
}

void write_to(int fd, std::string_view text) {
  static_cast<void>(sys::write_all(fd, {text.data(), text.size()}));
}

void print(std::string_view text) {
  write_to(STDOUT_FILENO, text);
}

void print_error(std::string_view text) {
  write_to(STDERR_FILENO, text);
}

}  // namespace docker_cpp::cli
