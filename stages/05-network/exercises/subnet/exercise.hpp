// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

struct Subnet {
  std::uint32_t network;
  int prefix;
};

/// "172.17.0.0/16", of which only the network's bits are kept.
std::optional<Subnet> parse_subnet(std::string_view text);

/// The first free address after `last` (0: none was given yet), from the
/// beginning again when the end is reached; nothing when all are taken.
std::optional<std::uint32_t> next_address(const Subnet& subnet,
                                          const std::set<std::uint32_t>& taken,
                                          std::uint32_t last);
