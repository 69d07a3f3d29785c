// SPDX-License-Identifier: Apache-2.0
#include "context/tar.hpp"

#include <charconv>
#include <cstdio>
#include <numeric>

namespace docker_cpp::cli {
namespace {

constexpr std::size_t block = 512;
constexpr std::size_t checksum_at = 148;
constexpr std::size_t checksum_size = 8;

void put(std::string& header, std::size_t at, std::string_view text) {
  header.replace(at, text.size(), text);
}

std::string octal(std::size_t number, int digits) {
  std::string text(static_cast<std::size_t>(digits), '0');
  for (auto at = text.size(); at > 0; number >>= 3U) {
    text[--at] = static_cast<char>('0' + (number & 7U));
  }
  return text;
}

/// The sum of the header's bytes, the checksum's own counted as spaces.
std::size_t checksum(std::string_view header) {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < block; ++i) {
    const bool own = i >= checksum_at && i < checksum_at + checksum_size;
    sum += own ? ' ' : static_cast<unsigned char>(header[i]);
  }
  return sum;
}

std::string header_of(const TarEntry& entry) {
  const bool folder = entry.name.ends_with('/');
  std::string header(block, '\0');
  put(header, 0, std::string_view(entry.name).substr(0, 100));
  put(header, 100, folder ? "0000700" : "0000644");
  put(header, 108, "0000000");
  put(header, 116, "0000000");
  put(header, 124, octal(entry.content.size(), 11));
  put(header, 136, "00000000000");
  put(header, 156, folder ? "5" : "0");
  put(header, 257,
      std::string_view("ustar\0"
                       "00",
                       8));
  put(header, checksum_at, octal(checksum(header), 6) + std::string("\0 ", 2));
  return header;
}

std::size_t padded(std::size_t size) {
  return (size + block - 1) / block * block;
}

std::size_t number_at(std::string_view header, std::size_t at,
                      std::size_t length) {
  auto field = header.substr(at, length);
  while (field.starts_with(' ')) {
    field.remove_prefix(1);
  }
  std::size_t value = 0;
  std::from_chars(field.data(), field.data() + field.size(), value, 8);
  return value;
}

}  // namespace

std::string write_tar(const std::vector<TarEntry>& entries) {
  std::string archive;
  for (const auto& entry : entries) {
    archive += header_of(entry) + entry.content;
    archive.resize(padded(archive.size()), '\0');
  }
  return archive.append(2 * block, '\0');
}

std::expected<std::vector<TarEntry>, std::string> read_tar(
    std::string_view archive) {
  std::vector<TarEntry> entries;
  while (archive.size() >= block && archive[0] != '\0') {
    const auto header = archive.substr(0, block);
    if (number_at(header, checksum_at, checksum_size) != checksum(header)) {
      return std::unexpected("archive/tar: invalid tar header");
    }
    const auto size = number_at(header, 124, 12);
    archive.remove_prefix(block);
    if (padded(size) > archive.size()) {
      return std::unexpected("unexpected EOF");
    }
    auto name = std::string(header.substr(0, 100));
    name.resize(name.find('\0') == std::string::npos ? 100 : name.find('\0'));
    const char type = header[156];
    if (type == '0' || type == '\0' || type == '5') {
      entries.push_back(
          {std::move(name), std::string(archive.substr(0, size))});
    }
    archive.remove_prefix(padded(size));
  }
  return entries;
}

}  // namespace docker_cpp::cli
