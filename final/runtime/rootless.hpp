// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include "docker_cpp/oci/spec.hpp"

// A runtime that an ordinary user started. It becomes root of the container's
// user namespace first, in which it may mount and make namespaces; from then
// on everything goes as it does for root. \man{user_namespaces,7}
namespace docker_cpp::runtime {

/// Makes (or joins) the user namespace that the configuration asks for, with
/// its maps, and a mount namespace in it. The configuration is then one of a
/// container that stays in the caller's user namespace.
/// \throws Refusal when it asks for none, or the maps are not permitted
void become_root_for(oci::Spec& spec);

/// Joins the user namespace of a container's process. Nothing happens when
/// that is the caller's own.
void become_root_beside(pid_t container);

}  // namespace docker_cpp::runtime
