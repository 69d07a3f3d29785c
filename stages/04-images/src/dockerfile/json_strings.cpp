// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <optional>

#include "text.hpp"

#include "docker_cpp/dockerfile/parser.hpp"

namespace docker_cpp::dockerfile {
namespace {

/// Reads ["a", "b"] and nothing else: anything more makes it a shell's line,
/// `[ -f x ]` for one.
class Strings {
 public:
  explicit Strings(std::string_view text) : rest_(trim(text)) {}

  std::optional<std::vector<std::string>> read() {
    std::vector<std::string> all;
    if (!take('[')) {
      return std::nullopt;
    }
    if (take(']')) {
      return end(std::move(all));
    }
    do {
      rest_ = trim_left(rest_);
      auto one = string();
      if (!one) {
        return std::nullopt;
      }
      all.push_back(*std::move(one));
    } while (take(','));
    return take(']') ? end(std::move(all)) : std::nullopt;
  }

 private:
  std::optional<std::vector<std::string>> end(std::vector<std::string> all) {
    return trim_left(rest_).empty() ? std::optional(std::move(all))
                                    : std::nullopt;
  }

  bool take(char c) {
    rest_ = trim_left(rest_);
    if (!rest_.starts_with(c)) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }

  std::optional<std::string> string() {
    if (!take('"')) {
      return std::nullopt;
    }
    std::string out;
    while (!rest_.empty() && rest_[0] != '"') {
      if (static_cast<unsigned char>(rest_[0]) < 0x20) {
        return std::nullopt;
      }
      if (rest_[0] != '\\') {
        out += rest_[0];
        rest_.remove_prefix(1);
      } else if (!escaped(out)) {
        return std::nullopt;
      }
    }
    return take('"') ? std::optional(out) : std::nullopt;
  }

  bool escaped(std::string& out) {
    constexpr std::string_view letters = "\"\\/bfnrt";
    constexpr std::string_view meant = "\"\\/\b\f\n\r\t";
    if (rest_.size() < 2) {
      return false;
    }
    const char c = rest_[1];
    rest_.remove_prefix(2);
    const std::size_t at = letters.find(c);
    if (at != std::string_view::npos) {
      out += meant[at];
      return true;
    }
    std::uint32_t code = 0;
    if (c != 'u' || !hex4(code)) {
      return false;
    }
    if (code >= 0xd800 && code < 0xdc00 && rest_.starts_with("\\u")) {
      rest_.remove_prefix(2);
      std::uint32_t low = 0;
      if (!hex4(low) || low < 0xdc00 || low > 0xdfff) {
        return false;
      }
      code = 0x10000 + ((code - 0xd800) << 10U) + (low - 0xdc00);
    }
    append(out, code);
    return code != 0;
  }

  bool hex4(std::uint32_t& code) {
    if (rest_.size() < 4) {
      return false;
    }
    const char* first = rest_.data();
    const auto [last, error] = std::from_chars(first, first + 4, code, 16);
    rest_.remove_prefix(4);
    return error == std::errc{} && last == first + 4;
  }

  static void append(std::string& out, std::uint32_t code) {
    const auto tail = [&](unsigned shift) {
      out += static_cast<char>(0x80U | (code >> shift & 0x3fU));
    };
    if (code < 0x80) {
      out += static_cast<char>(code);
    } else if (code < 0x800) {
      out += static_cast<char>(0xc0U | code >> 6U);
      tail(0);
    } else if (code < 0x10000) {
      out += static_cast<char>(0xe0U | code >> 12U);
      tail(6);
      tail(0);
    } else {
      out += static_cast<char>(0xf0U | code >> 18U);
      tail(12);
      tail(6);
      tail(0);
    }
  }

  std::string_view rest_;
};

}  // namespace

std::optional<std::vector<std::string>> parse_json_strings(
    std::string_view text) {
  return Strings(text).read();
}

std::expected<std::int64_t, std::string> parse_duration(std::string_view text) {
  struct Unit {
    std::string_view name;
    double nanoseconds;
  };
  // Longer names first: "ms" is not minutes.
  static constexpr Unit units[] = {
      {"ns", 1},  {"us", 1e3}, {"\xc2\xb5s", 1e3}, {"ms", 1e6},
      {"s", 1e9}, {"m", 6e10}, {"h", 3.6e12}};
  const std::string refusal =
      "time: invalid duration \"" + std::string(text) + "\"";
  std::string_view rest = text;
  if (rest == "0") {
    return 0;
  }
  double sum = 0;
  if (rest.empty()) {
    return std::unexpected(refusal);
  }
  while (!rest.empty()) {
    double number = 0;
    const auto [end, error] =
        std::from_chars(rest.data(), rest.data() + rest.size(), number,
                        std::chars_format::fixed);
    if (error != std::errc{} || number < 0 || rest[0] == '-') {
      return std::unexpected(refusal);
    }
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    const Unit* found = nullptr;
    for (const Unit& unit : units) {
      if (found == nullptr && rest.starts_with(unit.name)) {
        found = &unit;
      }
    }
    if (found == nullptr) {
      return std::unexpected(refusal);
    }
    rest.remove_prefix(found->name.size());
    sum += number * found->nanoseconds;
  }
  if (sum > 9e18) {
    return std::unexpected(refusal);
  }
  return static_cast<std::int64_t>(sum);
}

}  // namespace docker_cpp::dockerfile
