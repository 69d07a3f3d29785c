// SPDX-License-Identifier: Apache-2.0
#include "json_log.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <utility>

#include "log_compress.hpp"

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::monitor {
namespace {

constexpr std::string_view replacement = "\\ufffd";

/// Length of the UTF-8 sequence at the start, 0 when it is none. Unicode 3.9,
/// table 3-7: neither overlong forms nor surrogates.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto tail = [&](std::size_t i) {
    return (byte(i) & 0xc0U) == 0x80U;
  };
  const unsigned a = byte(0);
  const unsigned b = byte(1);
  if (a >= 0xc2 && a <= 0xdf) {
    return tail(1) ? 2 : 0;
  }
  if (a >= 0xe0 && a <= 0xef) {
    const bool fits = (a != 0xe0 || b >= 0xa0) && (a != 0xed || b < 0xa0);
    return tail(1) && tail(2) && fits ? 3 : 0;
  }
  if (a >= 0xf0 && a <= 0xf4) {
    const bool fits = (a != 0xf0 || b >= 0x90) && (a != 0xf4 || b < 0x90);
    return tail(1) && tail(2) && tail(3) && fits ? 4 : 0;
  }
  return 0;
}

void append_ascii(std::string& into, char c) {
  switch (c) {
    case '"':
      into += "\\\"";
      return;
    case '\\':
      into += "\\\\";
      return;
    case '\n':
      into += "\\n";
      return;
    case '\r':
      into += "\\r";
      return;
    case '\t':
      into += "\\t";
      return;
    default:
      break;
  }
  // Go escapes < > & too, so that the JSON may stand in a web page.
  std::array<char, 8> code{};
  std::snprintf(code.data(), code.size(), "\\u%04x", static_cast<unsigned>(c));
  into += code.data();
}

bool is_plain(char c) {
  return c >= 0x20 && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&';
}

/// RFC3339Nano: trailing zeros of the fraction are cut.
void append_time(std::string& into,
                 std::chrono::system_clock::time_point time) {
  using std::chrono::duration_cast;
  using std::chrono::nanoseconds;
  const auto since = duration_cast<nanoseconds>(time.time_since_epoch());
  const std::time_t seconds = since.count() / 1'000'000'000;
  const long fraction = since.count() % 1'000'000'000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  std::size_t length =
      std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  into.append(text.data(), length);
  if (fraction != 0) {
    std::snprintf(text.data(), text.size(), ".%09ld", fraction);
    length = 10;
    while (text.at(length - 1) == '0') {
      --length;
    }
    into.append(text.data(), length);
  }
  into += 'Z';
}

}  // namespace

void append_escaped(std::string& into, std::string_view text) {
  while (!text.empty()) {
    std::size_t plain = 0;
    while (plain < text.size() && is_plain(text[plain])) {
      ++plain;
    }
    into.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) {
      return;
    }
    if (static_cast<unsigned char>(text[0]) < 0x80) {
      append_ascii(into, text[0]);
      text.remove_prefix(1);
      continue;
    }
    const std::size_t length = utf8_length(text);
    const std::string_view one = text.substr(0, length);
    if (length == 0) {
      into += replacement;
    } else if (one == "\u2028" || one == "\u2029") {
      into += one == "\u2028" ? "\\u2028" : "\\u2029";
    } else {
      into += one;
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
}

std::string log_attributes(
    const std::map<std::string, std::string>& attributes) {
  std::string out;
  for (const auto& [key, value] : attributes) {
    out += out.empty() ? "{\"" : ",\"";
    append_escaped(out, key);
    out += R"(":")";
    append_escaped(out, value);
    out += '"';
  }
  return out.empty() ? out : out + "}";
}

void append_log_line(std::string& into, std::string_view text, Stream stream,
                     std::chrono::system_clock::time_point time,
                     std::string_view attributes) {
  into += R"({"log":")";
  append_escaped(into, text);
  into += stream == Stream::standard_output ? R"(","stream":"stdout",)"
                                            : R"(","stream":"stderr",)";
  if (!attributes.empty()) {
    into += R"("attrs":)";
    into += attributes;
    into += ',';
  }
  into += R"("time":")";
  append_time(into, time);
  into += "\"}\n";
}

void LineCutter::emit(std::string_view text, std::string& log) {
  const auto now = std::chrono::system_clock::now();
  append_log_line(log, text, stream_, now, attributes_);
  if (listener_) {
    const bool whole = text.ends_with('\n');
    listener_(text.substr(0, text.size() - (whole ? 1 : 0)), now, whole);
  }
}

