// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>

namespace docker_cpp::oci {

/// A config.json to begin with: a shell in ./rootfs, with a container's usual
/// mounts, namespaces and restrictions.
[[nodiscard]] std::string template_for_root();

/// The same for somebody who is not root: in a user namespace, without limits,
/// the host's network.
[[nodiscard]] std::string template_for_user(uid_t uid, gid_t gid);

}  // namespace docker_cpp::oci
