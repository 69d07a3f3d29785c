// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <nlohmann/json.hpp>

#include "docker_cpp/oci/json_view.hpp"

namespace docker_cpp::oci {
namespace {

using nlohmann::json;

constexpr int most_levels = 64;  // a configuration has seven

// Both are exact as doubles, which the integers' own limits are not.
constexpr double two_to_63 = 9223372036854775808.0;
constexpr double two_to_64 = 18446744073709551616.0;

json parse_bounded(std::string_view text) {
  const auto callback = [](int depth, json::parse_event_t, json&) {
    if (depth > most_levels) {
      throw SpecError("", "nested too deep");
    }
    return true;
  };
  try {
    return json::parse(text, callback);
  } catch (const json::exception& error) {
    throw SpecError("", std::string("not JSON: ") + error.what());
  }
}

/// A whole number written as 1e6 or 5.0: some encoders do.
const double* whole_float(const json& value) {
  const auto* number = value.get_ptr<const json::number_float_t*>();
  return number != nullptr && std::trunc(*number) == *number ? number : nullptr;
}

}  // namespace

void JsonView::refuse(const std::string& complaint) const {
  throw SpecError(path_, complaint);
}

std::optional<JsonView> JsonView::find(std::string_view key) const {
  if (!value_->is_object()) {
    refuse("must be an object");
  }
  const auto found = value_->find(key);
  if (found == value_->end() || found->is_null()) {
    return std::nullopt;
  }
  const std::string dot = path_.empty() ? "" : ".";
  return JsonView(*found, path_ + dot + std::string(key));
}

JsonView JsonView::at(std::string_view key) const {
  if (auto member = find(key)) {
    return *std::move(member);
  }
  const std::string dot = path_.empty() ? "" : ".";
  throw SpecError(path_ + dot + std::string(key), "is missing");
}

std::vector<JsonView> JsonView::items() const {
  if (!value_->is_array()) {
    refuse("must be an array");
  }
  std::vector<JsonView> all;
  all.reserve(value_->size());
  for (const json& item : *value_) {
    all.emplace_back(item, path_ + "[" + std::to_string(all.size()) + "]");
  }
  return all;
}

std::vector<std::pair<std::string, JsonView>> JsonView::members() const {
  if (!value_->is_object()) {
    refuse("must be an object");
  }
  std::vector<std::pair<std::string, JsonView>> all;
  for (const auto& [key, value] : value_->items()) {
    if (!value.is_null()) {
      all.emplace_back(key, JsonView(value, path_ + "[\"" + key + "\"]"));
    }
  }
  return all;
}

std::string JsonView::string() const {
  const auto* text = value_->get_ptr<const std::string*>();
  if (text == nullptr) {
    refuse("must be a string");
  }
  if (text->find('\0') != std::string::npos) {
    refuse("must not contain a NUL");  // the kernel would stop reading there
  }
  return *text;
}

bool JsonView::boolean() const {
  if (!value_->is_boolean()) {
    refuse("must be true or false");
  }
  return value_->get<bool>();
}

std::vector<std::string> JsonView::strings() const {
  std::vector<std::string> all;
  for (const JsonView& item : items()) {
    all.push_back(item.string());
  }
  return all;
}

std::map<std::string, std::string> JsonView::string_map() const {
  std::map<std::string, std::string> all;
  for (const auto& [key, value] : members()) {
    all.emplace(key, value.string());
  }
  return all;
}

std::int64_t JsonView::signed_integer(std::int64_t least,
                                      std::int64_t most) const {
  std::int64_t number = 0;
  if (value_->is_number_unsigned()) {
    const auto large = value_->get<std::uint64_t>();
    if (large > static_cast<std::uint64_t>(most)) {
      refuse(std::to_string(large) + " is more than " + std::to_string(most));
    }
    number = static_cast<std::int64_t>(large);
  } else if (value_->is_number_integer()) {
    number = value_->get<std::int64_t>();
  } else if (const double* whole = whole_float(*value_);
             whole != nullptr && *whole >= -two_to_63 && *whole < two_to_63) {
    number = static_cast<std::int64_t>(*whole);
  } else {
    refuse("must be an integer");
  }
  if (number < least || number > most) {
    refuse(std::to_string(number) + " is not between " + std::to_string(least) +
           " and " + std::to_string(most));
  }
  return number;
}

std::uint64_t JsonView::unsigned_integer(std::uint64_t most) const {
  std::uint64_t number = 0;
  if (value_->is_number_unsigned()) {
    number = value_->get<std::uint64_t>();
  } else if (value_->is_number_integer()) {
    refuse(value_->dump() + " is negative");
  } else if (const double* whole = whole_float(*value_);
             whole != nullptr && *whole >= 0 && *whole < two_to_64) {
    number = static_cast<std::uint64_t>(*whole);
  } else {
    refuse("must be a non-negative integer");
  }
  if (number > most) {
    refuse(std::to_string(number) + " is more than " + std::to_string(most));
  }
  return number;
}

std::string JsonView::text() const {
  return value_->dump(-1, ' ', false, json::error_handler_t::replace);
}

void JsonView::read(std::string_view key, std::string& into) const {
  if (const auto member = find(key)) {
    into = member->string();
  }
}

void JsonView::read(std::string_view key, bool& into) const {
  if (const auto member = find(key)) {
    into = member->boolean();
  }
}

void JsonView::read(std::string_view key,
                    std::vector<std::string>& into) const {
  if (const auto member = find(key)) {
    into = member->strings();
  }
}

void JsonView::read(std::string_view key,
                    std::map<std::string, std::string>& into) const {
  if (const auto member = find(key)) {
    into = member->string_map();
  }
}

JsonDocument::JsonDocument(std::string_view text)
    : value_(std::make_unique<json>(parse_bounded(text))) {}

JsonDocument::~JsonDocument() = default;
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;

JsonView JsonDocument::root() const {
  return {*value_, ""};
}

std::string json_quote(std::string_view text) {
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace docker_cpp::oci
