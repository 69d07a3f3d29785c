// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

/// "a/b/c"; "" for the root itself; nothing for what must be refused: a part
/// that is "..", or a NUL.
std::optional<std::string> clean_name(std::string_view name);
