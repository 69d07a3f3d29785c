// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace docker_cpp::cgroups {

/// Bytes of memory of this machine.
[[nodiscard]] std::uint64_t host_memory();

/// The sizes of its huge pages, as the control files have them: "2MB".
[[nodiscard]] std::vector<std::string> host_page_sizes();

}  // namespace docker_cpp::cgroups
