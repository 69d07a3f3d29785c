// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "docker_cpp/daemon/model.hpp"

namespace docker_cpp::daemon::api {

/// The `filters` parameter: {"key": {"value": true}} or {"key": ["value"]}.
class Filters {
 public:
  Filters() = default;
  /// \throws ApiError invalid_argument for what is neither, or a key that is
  ///   not in `known`
  Filters(const std::string& text,
          std::initializer_list<std::string_view> known);

  [[nodiscard]] bool has(const std::string& key) const;
  [[nodiscard]] const Strings& values(const std::string& key) const;

  /// True when the key was not given, or one of its values is `value`.
  [[nodiscard]] bool accepts(const std::string& key,
                             std::string_view value) const;

  /// The same by prefix, for ids.
  [[nodiscard]] bool accepts_prefix(const std::string& key,
                                    std::string_view value) const;

  /// The same by part of the text, for names; ^ and $ tie to the ends.
  [[nodiscard]] bool accepts_part(const std::string& key,
                                  std::string_view value) const;

  /// True when every `label` given, "name" or "name=value", is among them.
  [[nodiscard]] bool accepts_labels(const std::string& key,
                                    const Labels& labels) const;

  /// A value that is a boolean of Docker's, or `missing`.
  /// \throws ApiError
  [[nodiscard]] bool flag(const std::string& key, bool missing) const;

 private:
  std::map<std::string, Strings> fields_;
};

}  // namespace docker_cpp::daemon::api
