// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <variant>

/// An id, or a name to look up; errors name what was typed.
std::expected<std::variant<std::uint32_t, std::string>, std::string> parse_user(
    std::string_view text);