void LineCutter::feed(std::string_view bytes, std::string& log) {
  while (!bytes.empty()) {
    const std::size_t room = longest - rest_.size();
    const std::size_t newline = bytes.substr(0, room).find('\n');
    if (newline == std::string_view::npos && bytes.size() < room) {
      rest_ += bytes;
      return;
    }
    const std::size_t taken =
        newline == std::string_view::npos ? room : newline + 1;
    if (rest_.empty()) {
      emit(bytes.substr(0, taken), log);
    } else {
      rest_ += bytes.substr(0, taken);
      emit(rest_, log);
      rest_.clear();
    }
    bytes.remove_prefix(taken);
  }
}

void LineCutter::finish(std::string& log) {
  if (!rest_.empty()) {
    emit(rest_, log);
    rest_.clear();
  }
}

LogFile::LogFile(std::string path, Limits limits)
    : path_(std::move(path)), limits_(limits) {
  if (path_.empty()) {
    return;
  }
  file_ = must(sys::open(path_.c_str(),
                         O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0640),
               "open the log " + path_);
  struct stat info{};
  if (::fstat(file_.get(), &info) == 0) {
    size_ = static_cast<std::uint64_t>(info.st_size);
  }
}

/// How much of `lines` may still go into this file: whole lines, and at least
/// one into an empty file. 0: none.
std::size_t LogFile::share(std::string_view lines) const {
  if (limits_.max_size == 0 || size_ + lines.size() <= limits_.max_size) {
    return lines.size();
  }
  const std::uint64_t room =
      limits_.max_size > size_ ? limits_.max_size - size_ : 0;
  const std::size_t last =
      room == 0 ? std::string_view::npos : lines.rfind('\n', room - 1);
  if (last != std::string_view::npos) {
    return last + 1;
  }
  return size_ > 0 ? 0 : lines.find('\n') + 1;
}

void LogFile::write(std::string_view lines) {
  while (file_ && !lines.empty()) {
    const std::size_t taken = share(lines);
    if (taken == 0) {
      rotate();
      if (size_ != 0) {  // no room for a new file: the old one has to do
        static_cast<void>(sys::write_all(file_.get(), lines));
        return;
      }
      continue;
    }
    if (!sys::write_all(file_.get(), lines.substr(0, taken))) {
      return;
    }
    size_ += taken;
    lines.remove_prefix(taken);
  }
}

void LogFile::look_again() {
  struct stat info{};
  if (file_ && ::fstat(file_.get(), &info) == 0) {
    size_ = static_cast<std::uint64_t>(info.st_size);
  }
}

std::string LogFile::numbered(unsigned n) const {
  return path_ + "." + std::to_string(n);
}

/// Whichever of the two forms it has.
void LogFile::shift(unsigned from, unsigned to) const {
  const std::string packed = numbered(from) + ".gz";
  if (::rename(numbered(from).c_str(), numbered(to).c_str()) == 0) {
    ::unlink((numbered(to) + ".gz").c_str());
  } else if (::rename(packed.c_str(), (numbered(to) + ".gz").c_str()) == 0) {
    ::unlink(numbered(to).c_str());
  }
}

/// A file is not renamed while it is being compressed.
void LogFile::await_compression() {
  constexpr int patience_ms = 10'000;
  if (compressing_) {
    pollfd ended{.fd = compressing_.get(), .events = POLLIN, .revents = 0};
    ::poll(&ended, 1, patience_ms);
    compressing_.reset();
  }
}

void LogFile::rotate() {
  await_compression();
  for (unsigned n = limits_.max_file; n-- > 2;) {
    shift(n - 1, n);
  }
  if (limits_.max_file > 1) {
    ::rename(path_.c_str(), numbered(1).c_str());
    ::unlink((numbered(1) + ".gz").c_str());
  }
  auto next =
      sys::open(path_.c_str(),
                O_WRONLY | O_APPEND | O_CREAT | O_TRUNC | O_NOFOLLOW, 0640);
  if (next) {
    file_ = *std::move(next);
    size_ = 0;
  }
  if (limits_.compress && limits_.max_file > 1) {
    const pid_t pid = compress_in_background(numbered(1));
    if (auto process = sys::pidfd_open(pid); pid > 0 && process) {
      compressing_ = *std::move(process);
    }
  }
}

}  // namespace docker_cpp::monitor
