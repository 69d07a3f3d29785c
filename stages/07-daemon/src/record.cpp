// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/daemon/record.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::daemon {
namespace {

constexpr std::string_view magic = "docker-cpp-record";
constexpr unsigned version = 1;
constexpr std::size_t largest = 16U << 20;

/// CRC-32 (IEEE 802.3, as in gzip): enough to tell damage, which is all that
/// is asked; whoever may write here needs no forgery.
consteval std::array<std::uint32_t, 256> crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value >> 1) ^ ((value & 1U) != 0 ? 0xedb88320U : 0U);
    }
    table.at(i) = value;
  }
  return table;
}

std::uint32_t crc32(std::string_view text) {
  static constexpr auto table = crc_table();
  std::uint32_t value = 0xffffffffU;
  for (const char c : text) {
    value = table.at((value ^ static_cast<unsigned char>(c)) & 0xffU) ^
            (value >> 8);
  }
  return ~value;
}

template <typename T>
bool take_number(std::string_view& line, T& value, int base) {
  while (line.starts_with(' ')) {
    line.remove_prefix(1);
  }
  const auto [end, error] =
      std::from_chars(line.data(), line.data() + line.size(), value, base);
  if (error != std::errc{}) {
    return false;
  }
  line.remove_prefix(static_cast<std::size_t>(end - line.data()));
  return true;
}

std::unexpected<RecordProblem> damaged(std::string reason) {
  return std::unexpected(
      RecordProblem{RecordProblem::Kind::damaged, std::move(reason)});
}

}  // namespace

std::string frame_record(std::string_view body) {
  std::array<char, 96> head{};
  const int length =
      std::snprintf(head.data(), head.size(), "%s %u %zu %08x\n", magic.data(),
                    version, body.size(), static_cast<unsigned>(crc32(body)));
  std::string file(head.data(), static_cast<std::size_t>(length));
  file += body;
  file += '\n';
  return file;
}

std::expected<std::string_view, RecordProblem> unframe_record(
    std::string_view file) {
  const std::size_t line_end = file.find('\n');
  if (!file.starts_with(magic) || line_end == std::string_view::npos) {
    return damaged("no record header");
  }
  std::string_view line = file.substr(magic.size(), line_end - magic.size());
  unsigned found_version = 0;
  std::size_t length = 0;
  std::uint32_t checksum = 0;
  if (!take_number(line, found_version, 10)) {
    return damaged("no version in the record header");
  }
  if (found_version > version) {
    return std::unexpected(
        RecordProblem{RecordProblem::Kind::newer,
                      "written by a newer version of docker-cpp (format " +
                          std::to_string(found_version) + ")"});
  }
  if (!take_number(line, length, 10) || !take_number(line, checksum, 16) ||
      !line.empty()) {
    return damaged("no length and checksum in the record header");
  }
  const std::string_view rest = file.substr(line_end + 1);
  if (rest.size() != length + 1 || rest.back() != '\n') {
    return damaged("length is not the one in the header");
  }
  const std::string_view body = rest.substr(0, length);
  if (crc32(body) != checksum) {
    return damaged("checksum is not the one in the header");
  }
  return body;
}

void write_record(int dir, const std::string& name, std::string_view body,
                  Durability durability) {
  const std::string doing = "write the record '" + name + "'";
  const std::string beside = "." + name + ".new";
  DOCKER_CPP_FAILPOINT("record.write");
  {
    const sys::UniqueFd file = must(
        sys::open_at(dir, beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600),
        doing);
    must(sys::write_all(file.get(), frame_record(body)), doing);
    if (durability == Durability::durable) {
      must(sys::check_void(::fsync(file.get()), "fsync"), doing);
    }
  }
  DOCKER_CPP_FAILPOINT("record.rename");
  must(sys::check_void(::renameat(dir, beside.c_str(), dir, name.c_str()),
                       "rename"),
       doing);
  if (durability == Durability::durable) {
    must(sys::check_void(::fsync(dir), "fsync"), doing);
  }
  DOCKER_CPP_FAILPOINT("record.written");
}

std::expected<std::string, RecordProblem> read_record(int dir,
                                                      const std::string& name) {
  auto file = sys::read_file_at(dir, name.c_str(), largest);
  if (!file) {
    const bool missing = file.error().code == ENOENT;
    return std::unexpected(RecordProblem{
        missing ? RecordProblem::Kind::missing
                : RecordProblem::Kind::unreadable,
        Error(file.error(), "read the record '" + name + "'").what()});
  }
  const auto body = unframe_record(*file);
  if (!body) {
    return std::unexpected(body.error());
  }
  return std::string(*body);
}

sys::Result<void> set_aside(int dir, const std::string& name) {
  const std::string aside = name + ".damaged";
  return sys::check_void(::renameat(dir, name.c_str(), dir, aside.c_str()),
                         "rename");
}

}  // namespace docker_cpp::daemon
