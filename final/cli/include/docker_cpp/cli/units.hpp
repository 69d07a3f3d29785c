// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

/// Sizes and durations as docker reads and prints them (docker/go-units).
namespace docker_cpp::cli {

template <typename T>
using Parsed = std::expected<T, std::string>;

/// "1.985MB": powers of 1000, `digits` significant ones.
[[nodiscard]] std::string human_size(double bytes, int digits = 4);
/// "7.772GiB": powers of 1024.
[[nodiscard]] std::string bytes_size(double bytes);
/// "About an hour", "3 days".
[[nodiscard]] std::string human_duration(std::chrono::seconds age);

/// "512m", "1.5 GiB": powers of 1024, never negative.
[[nodiscard]] Parsed<std::int64_t> parse_bytes(std::string_view text);
/// Go's durations, "1h2m3.5s".
[[nodiscard]] Parsed<std::chrono::nanoseconds> parse_duration(
    std::string_view text);
/// As Go's strconv.ParseInt(text, 0, bits) words its refusals.
[[nodiscard]] Parsed<std::int64_t> parse_integer(std::string_view text,
                                                 int bits = 64);
[[nodiscard]] Parsed<std::uint64_t> parse_unsigned(std::string_view text,
                                                   int bits = 64);
[[nodiscard]] Parsed<bool> parse_bool(std::string_view text);
/// "1.5" CPUs, in units of 1e-9.
[[nodiscard]] Parsed<std::int64_t> parse_nano_cpus(std::string_view text);

}  // namespace docker_cpp::cli
