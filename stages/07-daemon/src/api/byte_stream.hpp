// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call.hpp"

namespace docker_cpp::daemon::api {

/// Sends what a descriptor gives, until its end, no faster than the client
/// takes it; blocks. False when the client is gone.
[[nodiscard]] bool send_bytes(const CallPtr& call, int from);

}  // namespace docker_cpp::daemon::api
