// SPDX-License-Identifier: Apache-2.0
#include "json_reader.hpp"

#include <utility>

#include "docker_cpp/images/image_error.hpp"

namespace docker_cpp::images {
namespace {

constexpr int deepest_json = 64;

[[noreturn]] void damaged(std::string_view what, const std::string& why) {
  throw ImageError(ImageError::Reason::invalid,
                   std::string(what) + " is damaged: " + why);
}

/// nlohmann's parser does not recurse, but destroying a deep value does, so
/// depth is checked before a value is built at all.
void check_depth(std::string_view text, std::string_view what) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      i += c == '\\' ? 1U : 0U;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > deepest_json) {
        damaged(what, "nested too deeply");
      }
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
}

}  // namespace

Json parse_json(std::string_view text, std::string_view what,
                std::size_t limit) {
  if (text.size() > limit) {
    damaged(what, "larger than " + std::to_string(limit) + " bytes");
  }
  check_depth(text, what);
  try {
    return Json::parse(text);
  } catch (const Json::exception& error) {
    damaged(what, error.what());
  }
}

JsonObject::JsonObject(const Json& value, std::string where)
    : value_(&value), where_(std::move(where)) {
  if (!value.is_object()) {
    throw ImageError(ImageError::Reason::invalid,
                     where_ + ": not a JSON object");
  }
}

const Json* JsonObject::at(const char* key) const {
  const auto found = value_->find(key);
  return found == value_->end() || found->is_null() ? nullptr : &*found;
}

void JsonObject::refuse(const char* key, std::string_view why) const {
  throw ImageError(ImageError::Reason::invalid,
                   where_ + "." + key + ": " + std::string(why));
}

std::string JsonObject::text(const char* key) const {
  const Json* value = at(key);
  if (value == nullptr) {
    return {};
  }
  if (!value->is_string()) {
    refuse(key, "not a string");
  }
  return value->get<std::string>();
}

std::int64_t JsonObject::integer(const char* key) const {
  const Json* value = at(key);
  if (value == nullptr) {
    return 0;
  }
  if (!value->is_number_integer() ||
      (value->is_number_unsigned() &&
       value->get<std::uint64_t>() > std::uint64_t{INT64_MAX})) {
    refuse(key, "not an integer");
  }
  return value->get<std::int64_t>();
}

bool JsonObject::flag(const char* key) const {
  const Json* value = at(key);
  if (value == nullptr) {
    return false;
  }
  if (!value->is_boolean()) {
    refuse(key, "neither true nor false");
  }
  return value->get<bool>();
}

std::optional<std::vector<std::string>> JsonObject::optional_texts(
    const char* key) const {
  const Json* value = at(key);
  if (value == nullptr) {
    return std::nullopt;
  }
  if (!value->is_array()) {
    refuse(key, "not a list");
  }
  std::vector<std::string> all;
  for (const Json& one : *value) {
    if (!one.is_string()) {
      refuse(key, "not a list of strings");
    }
    all.push_back(one.get<std::string>());
  }
  return all;
}

std::vector<std::string> JsonObject::texts(const char* key) const {
  return optional_texts(key).value_or(std::vector<std::string>{});
}

std::map<std::string, std::string> JsonObject::text_map(const char* key) const {
  std::map<std::string, std::string> all;
  const std::optional<JsonObject> map = object(key);
  if (!map) {
    return all;
  }
  for (const auto& [name, value] : map->value_->items()) {
    all[name] = map->text(name.c_str());
  }
  return all;
}

std::vector<std::string> JsonObject::key_set(const char* key) const {
  std::vector<std::string> all;
  if (const std::optional<JsonObject> map = object(key)) {
    for (const auto& [name, value] : map->value_->items()) {
      all.push_back(name);
    }
  }
  return all;
}

std::optional<JsonObject> JsonObject::object(const char* key) const {
  const Json* value = at(key);
  if (value == nullptr) {
    return std::nullopt;
  }
  return JsonObject(*value, where_ + "." + key);
}

std::vector<JsonObject> JsonObject::objects(const char* key) const {
  const Json* value = at(key);
  std::vector<JsonObject> all;
  if (value == nullptr) {
    return all;
  }
  if (!value->is_array()) {
    refuse(key, "not a list");
  }
  for (std::size_t i = 0; i < value->size(); ++i) {
    all.emplace_back((*value)[i],
                     where_ + "." + key + "[" + std::to_string(i) + "]");
  }
  return all;
}

}  // namespace docker_cpp::images
