// SPDX-License-Identifier: Apache-2.0
#include "build/tar_stream.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include "docker_cpp/cli/failure.hpp"

namespace docker_cpp::cli {
namespace {

constexpr std::size_t block_size = 512;
constexpr std::int64_t most_octal = 077777777777;

/// "23 path=a/b\n": a record that counts itself.
std::string pax(std::string_view key, std::string_view value) {
  const std::size_t rest = key.size() + value.size() + 3;
  std::size_t length = rest + 1;
  while (length != rest + std::to_string(length).size()) {
    length = rest + std::to_string(length).size();
  }
  std::string record = std::to_string(length) + " ";
  record.append(key).append("=").append(value).append("\n");
  return record;
}

}  // namespace

void TarStream::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::write(fd_, bytes.data(), bytes.size());
    if (sent < 0 && errno != EINTR) {
      throw Failure("the daemon stopped reading the build context");
    }
    bytes.remove_prefix(sent < 0 ? 0 : static_cast<std::size_t>(sent));
  }
}

void TarStream::block(const Entry& entry) {
  std::array<char, block_size> head{};
  const auto put = [&](std::size_t at, std::size_t room,
                       std::string_view text) {
    std::copy_n(text.begin(), std::min(room, text.size()), head.data() + at);
  };
  const auto octal = [&](std::size_t at, int digits, std::int64_t value) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%0*llo", digits,
                  static_cast<unsigned long long>(
                      std::clamp<std::int64_t>(value, 0, most_octal)));
    put(at, static_cast<std::size_t>(digits), text.data());
  };
  put(0, 100, entry.name);
  octal(100, 7, entry.mode & 07777);
  octal(108, 7, 0);
  octal(116, 7, 0);
  octal(124, 11, entry.size);
  octal(136, 11, entry.modified);
  put(148, 8, "        ");
  head[156] = entry.type;
  put(157, 100, entry.target);
  put(257, 8, std::string_view("ustar\00000", 8));
  unsigned sum = 0;
  for (const char c : head) {
    sum += static_cast<unsigned char>(c);
  }
  octal(148, 6, sum);
  head[154] = '\0';
  write({head.data(), head.size()});
}

void TarStream::pad(std::int64_t size) {
  const auto over = static_cast<std::size_t>(size) % block_size;
  if (over != 0) {
    write(std::string(block_size - over, '\0'));
  }
}

void TarStream::header(const Entry& entry) {
  std::string extra;
  if (entry.name.size() > 100) {
    extra += pax("path", entry.name);
  }
  if (entry.target.size() > 100) {
    extra += pax("linkpath", entry.target);
  }
  if (entry.size > most_octal) {
    extra += pax("size", std::to_string(entry.size));
  }
  if (!extra.empty()) {
    const auto size = static_cast<std::int64_t>(extra.size());
    block({.name = "pax", .target = {}, .type = 'x', .size = size});
    write(extra);
    pad(size);
  }
  block(entry);
}

void TarStream::folder(const std::string& name, mode_t mode,
                       std::int64_t modified) {
  header({.name = name + "/",
          .target = {},
          .type = '5',
          .mode = mode,
          .modified = modified});
}

void TarStream::link(const std::string& name, const std::string& target,
                     std::int64_t modified) {
  header({.name = name,
          .target = target,
          .type = '2',
          .mode = 0777,
          .modified = modified});
}

void TarStream::text(const std::string& name, std::string_view content,
                     mode_t mode, std::int64_t modified) {
  const auto size = static_cast<std::int64_t>(content.size());
  header({.name = name,
          .target = {},
          .mode = mode,
          .size = size,
          .modified = modified});
  write(content);
  pad(size);
}

void TarStream::file(const std::string& name, int from,
                     const struct stat& status) {
  header({.name = name,
          .target = {},
          .mode = status.st_mode,
          .size = status.st_size,
          .modified = status.st_mtim.tv_sec});
  std::string buffer(std::size_t{256} << 10, '\0');
  std::int64_t left = status.st_size;
  while (left > 0) {
    const auto wanted =
        std::min(left, static_cast<std::int64_t>(buffer.size()));
    ssize_t got = ::read(from, buffer.data(), static_cast<std::size_t>(wanted));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      std::ranges::fill(buffer, '\0');
      got = static_cast<ssize_t>(wanted);
    }
    write({buffer.data(), static_cast<std::size_t>(got)});
    left -= got;
  }
  pad(status.st_size);
}

void TarStream::finish() {
  write(std::string(2 * block_size, '\0'));
}

}  // namespace docker_cpp::cli
