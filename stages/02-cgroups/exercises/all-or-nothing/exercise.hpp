// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

using Setting = std::pair<std::string, std::string>;  // file, value

/// Writes each value into its file (which must exist), in this order. When
/// one cannot be written, all are what they were, and it throws
/// std::runtime_error naming the file.
void write_settings(const std::vector<Setting>& settings);
