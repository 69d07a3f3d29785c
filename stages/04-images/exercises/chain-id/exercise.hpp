// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

using Hash = std::function<std::string(const std::string&)>;

/// One chain id per diff id, lowest layer first.
std::vector<std::string> chain_ids(const std::vector<std::string>& diff_ids,
                                   const Hash& hash);
