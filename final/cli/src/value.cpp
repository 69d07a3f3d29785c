// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/cli/value.hpp"

namespace docker_cpp::cli {
namespace {
const Value null_value;
const std::string empty_text;
const Value::Array no_items;
const Value::Object no_members;
}  // namespace

Value Value::strings(const std::vector<std::string>& items) {
  Array result;
  result.reserve(items.size());
  for (const auto& item : items) {
    result.emplace_back(item);
  }
  return Value(std::move(result));
}

bool Value::is_null() const noexcept {
  return std::holds_alternative<std::nullptr_t>(data_);
}

bool Value::is_object() const noexcept {
  return std::holds_alternative<Object>(data_);
}

bool Value::is_array() const noexcept {
  return std::holds_alternative<Array>(data_);
}

bool Value::is_string() const noexcept {
  return std::holds_alternative<std::string>(data_);
}

const Value* Value::find(std::string_view key) const noexcept {
  for (const auto& member : members()) {
    if (member.key == key) {
      return &member.value;
    }
  }
  return nullptr;
}

const Value& Value::operator[](std::string_view key) const noexcept {
  const auto* found = find(key);
  return found != nullptr ? *found : null_value;
}

const Value& Value::at(std::size_t index) const noexcept {
  return index < items().size() ? items()[index] : null_value;
}

const std::string& Value::text() const noexcept {
  const auto* text = std::get_if<std::string>(&data_);
  return text != nullptr ? *text : empty_text;
}

std::int64_t Value::number() const noexcept {
  if (const auto* number = std::get_if<std::int64_t>(&data_)) {
    return *number;
  }
  if (const auto* number = std::get_if<std::uint64_t>(&data_)) {
    return static_cast<std::int64_t>(*number);
  }
  if (const auto* number = std::get_if<double>(&data_)) {
    return static_cast<std::int64_t>(*number);
  }
  return 0;
}

bool Value::flag() const noexcept {
  const auto* flag = std::get_if<bool>(&data_);
  return flag != nullptr && *flag;
}

const Value::Array& Value::items() const noexcept {
  const auto* items = std::get_if<Array>(&data_);
  return items != nullptr ? *items : no_items;
}

const Value::Object& Value::members() const noexcept {
  const auto* members = std::get_if<Object>(&data_);
  return members != nullptr ? *members : no_members;
}

std::size_t Value::size() const noexcept {
  return is_string() ? text().size() : items().size() + members().size();
}

Value& Value::set(std::string_view key, Value value) {
  member(key) = std::move(value);
  return *this;
}

Value& Value::member(std::string_view key) {
  if (!is_object()) {
    data_ = Object{};
  }
  auto& members = std::get<Object>(data_);
  for (auto& one : members) {
    if (one.key == key) {
      return one.value;
    }
  }
  members.push_back({.key = std::string(key), .value = {}});
  return members.back().value;
}

Value& Value::append(Value value) {
  if (!is_array()) {
    data_ = Array{};
  }
  std::get<Array>(data_).push_back(std::move(value));
  return *this;
}

}  // namespace docker_cpp::cli
