// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

/// D-Bus as far as talking to systemd takes: little-endian messages with
/// numbers, strings, arrays, structs and variants.
/// https://dbus.freedesktop.org/doc/dbus-specification.html
namespace docker_cpp::cgroups {

/// A value and its type: "s", "t", "as", "a(sv)"...
struct DbusValue {
  std::string signature;
  std::uint64_t number = 0;      ///< y b n q i u x t, negative ones as two's
                                 ///< complement
  std::string text;              ///< s o g
  std::vector<DbusValue> items;  ///< of arrays and structs; a variant's one

  static DbusValue boolean(bool value);
  static DbusValue uint32(std::uint32_t value);
  static DbusValue uint64(std::uint64_t value);
  static DbusValue string(std::string value);
  static DbusValue array(std::string of, std::vector<DbusValue> items);
  static DbusValue structure(std::vector<DbusValue> items);
  static DbusValue variant(DbusValue value);
};

/// Appends a value, with its alignment counted from the start of `into`.
void marshal(const DbusValue& value, std::string& into);

/// The length of the first complete type in a signature; 0: there is none.
[[nodiscard]] std::size_t first_type(std::string_view signature) noexcept;

struct DbusMessage {
  enum class Type : std::uint8_t { call = 1, reply = 2, error = 3, signal = 4 };
  Type type = Type::call;
  std::uint32_t serial = 0;
  std::uint32_t reply_to = 0;  ///< of replies and errors
  std::string destination, path, interface, member, error_name;
  std::vector<DbusValue> body;
};

[[nodiscard]] std::string encode(const DbusMessage& message);

/// How long the message is that begins with these bytes (at least 16).
/// \return or a sentence on why they are no message
[[nodiscard]] std::expected<std::size_t, std::string> message_size(
    std::string_view bytes);

/// A whole message. Whatever is sent: a value or a sentence, never more reads
/// than there are bytes.
[[nodiscard]] std::expected<DbusMessage, std::string> decode(
    std::string_view bytes);

}  // namespace docker_cpp::cgroups
