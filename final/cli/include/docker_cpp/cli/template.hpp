// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "docker_cpp/cli/units.hpp"
#include "docker_cpp/cli/value.hpp"

namespace docker_cpp::cli {

namespace templates {
struct Block;
}

/// The part of Go's text/template that people use with --format: fields,
/// variables, if/else, range, with, pipes, parentheses, comments, trimming,
/// comparisons, and docker's functions (json, join, split, upper, lower, title,
/// pad, truncate, println...).
class Template {
 public:
  /// \returns the template, or "template: :1: …" as Go words it
  [[nodiscard]] static Parsed<Template> parse(std::string_view text);

  struct Naming {
    /// The Go type that an unknown field is not part of, such as
    /// "*formatter.ContainerContext"; empty: the data is a map.
    std::string_view type;
    /// A field that is not there is `<no value>` and no mistake.
    bool gaps = false;
  };

  [[nodiscard]] Parsed<std::string> render(const Value& data,
                                           Naming naming) const;
  [[nodiscard]] Parsed<std::string> render(const Value& data) const {
    return render(data, Naming());
  }

 private:
  explicit Template(std::shared_ptr<const templates::Block> root)
      : root_(std::move(root)) {}
  std::shared_ptr<const templates::Block> root_;
};

/// As Go's fmt prints a value with %v: `[a b]`, `map[k:v]`.
[[nodiscard]] std::string print_go(const Value& value);

}  // namespace docker_cpp::cli
