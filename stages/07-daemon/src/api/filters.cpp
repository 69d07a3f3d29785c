// SPDX-License-Identifier: Apache-2.0
#include "filters.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "docker_cpp/daemon/api_error.hpp"
#include "docker_cpp/daemon/model_json.hpp"

namespace docker_cpp::daemon::api {
namespace {

using nlohmann::json;

[[noreturn]] void refuse(const std::string& why) {
  throw ApiError(ErrorCode::invalid_argument, why);
}

Strings read_values(const std::string& key, const json& value) {
  Strings out;
  if (value.is_object()) {
    for (auto it = value.begin(); it != value.end(); ++it) {
      if (!it->is_boolean()) {
        refuse("invalid filter '" + key + "'");
      }
      out.push_back(it.key());
    }
  } else if (value.is_array()) {
    for (const auto& entry : value) {
      if (!entry.is_string()) {
        refuse("invalid filter '" + key + "'");
      }
      out.push_back(entry.get<std::string>());
    }
  } else if (!value.is_null()) {
    refuse("invalid filter '" + key + "'");
  }
  return out;
}

/// Docker takes a regular expression here. One of a stranger's making can run
/// for ever, and what people write is a part of the name, perhaps tied.
bool matches(std::string_view pattern, std::string_view text) {
  const bool from_start = pattern.starts_with('^');
  pattern.remove_prefix(from_start ? 1 : 0);
  const bool to_end = pattern.ends_with('$');
  pattern.remove_suffix(to_end ? 1 : 0);
  if (from_start && to_end) {
    return text == pattern;
  }
  if (from_start) {
    return text.starts_with(pattern);
  }
  return to_end ? text.ends_with(pattern)
                : text.find(pattern) != std::string_view::npos;
}

}  // namespace

Filters::Filters(const std::string& text,
                 std::initializer_list<std::string_view> known) {
  if (text.empty()) {
    return;
  }
  const json document = parse_json(text);
  if (!document.is_object() && !document.is_null()) {
    refuse("invalid filter");
  }
  for (auto it = document.begin(); it != document.end(); ++it) {
    if (std::ranges::find(known, it.key()) == known.end()) {
      refuse("invalid filter '" + it.key() + "'");
    }
    fields_[it.key()] = read_values(it.key(), *it);
  }
}

bool Filters::has(const std::string& key) const {
  return !values(key).empty();
}

const Strings& Filters::values(const std::string& key) const {
  static const Strings none;
  const auto found = fields_.find(key);
  return found == fields_.end() ? none : found->second;
}

bool Filters::accepts(const std::string& key, std::string_view value) const {
  const auto& wanted = values(key);
  return wanted.empty() || std::ranges::find(wanted, value) != wanted.end();
}

bool Filters::accepts_prefix(const std::string& key,
                             std::string_view value) const {
  const auto& wanted = values(key);
  return wanted.empty() ||
         std::ranges::any_of(wanted, [&](const std::string& prefix) {
           return value.starts_with(prefix);
         });
}

bool Filters::accepts_part(const std::string& key,
                           std::string_view value) const {
  const auto& wanted = values(key);
  return wanted.empty() ||
         std::ranges::any_of(wanted, [&](std::string_view pattern) {
           return matches(pattern, value);
         });
}

bool Filters::accepts_labels(const std::string& key,
                             const Labels& labels) const {
  return std::ranges::all_of(values(key), [&](const std::string& wanted) {
    const auto equals = std::min(wanted.find('='), wanted.size());
    const auto found = labels.find(wanted.substr(0, equals));
    return found != labels.end() &&
           (equals == wanted.size() ||
            found->second == wanted.substr(equals + 1));
  });
}

bool Filters::flag(const std::string& key, bool missing) const {
  const auto& given = values(key);
  if (given.empty()) {
    return missing;
  }
  if (given.size() == 1 && (given[0] == "true" || given[0] == "1")) {
    return true;
  }
  if (given.size() == 1 && (given[0] == "false" || given[0] == "0")) {
    return false;
  }
  std::string all;
  for (const std::string& value : given) {
    all += (all.empty() ? "" : " ") + value;
  }
  refuse("invalid filter '" + key + "=[" + all + "]'");
}

}  // namespace docker_cpp::daemon::api
