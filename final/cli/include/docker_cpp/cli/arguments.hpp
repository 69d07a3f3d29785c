// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "docker_cpp/cli/failure.hpp"
#include "docker_cpp/cli/option_spec.hpp"

namespace docker_cpp::cli {

/// Whether options may follow the first word that is none.
enum class Order : std::uint8_t { any, options_first };

/// A command line that cannot be understood; the message is pflag's.
class UsageError : public Failure {
 public:
  explicit UsageError(const std::string& message) : Failure(message, 125) {}
};

/// A command's options, checked, and its other words.
class Arguments {
 public:
  [[nodiscard]] bool given(std::string_view option) const noexcept;
  [[nodiscard]] bool flag(std::string_view option,
                          bool otherwise = false) const noexcept;
  /// The last value given.
  [[nodiscard]] std::string text(std::string_view option,
                                 std::string_view otherwise = {}) const;
  [[nodiscard]] std::vector<std::string> list(std::string_view option) const;
  [[nodiscard]] std::optional<std::int64_t> number(
      std::string_view option) const;
  /// Of an option that takes sizes.
  [[nodiscard]] std::int64_t bytes(std::string_view option) const;
  /// Nanoseconds.
  [[nodiscard]] std::int64_t duration(std::string_view option) const;

  std::vector<std::string> words;
  std::string command;  ///< as typed: "container ls"
  bool help = false;    ///< --help was among the options

  using Values = std::pair<std::string_view, std::vector<std::string>>;
  std::vector<Values> options;

 private:
  [[nodiscard]] const std::vector<std::string>* find(
      std::string_view option) const noexcept;
};

/// \throws UsageError
[[nodiscard]] Arguments parse_arguments(std::span<const std::string> arguments,
                                        std::span<const OptionSpec> options,
                                        Order order);

}  // namespace docker_cpp::cli
