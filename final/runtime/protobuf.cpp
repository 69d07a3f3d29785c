// SPDX-License-Identifier: Apache-2.0
#include "protobuf.hpp"

#include <optional>

namespace docker_cpp::runtime {
namespace {

enum Wire : unsigned {
  varint_wire = 0,
  fixed64 = 1,
  delimited = 2,
  fixed32 = 5
};

std::optional<std::uint64_t> take_varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes[0]);
    bytes.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7fU} << shift;
    if ((byte & 0x80U) == 0) {
      return value;
    }
  }
  return std::nullopt;
}

std::optional<std::string_view> take(std::string_view& bytes,
                                     std::uint64_t size) {
  if (size > bytes.size()) {
    return std::nullopt;
  }
  const std::string_view part = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return part;
}

std::optional<ProtoReader::Field> take_field(std::string_view& bytes) {
  const auto key = take_varint(bytes);
  if (!key) {
    return std::nullopt;
  }
  ProtoReader::Field field{static_cast<unsigned>(*key >> 3), 0, {}};
  std::optional<std::string_view> part = std::string_view();
  switch (*key & 7) {
    case varint_wire:
      if (const auto value = take_varint(bytes)) {
        field.value = *value;
        return field;
      }
      return std::nullopt;
    case delimited:
      if (const auto size = take_varint(bytes)) {
        part = take(bytes, *size);
      } else {
        return std::nullopt;
      }
      break;
    case fixed64:
      part = take(bytes, 8);
      break;
    case fixed32:
      part = take(bytes, 4);
      break;
    default:
      return std::nullopt;
  }
  if (!part) {
    return std::nullopt;
  }
  field.text = *part;
  return field;
}

}  // namespace

void ProtoWriter::varint(std::uint64_t value) {
  while (value >= 0x80) {
    bytes_ += static_cast<char>((value & 0x7f) | 0x80);
    value >>= 7;
  }
  bytes_ += static_cast<char>(value);
}

ProtoWriter& ProtoWriter::number(unsigned field, std::uint64_t value) {
  varint(std::uint64_t{field} << 3 | varint_wire);
  varint(value);
  return *this;
}

ProtoWriter& ProtoWriter::text(unsigned field, std::string_view value) {
  varint(std::uint64_t{field} << 3 | delimited);
  varint(value.size());
  bytes_ += value;
  return *this;
}

std::expected<ProtoReader, std::string> ProtoReader::parse(
    std::string_view bytes) {
  ProtoReader reader;
  while (!bytes.empty()) {
    const auto field = take_field(bytes);
    if (!field) {
      return std::unexpected("not a protobuf message");
    }
    reader.fields_.push_back(*field);
  }
  return reader;
}

std::uint64_t ProtoReader::number(unsigned field) const {
  std::uint64_t value = 0;
  for (const Field& one : fields_) {
    value = one.number == field ? one.value : value;  // the last one counts
  }
  return value;
}

std::string_view ProtoReader::text(unsigned field) const {
  std::string_view value;
  for (const Field& one : fields_) {
    value = one.number == field ? one.text : value;
  }
  return value;
}

}  // namespace docker_cpp::runtime
