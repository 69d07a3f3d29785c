// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <cstring>

#include "docker_cpp/cli/create_parts.hpp"
#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::cli {
namespace {

enum class Bare : bool { dropped, from_environment };

/// One line of a key-value file, nothing when it says nothing.
Parsed<std::string> file_entry(std::string_view line, Bare bare) {
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  const auto start = line.find_first_not_of(" \t\v\f");
  if (start == std::string_view::npos || line[start] == '#') {
    return std::string();
  }
  line.remove_prefix(start);
  const auto equals = line.find('=');
  const auto key = line.substr(0, equals);
  if (key.empty()) {
    return std::unexpected("no variable name on line '" + std::string(line) +
                           "'");
  }
  if (key.find_first_of(" \t") != std::string_view::npos) {
    return std::unexpected("variable '" + std::string(key) +
                           "' contains whitespaces");
  }
  if (equals != std::string_view::npos) {
    return std::string(line);
  }
  const auto* value =
      bare == Bare::dropped ? nullptr : std::getenv(std::string(key).c_str());
  return value == nullptr ? std::string()
                          : std::string(key) + "=" + std::string(value);
}

Parsed<std::vector<std::string>> read_pairs(const std::string& path,
                                            Bare bare) {
  const auto text = sys::read_file(path.c_str(), 16U << 20U);
  if (!text) {
    return std::unexpected("open " + path + ": " +
                           to_lower(::strerror(text.error().code)));
  }
  std::string_view content = *text;
  if (content.starts_with("\xef\xbb\xbf")) {  // a byte order mark
    content.remove_prefix(3);
  }
  std::vector<std::string> entries;
  for (const auto& line : split(content, "\n")) {
    auto entry = file_entry(line, bare);
    if (!entry) {
      return std::unexpected("invalid env file (" + path +
                             "): " + entry.error());
    }
    if (!entry->empty()) {
      entries.push_back(std::move(*entry));
    }
  }
  return entries;
}

}  // namespace

std::string env_entry(const std::string& text) {
  if (text.find('=') != std::string::npos) {
    return text;
  }
  const auto* value = std::getenv(text.c_str());
  return value == nullptr ? text : text + "=" + std::string(value);
}

Parsed<std::vector<std::string>> read_env_file(const std::string& path) {
  return read_pairs(path, Bare::from_environment);
}

Parsed<std::vector<std::string>> read_label_file(const std::string& path) {
  return read_pairs(path, Bare::dropped);
}

}  // namespace docker_cpp::cli
