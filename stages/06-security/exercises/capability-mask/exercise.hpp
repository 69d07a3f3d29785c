// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

inline constexpr std::uint64_t chown_bit = 1;  // CAP_CHOWN is 0
inline constexpr std::uint64_t net_raw_bit = 1 << 13;
inline constexpr std::uint64_t sys_admin_bit = 1 << 21;
inline constexpr std::uint64_t every_bit = (1ULL << 41) - 1;
/// CHOWN and NET_RAW: this exercise knows three names.
inline constexpr std::uint64_t default_mask = chown_bit | net_raw_bit;

/// A name nobody knows is an error that names it.
std::expected<std::uint64_t, std::string> capability_mask(
    const std::vector<std::string>& add, const std::vector<std::string>& drop);
