// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

/// Foreign JSON with bounds: every getter says which property of which
/// document was wrong. A missing or null property is the type's empty value,
/// as in Go's decoder, which wrote most of what is read here.
namespace docker_cpp::images {

using Json = nlohmann::json;

/// Parses; refuses more than `limit` bytes and more than 64 levels.
/// \throws ImageError "<what> is damaged: ..."
[[nodiscard]] Json parse_json(std::string_view text, std::string_view what,
                              std::size_t limit);

/// One object of a document, which remembers the way to itself.
class JsonObject {
 public:
  /// \throws ImageError when `value` is not an object
  JsonObject(const Json& value, std::string where);

  [[nodiscard]] bool has(const char* key) const { return at(key) != nullptr; }
  [[nodiscard]] std::string text(const char* key) const;
  [[nodiscard]] std::int64_t integer(const char* key) const;
  [[nodiscard]] bool flag(const char* key) const;
  [[nodiscard]] std::vector<std::string> texts(const char* key) const;
  [[nodiscard]] std::optional<std::vector<std::string>> optional_texts(
      const char* key) const;
  [[nodiscard]] std::map<std::string, std::string> text_map(
      const char* key) const;
  /// The keys of an object used as a set: {"80/tcp": {}}.
  [[nodiscard]] std::vector<std::string> key_set(const char* key) const;
  [[nodiscard]] std::optional<JsonObject> object(const char* key) const;
  [[nodiscard]] std::vector<JsonObject> objects(const char* key) const;

  /// Where this is, for messages: "manifest.layers[2]".
  [[nodiscard]] const std::string& where() const { return where_; }
  /// \throws ImageError "<where>.<key>: <why>"
  [[noreturn]] void refuse(const char* key, std::string_view why) const;

 private:
  [[nodiscard]] const Json* at(const char* key) const;

  const Json* value_;
  std::string where_;
};

}  // namespace docker_cpp::images
