// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string_view>

#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::network {

/// Runs `work` inside the network namespace `netns`, on a thread that lives
/// for nothing else: a thread of the engine that failed to come back would
/// from then on serve its clients from within a container. What `work` throws
/// is thrown here. \man{setns,2}
void in_network_namespace(int netns, const std::function<void()>& work);

/// The network namespace of a process. \throws Error
[[nodiscard]] sys::UniqueFd network_namespace_of(int pid);

/// Writes below /proc/sys of the calling thread's network namespace:
/// ("net/ipv4/ip_forward", "1"). Writes nothing when the value is that
/// already, so that a read-only /proc with the right value will do.
/// \throws Error naming the setting
void set_sysctl(std::string_view name, std::string_view value);

}  // namespace docker_cpp::network
