// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "docker_cpp/cli/http.hpp"

namespace docker_cpp::cli {

/// The file of that name beside our own binary, else in PATH; empty if there
/// is none.
[[nodiscard]] std::string find_program(const std::string& name);

/// Starts docker-cppd in the background, says so once on stderr, and waits
/// until it answers. Does nothing for someone who may not start it. Whether it
/// worked shows in the next connect.
/// \throws Failure when the daemon ends before it answers
void start_daemon(const http::Address& address);

}  // namespace docker_cpp::cli
