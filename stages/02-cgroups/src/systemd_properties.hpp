// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "dbus_message.hpp"

#include "docker_cpp/cgroups/systemd.hpp"

namespace docker_cpp::cgroups {

/// One (name, value) of a unit, as StartTransientUnit takes it: "(sv)".
[[nodiscard]] DbusValue systemd_property(const std::string& name,
                                         DbusValue value);

/// A property from text; see check_systemd_property.
[[nodiscard]] std::expected<DbusValue, std::string> parse_systemd_property(
    const std::string& name, const std::string& value);

/// Limits in systemd's words. \man{systemd.resource-control,5}
[[nodiscard]] std::vector<DbusValue> systemd_limits(const Resources& resources,
                                                    Version version);

}  // namespace docker_cpp::cgroups
