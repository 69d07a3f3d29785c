// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "compose/normalise.hpp"
#include "compose/yaml.hpp"

namespace docker_cpp::cli::compose {
namespace {

bool replaces(std::string_view key) {
  return key == "command" || key == "entrypoint" || key == "test";
}

/// What makes two entries of a list the same, where that is not all of them.
std::string identity(std::string_view key, const Value& entry) {
  if (!entry.is_object()) {
    return scalar(entry);
  }
  if (key == "ports") {
    return entry["host_ip"].text() + "|" + scalar(entry["target"]) + "|" +
           scalar(entry["published"]) + "|" + entry["protocol"].text();
  }
  if (key == "volumes" || key == "devices") {
    return entry["target"].text();
  }
  if (key == "secrets" || key == "configs") {
    const auto& target = entry["target"].text();
    return target.empty() ? entry["source"].text() : target;
  }
  return print_json(entry);
}

Value merge_lists(std::string_view key, const Value& base, const Value& over) {
  auto items = base.items();
  for (const auto& entry : over.items()) {
    const auto same = std::ranges::find_if(items, [&](const Value& one) {
      return identity(key, one) == identity(key, entry);
    });
    if (same == items.end()) {
      items.push_back(entry);
    } else {
      *same = entry;
    }
  }
  return Value(std::move(items));
}

Value merge_one(std::string_view key, const Value& base, const Value& over) {
  if (const auto* whole = over.find(override_key)) {
    return *whole;
  }
  if (base.is_object() && over.is_object()) {
    return merge_mappings(base, over);
  }
  if (base.is_array() && over.is_array() && !replaces(key)) {
    return merge_lists(key, base, over);
  }
  return over;
}

}  // namespace

Value merge_mappings(const Value& base, const Value& over) {
  auto result = Value::object();
  for (const auto& [key, value] : base.members()) {
    const auto* other = over.find(key);
    if (other == nullptr) {
      result.set(key, value);
    } else if (other->find(reset_key) == nullptr) {
      result.set(key, merge_one(key, value, *other));
    }
  }
  for (const auto& [key, value] : over.members()) {
    if (base.find(key) == nullptr && value.find(reset_key) == nullptr) {
      const auto* whole = value.find(override_key);
      result.set(key, whole == nullptr ? value : *whole);
    }
  }
  return result;
}

Value merge_services(const Value& base, const Value& over) {
  auto merged = merge_mappings(base, over);
  // One network mode and networks cannot stand together; the later one holds.
  if (over.find("network_mode") != nullptr &&
      over.find("networks") == nullptr && base.find("networks") != nullptr) {
    auto kept = Value::object();
    for (const auto& [key, value] : merged.members()) {
      if (key != "networks") {
        kept.set(key, value);
      }
    }
    return kept;
  }
  return merged;
}

}  // namespace docker_cpp::cli::compose
