// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "docker_cpp/namespaces/namespaces.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::namespaces {

struct IdMaps {
  std::vector<IdRange> uids;
  std::vector<IdRange> gids;
};

/// A user namespace that nobody lives in, for its maps alone: what an
/// id-mapped mount wants. \man{mount_setattr,2}
/// \throws Error
[[nodiscard]] sys::UniqueFd make_user_namespace(const IdMaps& maps);

/// The maps of an existing one, as the caller counts. \throws Error
[[nodiscard]] IdMaps maps_of(int user_namespace);

/// The lines of an id map file. \man{user_namespaces,7}
[[nodiscard]] std::vector<IdRange> parse_id_map(const char* text);

}  // namespace docker_cpp::namespaces
