// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace docker_cpp::dockerfile {

/// A variable's value, or nothing when it is not set.
using Lookup = std::function<std::optional<std::string>(std::string_view name)>;

/// What a person wrote between quotes, with its variables put in:
/// `$x ${x} ${x:-y} ${x-y} ${x:+y} ${x+y} ${x:?m} ${x?m} ${x#p} ${x##p}
/// ${x%p} ${x%%p} ${x/p/r} ${x//p/r}`, single and double quotes, escapes.
class Expander {
 public:
  Expander(Lookup lookup, char escape)
      : lookup_(std::move(lookup)), escape_(escape) {}

  /// One word, blanks and all. \throws Problem
  [[nodiscard]] std::string word(std::string_view text) const;
  /// Split at blanks outside of quotes. \throws Problem
  [[nodiscard]] std::vector<std::string> words(std::string_view text) const;
  /// Variables only; quotes stay as they are: the text of a heredoc.
  /// \throws Problem
  [[nodiscard]] std::string raw(std::string_view text) const;

 private:
  Lookup lookup_;
  char escape_;
};

/// Split at blanks outside of quotes; quotes and escapes stay.
/// \throws Problem for a quote that does not end
[[nodiscard]] std::vector<std::string> split_words(std::string_view text,
                                                   char escape);

}  // namespace docker_cpp::dockerfile
