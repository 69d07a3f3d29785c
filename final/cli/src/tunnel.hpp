// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "docker_cpp/cli/http.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

/// Ways to the daemon that end in a plain socket of ours, so that everything
/// above (poll, half-close, raw streams) need not know of them.
namespace docker_cpp::cli {

/// TLS on a connected socket; a thread carries the bytes.
[[nodiscard]] std::expected<sys::UniqueFd, std::string> tls_tunnel(
    sys::UniqueFd socket, const std::string& host, const http::Tls& options);

/// A program whose stdin and stdout are the connection:
/// `ssh … docker system dial-stdio`.
[[nodiscard]] std::expected<sys::UniqueFd, std::string> program_tunnel(
    std::vector<std::string> command);

/// The words of that command for an ssh:// address.
[[nodiscard]] std::vector<std::string> ssh_command(
    const http::Address& address);

}  // namespace docker_cpp::cli
