// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call.hpp"

namespace docker_cpp::daemon::api {

/// GET /containers/{name}/logs
void stream_logs(const CallPtr& call);

}  // namespace docker_cpp::daemon::api
