// SPDX-License-Identifier: Apache-2.0
#include "dbus_message.hpp"

#include <stdexcept>
#include <utility>

namespace docker_cpp::cgroups {
namespace {

constexpr std::size_t largest_message = 128U << 20;  // the specification's
constexpr unsigned deepest = 32;

/// Bytes of a number of this type; 0: not a number.
std::size_t width_of(char type) noexcept {
  switch (type) {
    case 'y':
      return 1;
    case 'n':
    case 'q':
      return 2;
    case 'b':
    case 'i':
    case 'u':
    case 'h':
      return 4;
    case 'x':
    case 't':
    case 'd':
      return 8;
    default:
      return 0;
  }
}

std::size_t alignment_of(char type) noexcept {
  switch (type) {
    case 's':
    case 'o':
    case 'a':
      return 4;
    case '(':
    case '{':
      return 8;
    case 'g':
    case 'v':
      return 1;
    default:
      return width_of(type);
  }
}

void align(std::string& into, std::size_t to) {
  into.resize((into.size() + to - 1) / to * to);
}

void put_number(std::string& into, std::uint64_t number, std::size_t width) {
  align(into, width);
  for (std::size_t i = 0; i < width; ++i) {
    into += static_cast<char>((number >> (8 * i)) & 0xff);
  }
}

void put_signature(std::string& into, const std::string& signature) {
  into += static_cast<char>(signature.size());
  into += signature;
  into += '\0';
}

void put_array(const DbusValue& value, std::string& into) {
  put_number(into, 0, 4);
  const std::size_t length_at = into.size() - 4;
  // Padding before the first item is there even when there is none, and is
  // not part of the length.
  align(into, alignment_of(value.signature[1]));
  const std::size_t start = into.size();
  for (const DbusValue& item : value.items) {
    marshal(item, into);
  }
  std::string length;
  put_number(length, into.size() - start, 4);
  into.replace(length_at, 4, length);
}

/// What cannot be read: thrown within this file only.
class Malformed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Reads values one after the other, and never beyond the end.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] std::size_t position() const { return at_; }
  void move_to(std::size_t position) {
    if (position > bytes_.size()) {
      throw Malformed("ends too soon");
    }
    at_ = position;
  }
  void skip_padding(std::size_t to) { move_to((at_ + to - 1) / to * to); }

  std::uint64_t number(std::size_t width) {
    skip_padding(width);
    const std::string_view part = take(width);
    std::uint64_t value = 0;
    for (std::size_t i = width; i > 0; --i) {
      value = value << 8 | static_cast<unsigned char>(part[i - 1]);
    }
    return value;
  }

  DbusValue value(std::string_view signature, unsigned depth = 0) {
    if (depth > deepest || first_type(signature) != signature.size() ||
        signature.empty()) {
      throw Malformed("has a type that is none");
    }
    DbusValue read{.signature = std::string(signature)};
    const char type = signature[0];
    if (const std::size_t width = width_of(type); width != 0) {
      read.number = number(width);
    } else if (type == 's' || type == 'o') {
      read.text = text(number(4));
    } else if (type == 'g') {
      read.text = text(number(1));
    } else if (type == 'v') {
      const std::string inner = text(number(1));
      read.items.push_back(value(inner, depth + 1));
    } else if (type == 'a') {
      read_array(read, signature.substr(1), depth);
    } else {
      skip_padding(8);
      read_items(read, signature.substr(1, signature.size() - 2), depth);
    }
    return read;
  }

 private:
  std::string_view take(std::uint64_t size) {
    if (size > bytes_.size() - at_) {
      throw Malformed("ends too soon");
    }
    const std::string_view part = bytes_.substr(at_, size);
    at_ += size;
    return part;
  }

  std::string text(std::uint64_t size) {
    std::string found(take(size));
    if (take(1)[0] != '\0') {
      throw Malformed("has a text without its end");
    }
    return found;
  }

  void read_array(DbusValue& into, std::string_view of, unsigned depth) {
    const std::uint64_t length = number(4);
    skip_padding(alignment_of(of[0]));
    if (length > bytes_.size() - at_) {
      throw Malformed("ends too soon");
    }
    const std::size_t end = at_ + length;
    while (at_ < end) {
      into.items.push_back(value(of, depth + 1));
    }
    if (at_ != end) {
      throw Malformed("has an array that does not end where it should");
    }
  }

