// SPDX-License-Identifier: Apache-2.0
#include "exercise.hpp"

std::optional<std::uint32_t> outside(const std::vector<IdRange>& map,
                                     std::uint32_t id) {
  for (const IdRange& range : map) {
    if (id >= range.inside && id - range.inside < range.count) {
      return range.outside + (id - range.inside);
    }
  }
  return std::nullopt;
}
