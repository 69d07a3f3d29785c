// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "docker_cpp/cli/command.hpp"

/// What several commands share.
namespace docker_cpp::cli {

/// Does something with each named object and prints its name (or what is
/// returned); failures are told when all have been tried. \returns exit code
int for_each_word(const Arguments& arguments,
                  const std::function<std::string(const std::string&)>& act);

/// "/containers/NAME" + `rest`, the name escaped.
[[nodiscard]] std::string container_path(std::string_view name,
                                         std::string_view rest);
[[nodiscard]] std::string image_path(std::string_view name,
                                     std::string_view rest);

/// --filter options as the API wants them: {"status":{"running":true}}.
[[nodiscard]] Value filter_value(const std::vector<std::string>& filters);
/// "?filters=…", nothing when there are none.
void add_filters(http::Query& query, const Value& filters);

/// Columns that a list can show.
struct ListShape {
  std::string_view table;  ///< the default template, without "table "
  std::span<const std::pair<std::string_view, std::string_view>> headers;
  std::string_view type;  ///< the Go type for error messages
};

/// Prints rows as a table, as JSON lines or with a template.
/// \throws Failure
void print_list(const std::string& format, const ListShape& shape,
                const std::vector<Value>& rows);

/// Prints one value with a template (or "json").
/// \throws Failure
void print_with(const std::string& format, const Value& value);

/// Asks "… [y/N]" on the terminal. \returns whether the answer was yes
[[nodiscard]] bool confirm(const std::string& question);

/// Reads a stream of JSON lines, calling back for each document.
void read_json_lines(Exchange& exchange,
                     const std::function<void(const Value&)>& take);

/// Shows pull, push and load progress: moving lines on a terminal, one line
/// per change elsewhere. \throws Failure when the stream ends in an error
enum class Verbosity : unsigned char { quiet, normal };
void show_progress(Exchange& exchange, int fd, Verbosity verbosity);

}  // namespace docker_cpp::cli
