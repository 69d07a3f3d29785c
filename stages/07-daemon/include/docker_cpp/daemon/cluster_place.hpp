// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace docker_cpp::daemon {

/// Where overlay networks are agreed on.
struct ClusterPlace {
  std::vector<std::string> store;  ///< of etcd, ADDRESS:PORT
  std::string advertise;           ///< this host's address, for the others
};

/// "etcd://10.0.0.1:2379,10.0.0.2:2379", and an address or a link's name.
/// \throws ApiError invalid_argument
[[nodiscard]] ClusterPlace parse_cluster(const std::string& store,
                                         const std::string& advertise);

}  // namespace docker_cpp::daemon
