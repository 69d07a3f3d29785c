// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace docker_cpp::cli {

struct TableShape {
  std::size_t least_width = 10;
  std::size_t padding = 3;
};

/// Aligns lines whose cells end in tabs, as Go's text/tabwriter does: a column
/// is as wide as its widest cell in the block of neighbouring lines that have
/// it, and what follows a line's last tab is no cell.
[[nodiscard]] std::string align(std::string_view lines, TableShape shape = {});

}  // namespace docker_cpp::cli
