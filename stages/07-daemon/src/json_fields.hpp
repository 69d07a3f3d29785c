// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "docker_cpp/daemon/api_error.hpp"
#include "docker_cpp/daemon/model.hpp"

namespace docker_cpp::daemon {

/// The fields of one JSON object, read by Go's rules. A field that is missing
/// or null leaves what it is read into as it was.
class Fields {
 public:
  /// \throws ApiError unless `object` is an object or null
  Fields(const nlohmann::json& object, std::string_view type);

  void read(std::string_view key, bool& into) const;
  void read(std::string_view key, std::string& into) const;
  void read(std::string_view key, int& into) const;
  void read(std::string_view key, std::int64_t& into) const;
  void read(std::string_view key, std::uint16_t& into) const;
  void read(std::string_view key, std::uint32_t& into) const;
  void read(std::string_view key, Strings& into) const;
  void read(std::string_view key, Labels& into) const;

  template <typename T>
  void read(std::string_view key, std::optional<T>& into) const {
    if (find(key) != nullptr) {
      T value{};
      read(key, value);
      into = std::move(value);
    }
  }

  /// An argument list: Docker takes one string for a list of one.
  void read_arguments(std::string_view key, std::optional<Strings>& into) const;

  /// An array of two numbers.
  void read_pair(std::string_view key,
                 std::array<std::uint16_t, 2>& into) const;

  /// The keys of an object whose values say nothing: {"80/tcp": {}}.
  void read_set(std::string_view key, Strings& into) const;

  /// Each entry of an array, or of an object with its key.
  void each(std::string_view key,
            const std::function<void(const nlohmann::json&)>& use) const;
  void each_member(std::string_view key,
                   const std::function<void(const std::string&,
                                            const nlohmann::json&)>& use) const;

  /// The field, exact case first; null when it is missing or JSON's null.
  [[nodiscard]] const nlohmann::json* find(std::string_view key) const;

 private:
  template <typename Integer>
  void read_integer(std::string_view key, Integer& into,
                    const char* type) const;
  [[noreturn]] void refuse(std::string_view key, const nlohmann::json& found,
                           std::string_view wanted) const;
  [[nodiscard]] std::string text_of(std::string_view key,
                                    const nlohmann::json& value) const;

  const nlohmann::json* object_;
  std::string_view type_;
};

/// A list that Docker shows as null when there is nothing in it.
[[nodiscard]] nlohmann::json list_or_null(const Strings& list);
[[nodiscard]] nlohmann::json list_or_null(const std::optional<Strings>& list);

/// {"a": {}, "b": {}}
[[nodiscard]] nlohmann::json set_of(const Strings& keys);

template <typename T>
[[nodiscard]] nlohmann::json value_or_null(const std::optional<T>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json(nullptr);
}

}  // namespace docker_cpp::daemon
