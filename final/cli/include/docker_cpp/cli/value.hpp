// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace docker_cpp::cli {

struct Member;

/// A JSON document. Objects keep the order in which the daemon wrote them,
/// because `inspect` prints them so; they are small enough to search in line.
class Value {
 public:
  using Array = std::vector<Value>;
  using Object = std::vector<Member>;
  using Data = std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t,
                            double, std::string, Array, Object>;

  // Defined below, where Member is a complete type.
  Value() noexcept;
  Value(const char* text);
  Value(std::string text);
  Value(std::string_view text);
  Value(Array items);
  Value(Object members);
  Value(double number);
  template <std::same_as<bool> T>
  Value(T flag);
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  Value(T number);

  static Value array();
  static Value object();
  static Value strings(const std::vector<std::string>& items);

  [[nodiscard]] const Data& data() const noexcept { return data_; }
  [[nodiscard]] bool is_null() const noexcept;
  [[nodiscard]] bool is_object() const noexcept;
  [[nodiscard]] bool is_array() const noexcept;
  [[nodiscard]] bool is_string() const noexcept;

  /// The member of that name, or null.
  [[nodiscard]] const Value* find(std::string_view key) const noexcept;
  [[nodiscard]] const Value& operator[](std::string_view key) const noexcept;
  /// The element at that place, or null.
  [[nodiscard]] const Value& at(std::size_t index) const noexcept;

  /// Empty, 0 or false when it is something else.
  [[nodiscard]] const std::string& text() const noexcept;
  [[nodiscard]] std::int64_t number() const noexcept;
  [[nodiscard]] bool flag() const noexcept;
  [[nodiscard]] const Array& items() const noexcept;
  [[nodiscard]] const Object& members() const noexcept;
  [[nodiscard]] std::size_t size() const noexcept;

  /// Becomes an object if it is null; replaces a member of that name.
  Value& set(std::string_view key, Value value);
  /// The member of that name, made if need be.
  Value& member(std::string_view key);
  Value& append(Value value);

 private:
  Data data_;
};

struct Member {
  std::string key;
  Value value;
};

inline Value::Value() noexcept : data_(nullptr) {}
inline Value::Value(const char* text) : data_(std::string(text)) {}
inline Value::Value(std::string text) : data_(std::move(text)) {}
inline Value::Value(std::string_view text) : data_(std::string(text)) {}
inline Value::Value(Array items) : data_(std::move(items)) {}
inline Value::Value(Object members) : data_(std::move(members)) {}
inline Value::Value(double number) : data_(number) {}

template <std::same_as<bool> T>
Value::Value(T flag) : data_(flag) {}

template <std::integral T>
  requires(!std::same_as<T, bool>)
Value::Value(T number) {
  if constexpr (std::signed_integral<T>) {
    data_ = static_cast<std::int64_t>(number);
  } else {
    data_ = static_cast<std::uint64_t>(number);
  }
}

inline Value Value::array() {
  return Value(Array{});
}

inline Value Value::object() {
  return Value(Object{});
}

/// \returns the document, or what is wrong with the text.
[[nodiscard]] std::expected<Value, std::string> parse_json(
    std::string_view text);

/// As Go's encoding/json writes it: no spaces, `<`, `>` and `&` escaped.
[[nodiscard]] std::string print_json(const Value& value);

/// As Go's json.Indent writes it; strings keep their `<`, `>` and `&`.
[[nodiscard]] std::string print_indented(const Value& value,
                                         std::string_view prefix,
                                         std::string_view indent);

}  // namespace docker_cpp::cli
