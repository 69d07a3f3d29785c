// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

struct IdRange {
  std::uint32_t inside;
  std::uint32_t outside;
  std::uint32_t count;
};

/// Nothing: no line covers it.
std::optional<std::uint32_t> outside(const std::vector<IdRange>& map,
                                     std::uint32_t id);
