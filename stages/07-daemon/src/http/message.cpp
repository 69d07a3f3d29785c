// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/daemon/http/message.hpp"

#include <time.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "docker_cpp/daemon/api_error.hpp"

namespace docker_cpp::daemon::http {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_in_any_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char small = lower(c);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

std::string http_date() {
  const time_t now = ::time(nullptr);
  tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 40> text{};
  const auto size = std::strftime(text.data(), text.size(),
                                  "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text.data(), size};
}

void append_header(std::string& out, std::string_view name,
                   std::string_view value) {
  out += name;
  out += ": ";
  // A line break in a value would start a header of somebody else's choice.
  for (const char c : value) {
    out += c == '\r' || c == '\n' ? ' ' : c;
  }
  out += "\r\n";
}

}  // namespace

std::optional<std::string> decode_percent(std::string_view text, Plus plus) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0 || (high == 0 && low == 0)) {
        return std::nullopt;
      }
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus == Plus::is_space) {
      c = ' ';
    }
    out += c;
  }
  return out;
}

Query::Query(std::string_view text) {
  while (!text.empty()) {
    const auto piece = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(piece.size() + 1, text.size()));
    const auto equals = std::min(piece.find('='), piece.size());
    auto key = decode_percent(piece.substr(0, equals), Plus::is_space);
    auto value = decode_percent(
        piece.substr(std::min(equals + 1, piece.size())), Plus::is_space);
    if (key && value && !key->empty()) {
      values_.emplace(*std::move(key), *std::move(value));
    }
  }
}

std::string Query::get(const std::string& key) const {
  const auto found = values_.lower_bound(key);
  return found != values_.end() && found->first == key ? found->second
                                                       : std::string{};
}

bool Query::has(const std::string& key) const {
  return values_.contains(key);
}

std::vector<std::string> Query::all(const std::string& key) const {
  std::vector<std::string> out;
  const auto [begin, end] = values_.equal_range(key);
  std::transform(begin, end, std::back_inserter(out),
                 [](const auto& entry) { return entry.second; });
  return out;
}

bool Query::flag(const std::string& key, bool missing) const {
  if (!has(key)) {
    return missing;
  }
  std::string value = get(key);
  const auto first = value.find_first_not_of(" \t");
  const auto last = value.find_last_not_of(" \t");
  value = first == std::string::npos ? std::string{}
                                     : value.substr(first, last - first + 1);
  constexpr std::array<std::string_view, 5> no = {"", "0", "no", "false",
                                                  "none"};
  return std::ranges::none_of(
      no, [&](std::string_view word) { return same_in_any_case(word, value); });
}

std::optional<int> Query::number(const std::string& key) const {
  const std::string text = get(key);
  if (text.empty()) {
    return std::nullopt;
  }
  int value = 0;
  const char* begin = text.data() + (text.starts_with('+') ? 1 : 0);
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(begin, end, value);
  if (error != std::errc() || stop != end) {
    throw ApiError(
        ErrorCode::invalid_argument,
        "strconv.Atoi: parsing \"" + text + "\": " +
            (error == std::errc::result_out_of_range ? "value out of range"
                                                     : "invalid syntax"));
  }
  return value;
}

std::string_view Request::header(std::string_view name) const {
  const auto found = std::ranges::find_if(headers, [&](const auto& entry) {
    return same_in_any_case(entry.first, name);
  });
  return found == headers.end() ? std::string_view{}
                                : std::string_view(found->second);
}

std::string_view reason_phrase(int status) noexcept {
  struct Phrase {
    int status;
    std::string_view text;
  };
  static constexpr std::array phrases = {
      Phrase{101, "UPGRADED"},
      Phrase{200, "OK"},
      Phrase{201, "Created"},
      Phrase{204, "No Content"},
      Phrase{304, "Not Modified"},
      Phrase{400, "Bad Request"},
      Phrase{401, "Unauthorized"},
      Phrase{403, "Forbidden"},
      Phrase{404, "Not Found"},
      Phrase{405, "Method Not Allowed"},
      Phrase{406, "Not Acceptable"},
      Phrase{408, "Request Timeout"},
      Phrase{409, "Conflict"},
      Phrase{411, "Length Required"},
      Phrase{413, "Request Entity Too Large"},
      Phrase{417, "Expectation Failed"},
      Phrase{431, "Request Header Fields Too Large"},
      Phrase{500, "Internal Server Error"},
      Phrase{501, "Not Implemented"},
      Phrase{503, "Service Unavailable"},
      Phrase{505, "HTTP Version Not Supported"}};
  const auto found = std::ranges::find(phrases, status, &Phrase::status);
  return found == phrases.end() ? "Unknown" : found->text;
}

std::string serialize(const Head& head, std::string_view framing) {
  std::string out = "HTTP/1.1 " + std::to_string(head.status) + " ";
  out += reason_phrase(head.status);
  out += "\r\n";
  auto headers = head.headers;
  if (!head.content_type.empty()) {
    headers.emplace_back("Content-Type", head.content_type);
  }
  std::ranges::stable_sort(headers, {}, &Headers::value_type::first);
  for (const auto& [name, value] : headers) {
    append_header(out, name, value);
  }
  // Go, and so Docker, dates everything but what it hijacks.
  if (head.status != 101) {
    append_header(out, "Date", http_date());
  }
  if (!framing.empty()) {
    out += framing;
    out += "\r\n";
  }
  return out + "\r\n";
}

}  // namespace docker_cpp::daemon::http
