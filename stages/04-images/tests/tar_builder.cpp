// SPDX-License-Identifier: Apache-2.0
#include "tar_builder.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace docker_cpp::images {
namespace {

constexpr std::size_t block = 512;

void put(std::string& header, std::size_t at, std::size_t width,
         std::string_view text) {
  std::copy_n(text.data(), std::min(width, text.size()), header.data() + at);
}

std::string octal(std::uint64_t number, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%0*llo", digits,
                static_cast<unsigned long long>(number));
  return text;
}

/// "<length> <key>=<value>\n", where the length counts itself.
std::string pax_record(const std::string& key, const std::string& value) {
  const std::string rest = " " + key + "=" + value + "\n";
  std::size_t length = rest.size() + 1;
  while (std::to_string(length).size() + rest.size() != length) {
    ++length;
  }
  return std::to_string(length) + rest;
}

}  // namespace

TarBuilder& TarBuilder::add(const Header& header, std::string_view data) {
  constexpr std::size_t longest = 100;
  std::map<std::string, std::string> records;
  if (header.name.size() > longest) {
    records["path"] = header.name;
  }
  if (header.link.size() > longest) {
    records["linkpath"] = header.link;
  }
  if (!records.empty()) {
    pax(records);
  }
  std::string raw(block, '\0');
  put(raw, 0, 100, header.name);
  put(raw, 100, 8, octal(header.mode, 7));
  put(raw, 108, 8, octal(header.uid, 7));
  put(raw, 116, 8, octal(header.gid, 7));
  put(raw, 124, 12, octal(data.size(), 11));
  put(raw, 136, 12, octal(static_cast<std::uint64_t>(header.mtime), 11));
  raw[156] = header.type;
  put(raw, 157, 100, header.link);
  put(raw, 257, 8, std::string_view("ustar\00000", 8));
  put(raw, 329, 8, octal(header.major, 7));
  put(raw, 337, 8, octal(header.minor, 7));
  put(raw, 148, 8, "        ");
  unsigned sum = 0;
  for (const char c : raw) {
    sum += static_cast<unsigned char>(c);
  }
  put(raw, 148, 8, octal(sum, 6) + std::string_view("\0 ", 2).data());
  bytes_ += raw;
  bytes_ += data;
  bytes_.append((block - data.size() % block) % block, '\0');
  return *this;
}

TarBuilder& TarBuilder::file(const std::string& name, std::string_view data) {
  return add({.name = name}, data);
}

TarBuilder& TarBuilder::folder(const std::string& name, unsigned mode) {
  return add({.name = name, .type = '5', .mode = mode});
}

TarBuilder& TarBuilder::symlink(const std::string& name,
                                const std::string& target) {
  return add({.name = name, .type = '2', .link = target});
}

TarBuilder& TarBuilder::hard_link(const std::string& name,
                                  const std::string& target) {
  return add({.name = name, .type = '1', .link = target});
}

TarBuilder& TarBuilder::pax(const std::map<std::string, std::string>& records) {
  std::string text;
  for (const auto& [key, value] : records) {
    text += pax_record(key, value);
  }
  return add({.name = "pax", .type = 'x'}, text);
}

std::string TarBuilder::finish() const {
  return bytes_ + std::string(2 * block, '\0');
}

}  // namespace docker_cpp::images
