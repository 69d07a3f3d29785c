// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "context.hpp"

namespace docker_cpp::daemon {

/// Mounts the file systems that a container's volumes are, where they have
/// options and nobody has mounted them yet. \throws ApiError
void mount_volumes(Context& context, const Container& container);

/// After its end: unmounts those that no other running container has.
void unmount_volumes(Context& context, const Container& container) noexcept;

}  // namespace docker_cpp::daemon
