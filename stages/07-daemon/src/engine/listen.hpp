// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "../http/tls_gate.hpp"

#include "docker_cpp/daemon/api_server.hpp"
#include "docker_cpp/daemon/daemon.hpp"

namespace docker_cpp::daemon {

using Gates = std::vector<std::unique_ptr<http::TlsGate>>;

/// Opens every socket that the options name, the default one if none. What is
/// returned is to live as long as the server.
/// \throws ApiError, Error
[[nodiscard]] Gates listen_on_hosts(Executor& executor, ApiServer& api,
                                    const DaemonOptions& options,
                                    const Log& log);

/// Tells systemd, if it listens: "READY=1". \man{sd_notify,3}
void notify(std::string_view state);

}  // namespace docker_cpp::daemon