  void read_items(DbusValue& into, std::string_view signature, unsigned depth) {
    while (!signature.empty()) {
      const std::size_t one = first_type(signature);
      into.items.push_back(value(signature.substr(0, one), depth + 1));
      signature.remove_prefix(one);
    }
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
};

enum Field : std::uint8_t {
  path_field = 1,
  interface_field = 2,
  member_field = 3,
  error_field = 4,
  reply_field = 5,
  destination_field = 6,
  signature_field = 8
};

DbusValue field(Field code, DbusValue value) {
  return DbusValue::structure({{.signature = "y", .number = code},
                               DbusValue::variant(std::move(value))});
}

DbusValue header_fields(const DbusMessage& message,
                        const std::string& signature) {
  DbusValue all = DbusValue::array("(yv)", {});
  const auto add = [&](Field code, const char* type, const std::string& text) {
    if (!text.empty()) {
      all.items.push_back(field(code, {.signature = type, .text = text}));
    }
  };
  add(path_field, "o", message.path);
  add(interface_field, "s", message.interface);
  add(member_field, "s", message.member);
  add(error_field, "s", message.error_name);
  add(destination_field, "s", message.destination);
  add(signature_field, "g", signature);
  if (message.reply_to != 0) {
    all.items.push_back(
        field(reply_field, DbusValue::uint32(message.reply_to)));
  }
  return all;
}

void take_field(DbusMessage& message, const DbusValue& one,
                std::string& signature) {
  const DbusValue& value = one.items[1].items[0];
  switch (one.items[0].number) {
    case path_field:
      message.path = value.text;
      break;
    case interface_field:
      message.interface = value.text;
      break;
    case member_field:
      message.member = value.text;
      break;
    case error_field:
      message.error_name = value.text;
      break;
    case reply_field:
      message.reply_to = static_cast<std::uint32_t>(value.number);
      break;
    case destination_field:
      message.destination = value.text;
      break;
    case signature_field:
      signature = value.text;
      break;
    default:
      break;  // of no use here
  }
}

DbusMessage read_message(std::string_view bytes) {
  Reader reader(bytes);
  reader.move_to(1);
  DbusMessage message;
  message.type = static_cast<DbusMessage::Type>(reader.number(1));
  reader.move_to(8);
  message.serial = static_cast<std::uint32_t>(reader.number(4));
  std::string signature;
  const DbusValue fields = reader.value("a(yv)");
  for (const DbusValue& one : fields.items) {
    take_field(message, one, signature);
  }
  reader.skip_padding(8);
  // Alignment counts from the start of the body, which is a multiple of 8.
  for (std::string_view rest = signature; !rest.empty();) {
    const std::size_t one = first_type(rest);
    message.body.push_back(reader.value(rest.substr(0, one)));
    rest.remove_prefix(one);
  }
  return message;
}

std::size_t type_at(std::string_view signature, unsigned depth) noexcept {
  if (signature.empty() || depth > deepest) {
    return 0;
  }
  const char type = signature[0];
  if (type == 'a') {
    const std::size_t rest = type_at(signature.substr(1), depth + 1);
    return rest == 0 ? 0 : rest + 1;
  }
  if (type != '(' && type != '{') {
    return alignment_of(type) == 0 ? 0 : 1;
  }
  const char close = type == '(' ? ')' : '}';
  std::size_t at = 1;
  while (at < signature.size() && signature[at] != close) {
    const std::size_t one = type_at(signature.substr(at), depth + 1);
    if (one == 0) {
      return 0;
    }
    at += one;
  }
  return at < signature.size() && at > 1 ? at + 1 : 0;
}

}  // namespace

DbusValue DbusValue::boolean(bool value) {
  return {.signature = "b", .number = value ? 1U : 0U};
}
DbusValue DbusValue::uint32(std::uint32_t value) {
  return {.signature = "u", .number = value};
}
DbusValue DbusValue::uint64(std::uint64_t value) {
  return {.signature = "t", .number = value};
}
DbusValue DbusValue::string(std::string value) {
  return {.signature = "s", .text = std::move(value)};
}
DbusValue DbusValue::array(std::string of, std::vector<DbusValue> items) {
  return {.signature = "a" + std::move(of), .items = std::move(items)};
}
DbusValue DbusValue::structure(std::vector<DbusValue> items) {
  DbusValue made{.signature = "("};
  for (const DbusValue& item : items) {
    made.signature += item.signature;
  }
  made.signature += ")";
  made.items = std::move(items);
  return made;
}
DbusValue DbusValue::variant(DbusValue value) {
  return {.signature = "v", .items = {std::move(value)}};
}

std::size_t first_type(std::string_view signature) noexcept {
  return type_at(signature, 0);
}

void marshal(const DbusValue& value, std::string& into) {
  const char type = value.signature[0];
  if (const std::size_t width = width_of(type); width != 0) {
    put_number(into, value.number, width);
  } else if (type == 's' || type == 'o') {
    put_number(into, value.text.size(), 4);
    into += value.text;
    into += '\0';
  } else if (type == 'g') {
    put_signature(into, value.text);
  } else if (type == 'v') {
    put_signature(into, value.items[0].signature);
    marshal(value.items[0], into);
  } else if (type == 'a') {
    put_array(value, into);
  } else {
    align(into, 8);
    for (const DbusValue& item : value.items) {
      marshal(item, into);
    }
  }
}

std::string encode(const DbusMessage& message) {
  std::string body;
  std::string signature;
  for (const DbusValue& value : message.body) {
    signature += value.signature;
    marshal(value, body);
  }
  std::string all = "l";
  all += static_cast<char>(message.type);
  all += '\0';  // flags: an answer is wanted
  all += '\1';  // version of the protocol
  put_number(all, body.size(), 4);
  put_number(all, message.serial, 4);
  marshal(header_fields(message, signature), all);
  align(all, 8);
  return all + body;
}

std::expected<std::size_t, std::string> message_size(std::string_view bytes) {
  if (bytes.size() < 16 || bytes[0] != 'l' || bytes[3] != '\1') {
    return std::unexpected("not a little-endian D-Bus message");
  }
  Reader reader(bytes);
  reader.move_to(4);
  const std::uint64_t body = reader.number(4);
  reader.move_to(12);
  const std::uint64_t fields = reader.number(4);
  const std::uint64_t size = (16 + fields + 7) / 8 * 8 + body;
  if (size > largest_message) {
    return std::unexpected("a D-Bus message that is too long");
  }
  return size;
}

std::expected<DbusMessage, std::string> decode(std::string_view bytes) {
  const auto size = message_size(bytes);
  if (!size || *size != bytes.size()) {
    return std::unexpected(size ? "a D-Bus message of another length"
                                : size.error());
  }
  try {
    return read_message(bytes);
  } catch (const Malformed& error) {
    return std::unexpected(std::string("a D-Bus message that ") + error.what());
  }
}

}  // namespace docker_cpp::cgroups
