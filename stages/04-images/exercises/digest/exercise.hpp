// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

/// The 64 digits; nothing when it is not a digest.
std::optional<std::string> digest_hex(std::string_view text);
