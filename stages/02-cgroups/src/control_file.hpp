// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "docker_cpp/cgroups/control_directory.hpp"
#include "docker_cpp/sys/result.hpp"

/// Reading and writing the small text files that cgroups are made of.
namespace docker_cpp::cgroups {

[[nodiscard]] sys::Result<std::string> read(const ControlDirectory& directory,
                                            const std::string& file);
[[nodiscard]] sys::Result<void> write(const ControlDirectory& directory,
                                      const std::string& file,
                                      std::string_view value);

/// The text, or nothing when it cannot be read; for statistics, where a file
/// that this kernel does not have is a number that stays zero.
[[nodiscard]] std::string text_of(const ControlDirectory* directory,
                                  const std::string& file);
/// The first number in it; "max" and everything unreadable is nothing.
[[nodiscard]] std::optional<std::uint64_t> number_of(
    const ControlDirectory* directory, const std::string& file);

/// "name 123" lines.
using NamedNumbers = std::vector<std::pair<std::string, std::uint64_t>>;
[[nodiscard]] NamedNumbers named_numbers(std::string_view text);
[[nodiscard]] std::uint64_t value_of(const NamedNumbers& numbers,
                                     std::string_view name);

[[nodiscard]] std::optional<std::uint64_t> to_number(std::string_view text);
/// Without empty parts. The parts are views into the text.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text,
                                                  std::string_view separators);
std::vector<std::string_view> split(std::string&& text,
                                    std::string_view separators) = delete;

}  // namespace docker_cpp::cgroups
