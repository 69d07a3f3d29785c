// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace docker_cpp::cli {

[[nodiscard]] std::vector<std::string> split(std::string_view text,
                                             std::string_view separator);
[[nodiscard]] std::string join(const std::vector<std::string>& items,
                               std::string_view separator);
/// What is before and after the first separator; all of it and nothing when
/// there is none.
[[nodiscard]] std::pair<std::string, std::string> cut(std::string_view text,
                                                      char separator);
[[nodiscard]] std::string_view trim(std::string_view text);
[[nodiscard]] std::string to_lower(std::string_view text);
[[nodiscard]] std::string to_upper(std::string_view text);

/// How many columns UTF-8 text takes, one per code point.
[[nodiscard]] std::size_t display_width(std::string_view text);
/// At most `width` columns, the last of them "…" if something was cut.
[[nodiscard]] std::string ellipsis(std::string_view text, std::size_t width);
/// Go's strconv.Quote.
[[nodiscard]] std::string quote(std::string_view text);
/// The first 12 digits of an id, without its "sha256:".
[[nodiscard]] std::string short_id(std::string_view id);
/// Fields of a line of comma-separated values, "quoted, ones" included.
[[nodiscard]] std::vector<std::string> csv_fields(std::string_view line);

/// How many letters must change to make one word of the other.
[[nodiscard]] std::size_t edit_distance(std::string_view left,
                                        std::string_view right);

/// Written out at once, in spite of signals; a closed pipe is not our failure.
void write_to(int fd, std::string_view text);
void print(std::string_view text);
void print_error(std::string_view text);

}  // namespace docker_cpp::cli
