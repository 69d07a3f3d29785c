// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

/// Protocol buffers on the wire, as far as criu's RPC takes them: varints and
/// length-delimited fields. https://protobuf.dev/programming-guides/encoding
namespace docker_cpp::runtime {

/// A message in the making.
class ProtoWriter {
 public:
  ProtoWriter& number(unsigned field, std::uint64_t value);
  ProtoWriter& text(unsigned field, std::string_view value);
  ProtoWriter& message(unsigned field, const ProtoWriter& value) {
    return text(field, value.bytes_);
  }
  /// Only when it is so: the default needs no words.
  ProtoWriter& flag(unsigned field, bool value) {
    return value ? number(field, 1) : *this;
  }

  [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }

 private:
  void varint(std::uint64_t value);
  std::string bytes_;
};

/// A message that came; views into its bytes.
class ProtoReader {
 public:
  struct Field {
    unsigned number;
    std::uint64_t value;    ///< of a varint
    std::string_view text;  ///< of what is delimited
  };

  /// \return or a sentence
  [[nodiscard]] static std::expected<ProtoReader, std::string> parse(
      std::string_view bytes);

  [[nodiscard]] std::uint64_t number(unsigned field) const;
  [[nodiscard]] std::string_view text(unsigned field) const;

 private:
  std::vector<Field> fields_;
};

}  // namespace docker_cpp::runtime
