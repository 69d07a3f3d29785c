// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace docker_cpp::namespaces {

/// The life of a process that is only there to be in a user namespace: joins
/// `user_namespace` (unless that is -1), says so with one byte, and ends when
/// the other end of the socket does.
[[noreturn]] void live_in_namespace(int user_namespace, int socket) noexcept;

}  // namespace docker_cpp::namespaces
