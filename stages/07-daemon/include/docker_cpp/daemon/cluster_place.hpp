// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace docker_cpp::daemon {

/// How the store knows us, and we the store.
struct StoreAccess {
  std::string authority;    ///< file of its CA; empty: no TLS
  std::string certificate;  ///< file of ours, for a store that asks for one
  std::string key;
  std::string user;  ///< empty: the store asks nobody for a name
  std::string password;
};

/// Where overlay networks are agreed on.
struct ClusterPlace {
  std::vector<std::string> store;  ///< of etcd, ADDRESS:PORT
  std::string advertise;           ///< this host's address, for the others
  StoreAccess access;
};

/// "etcd://10.0.0.1:2379,10.0.0.2:2379", an address or a link's name, and
/// "kv.cacertfile=/ca.pem" and the like, as --cluster-store-opt has them.
/// \throws ApiError invalid_argument
[[nodiscard]] ClusterPlace parse_cluster(
    const std::string& store, const std::string& advertise,
    const std::vector<std::string>& store_options);

}  // namespace docker_cpp::daemon
