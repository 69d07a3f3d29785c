// SPDX-License-Identifier: Apache-2.0
#include "record_file.hpp"

#include "docker_cpp/images/digest.hpp"

namespace docker_cpp::images {
namespace {

constexpr std::string_view magic = "docker-cpp-record ";
constexpr std::string_view version = "1";

std::string header_of(std::string_view kind, std::string_view json) {
  return std::string(magic) + std::string(version) + " " + std::string(kind) +
         " " + std::to_string(json.size()) + " " + Digest::of(json).hex() +
         "\n";
}

}  // namespace

std::string frame_record(std::string_view kind, std::string_view json) {
  return header_of(kind, json) + std::string(json);
}

std::expected<std::string, std::string> unframe_record(std::string_view kind,
                                                       std::string_view file) {
  const auto wrong = [](const char* why) {
    return std::unexpected(std::string(why));
  };
  if (file.empty()) {
    return wrong("the file is empty");
  }
  if (!file.starts_with(magic)) {
    return wrong("not a record");
  }
  const std::string_view rest = file.substr(magic.size());
  if (rest.substr(0, rest.find(' ')) != version) {
    return wrong("written in a format this version does not know");
  }
  const std::size_t line_end = file.find('\n');
  if (line_end == std::string_view::npos) {
    return wrong("cut short");
  }
  const std::string_view json = file.substr(line_end + 1);
  // The same text has one header only: compare instead of parsing it.
  if (file.substr(0, line_end + 1) != header_of(kind, json)) {
    return wrong("length or checksum do not match");
  }
  return std::string(json);
}

}  // namespace docker_cpp::images
