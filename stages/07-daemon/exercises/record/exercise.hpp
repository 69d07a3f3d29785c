// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

/// Replaces `folder`/`name`. Throws std::runtime_error; then the old one
/// stands.
void write_record(const std::string& folder, const std::string& name,
                  std::string_view body);
