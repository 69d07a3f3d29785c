// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace docker_cpp::oci {

/// A document that does not say what it has to. The message starts with the
/// property at fault: `linux.resources.memory.limit: must be an integer`.
class SpecError : public std::runtime_error {
 public:
  SpecError(const std::string& property, const std::string& complaint)
      : std::runtime_error(property.empty() ? complaint
                                            : property + ": " + complaint) {}
};

/// One value of a JSON document, which knows its place in it, so that every
/// complaint can name the property. Only this class knows the JSON library.
///
/// Borrows from its JsonDocument. `null` counts as absent, as it does for the
/// Go programs that write these documents. Every reader throws SpecError.
class JsonView {
 public:
  JsonView(const nlohmann::json& value, std::string path)
      : value_(&value), path_(std::move(path)) {}

  /// Where it is: `linux.namespaces[2].type`; empty for the document itself.
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

  /// The member of an object, if it is there.
  [[nodiscard]] std::optional<JsonView> find(std::string_view key) const;
  /// A member that has to be there.
  [[nodiscard]] JsonView at(std::string_view key) const;
  [[nodiscard]] std::vector<JsonView> items() const;
  [[nodiscard]] std::vector<std::pair<std::string, JsonView>> members() const;

  [[nodiscard]] std::string string() const;
  [[nodiscard]] bool boolean() const;
  [[nodiscard]] std::vector<std::string> strings() const;
  [[nodiscard]] std::map<std::string, std::string> string_map() const;

  /// An integer of the given type; out of its range is an error. A number
  /// with a fraction or exponent is taken when its value is a whole one.
  template <typename Integer>
  [[nodiscard]] Integer integer() const {
    if constexpr (std::is_signed_v<Integer>) {
      return static_cast<Integer>(
          signed_integer(std::numeric_limits<Integer>::min(),
                         std::numeric_limits<Integer>::max()));
    } else {
      return static_cast<Integer>(
          unsigned_integer(std::numeric_limits<Integer>::max()));
    }
  }

  /// The value as JSON text, in one line.
  [[nodiscard]] std::string text() const;

  [[noreturn]] void refuse(const std::string& complaint) const;

  // Optional members, read in one go; absent leaves `into` as it is.
  void read(std::string_view key, std::string& into) const;
  void read(std::string_view key, bool& into) const;
  void read(std::string_view key, std::vector<std::string>& into) const;
  void read(std::string_view key,
            std::map<std::string, std::string>& into) const;

  template <std::integral Integer>
  void read(std::string_view key, Integer& into) const {
    if (const auto member = find(key)) {
      into = member->integer<Integer>();
    }
  }

  template <typename Value>
  void read(std::string_view key, std::optional<Value>& into) const {
    if (find(key)) {
      Value value{};
      read(key, value);
      into = std::move(value);
    }
  }

 private:
  [[nodiscard]] std::int64_t signed_integer(std::int64_t least,
                                            std::int64_t most) const;
  [[nodiscard]] std::uint64_t unsigned_integer(std::uint64_t most) const;

  const nlohmann::json* value_;
  std::string path_;
};

/// A parsed document; nested at most 64 deep.
class JsonDocument {
 public:
  /// \throws SpecError, which then names no property
  explicit JsonDocument(std::string_view text);
  ~JsonDocument();
  JsonDocument(const JsonDocument&) = delete;
  JsonDocument& operator=(const JsonDocument&) = delete;
  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;

  [[nodiscard]] JsonView root() const;

 private:
  std::unique_ptr<nlohmann::json> value_;
};

/// A text as a JSON string, with its quotes. Bytes that are not UTF-8 become
/// U+FFFD, so that the document always is one.
[[nodiscard]] std::string json_quote(std::string_view text);

}  // namespace docker_cpp::oci
