// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace docker_cpp::runtime {

/// A command line that cannot be understood.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// `--help` was among the flags; holds a line for each that is known.
class HelpWanted : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The flags that one command takes, and where their values go.
///
/// Understands `--name value`, `--name=value`, `-n value`, `-nvalue`, and Go's
/// `-name value`; switches also as `--name=false`. Small, because this program
/// runs once per container: building the parser costs microseconds.
class Flags {
 public:
  /// The last argument is what `--help` says of it.
  void text(std::string_view names, std::string& into,
            std::string_view help = "");
  void list(std::string_view names, std::vector<std::string>& into,
            std::string_view help = "");
  void number(std::string_view names, std::int64_t& into,
              std::string_view help = "");
  void flag(std::string_view names, bool& into, std::string_view help = "");
  /// A value only by `--name=value`; `--name` alone means the empty text.
  void optional(std::string_view names, std::optional<std::string>& into,
                std::string_view help = "");
  /// Accepted, for callers that pass it, but of no effect.
  void ignored_text(std::string_view names);
  void ignored_flag(std::string_view names);

  /// Where flags end: for `exec`, after as many words as given, the rest is
  /// the program's.
  static constexpr std::size_t anywhere = ~std::size_t{0};

  /// A line for each, for people.
  [[nodiscard]] std::string describe() const;

  /// Returns the words that are no flags.
  /// \throws UsageError; HelpWanted at `--help`
  [[nodiscard]] std::vector<std::string> parse(
      std::span<char* const> arguments, std::size_t most_words = anywhere);

 private:
  struct Known {
    std::string_view names;  ///< "bundle b": separated by spaces
    bool takes_value;
    std::function<void(const std::string&)> set;
    std::string_view help;
    bool hidden = false;
  };
  [[nodiscard]] const Known* find(std::string_view name) const;
  /// Handles one argument; returns how many more it used.
  std::size_t take(std::span<char* const> rest);

  std::vector<Known> known_;
};

/// A whole decimal number, or a UsageError that names the flag.
[[nodiscard]] std::int64_t parse_number(std::string_view name,
                                        const std::string& text);

}  // namespace docker_cpp::runtime
