// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

/// Bytes; -1: no limit. Units b, k, m, g (powers of 1024), in any case, with
/// an optional "b" or "ib" after them; one fraction is allowed with a unit.
std::expected<std::int64_t, std::string> parse_memory(std::string_view text);
