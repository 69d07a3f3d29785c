// SPDX-License-Identifier: Apache-2.0
#include "json_fields.hpp"

#include <algorithm>
#include <limits>

namespace docker_cpp::daemon {
namespace {

using nlohmann::json;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_in_any_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

/// Go's word for what stands there.
std::string go_kind(const json& value) {
  switch (value.type()) {
    case json::value_t::boolean:
      return "bool";
    case json::value_t::number_integer:
    case json::value_t::number_unsigned:
    case json::value_t::number_float:
      return "number";
    default:
      return value.type_name();
  }
}

template <typename Integer>
bool fits(const json& value) {
  using Limits = std::numeric_limits<Integer>;
  if (value.is_number_unsigned()) {
    return value.get<std::uint64_t>() <=
           static_cast<std::uint64_t>(Limits::max());
  }
  if (!value.is_number_integer()) {
    return false;
  }
  const auto number = value.get<std::int64_t>();
  if constexpr (std::is_unsigned_v<Integer>) {
    return number >= 0 && static_cast<std::uint64_t>(number) <= Limits::max();
  } else {
    return number >= Limits::min() && number <= Limits::max();
  }
}

}  // namespace

Fields::Fields(const json& object, std::string_view type)
    : object_(&object), type_(type) {
  if (!object.is_object() && !object.is_null()) {
    throw ApiError(ErrorCode::invalid_argument,
                   "json: cannot unmarshal " + go_kind(object) +
                       " into Go value of type " + std::string(type));
  }
}

const json* Fields::find(std::string_view key) const {
  if (!object_->is_object()) {
    return nullptr;
  }
  auto found = object_->find(key);
  if (found == object_->end()) {
    for (auto it = object_->begin(); it != object_->end(); ++it) {
      if (same_in_any_case(it.key(), key)) {
        found = it;
        break;
      }
    }
  }
  return found == object_->end() || found->is_null() ? nullptr : &*found;
}

void Fields::refuse(std::string_view key, const json& found,
                    std::string_view wanted) const {
  std::string kind = go_kind(found);
  if (found.is_number()) {
    kind += " " + found.dump();
  }
  throw ApiError(ErrorCode::invalid_argument,
                 "json: cannot unmarshal " + kind + " into Go struct field " +
                     std::string(type_) + "." + std::string(key) + " of type " +
                     std::string(wanted));
}

std::string Fields::text_of(std::string_view key, const json& value) const {
  if (value.is_null()) {
    return {};
  }
  if (!value.is_string()) {
    refuse(key, value, "string");
  }
  return value.get<std::string>();
}

void Fields::read(std::string_view key, bool& into) const {
  if (const auto* value = find(key)) {
    if (!value->is_boolean()) {
      refuse(key, *value, "bool");
    }
    into = value->get<bool>();
  }
}

void Fields::read(std::string_view key, std::string& into) const {
  if (const auto* value = find(key)) {
    into = text_of(key, *value);
  }
}

template <typename Integer>
void Fields::read_integer(std::string_view key, Integer& into,
                          const char* type) const {
  if (const auto* value = find(key)) {
    if (!fits<Integer>(*value)) {
      refuse(key, *value, type);
    }
    into = value->get<Integer>();
  }
}

void Fields::read(std::string_view key, int& into) const {
  read_integer(key, into, "int");
}

void Fields::read(std::string_view key, std::int64_t& into) const {
  read_integer(key, into, "int64");
}

void Fields::read(std::string_view key, std::uint16_t& into) const {
  read_integer(key, into, "uint16");
}

void Fields::read(std::string_view key, std::uint32_t& into) const {
  read_integer(key, into, "uint32");
}

void Fields::read(std::string_view key, Strings& into) const {
  if (find(key) != nullptr) {
    into.clear();
    each(key, [&](const json& value) { into.push_back(text_of(key, value)); });
  }
}

void Fields::read(std::string_view key, Labels& into) const {
  if (find(key) != nullptr) {
    into.clear();
    each_member(key, [&](const std::string& name, const json& value) {
      into[name] = text_of(key, value);
    });
  }
}

void Fields::read_arguments(std::string_view key,
                            std::optional<Strings>& into) const {
  const auto* value = find(key);
  if (value != nullptr && value->is_string()) {
    into = Strings{value->get<std::string>()};
  } else {
    read(key, into);
  }
}

void Fields::read_pair(std::string_view key,
                       std::array<std::uint16_t, 2>& into) const {
  const auto* value = find(key);
  if (value == nullptr) {
    return;
  }
  if (!value->is_array() || value->size() != into.size()) {
    refuse(key, *value, "[2]uint");
  }
  for (std::size_t i = 0; i < into.size(); ++i) {
    if (!fits<std::uint16_t>((*value)[i])) {
      refuse(key, (*value)[i], "uint");
    }
    into[i] = (*value)[i].get<std::uint16_t>();
  }
}

void Fields::read_set(std::string_view key, Strings& into) const {
  if (find(key) != nullptr) {
    into.clear();
    each_member(key, [&](const std::string& name, const json& value) {
      if (!value.is_object() && !value.is_null()) {
        refuse(key, value, "struct {}");
      }
      into.push_back(name);
    });
  }
}

void Fields::each(std::string_view key,
                  const std::function<void(const json&)>& use) const {
  if (const auto* value = find(key)) {
    if (!value->is_array()) {
      refuse(key, *value, "[]string");
    }
    std::ranges::for_each(*value, use);
  }
}

void Fields::each_member(
    std::string_view key,
    const std::function<void(const std::string&, const json&)>& use) const {
  if (const auto* value = find(key)) {
    if (!value->is_object()) {
      refuse(key, *value, "map[string]string");
    }
    for (auto it = value->begin(); it != value->end(); ++it) {
      use(it.key(), it.value());
    }
  }
}

json list_or_null(const Strings& list) {
  return list.empty() ? json(nullptr) : json(list);
}

json list_or_null(const std::optional<Strings>& list) {
  return value_or_null(list);
}

json set_of(const Strings& keys) {
  json set = json::object();
  for (const auto& key : keys) {
    set[key] = json::object();
  }
  return set;
}

}  // namespace docker_cpp::daemon
