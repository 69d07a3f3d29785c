// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

/// The name that begins at `at`, with dots, without the last one; nothing for
/// what cannot be read.
std::optional<std::string> read_name(std::span<const std::uint8_t> packet,
                                     std::size_t at);
