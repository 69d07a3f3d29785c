// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/daemon/model.hpp"
#include "docker_cpp/daemon/networks.hpp"
#include "docker_cpp/network/dns_server.hpp"

namespace docker_cpp::daemon {

/// Who is called what on which network, and the server that answers for it.
/// Names hold among containers of one user-defined network: the default bridge
/// has none, as Docker's. Thread safe.
class NetworkNames {
 public:
  /// The container is on the network from now on.
  void add(const Network& network, const Container& container,
           const Endpoint& endpoint);
  void remove(const Network& network, const std::string& container);
  /// It has another name.
  void rename(const Container& container);

  /// Begins to answer inside that container, if it is on a network with names.
  /// `servers` are for questions about the rest of the world.
  void serve(const std::string& container, int netns,
             std::vector<std::string> servers);
  /// Lets go of its network namespace.
  void silence(const std::string& container);

 private:
  struct Named {
    NetworkPtr network;
    std::string ip;
    std::string ipv6;
    std::string gateway;
    Strings names;  ///< in lower case, the container's own first
    Strings links;  ///< "container:alias"
  };
  struct Party {
    std::vector<Named> endpoints;
    std::vector<std::string> servers;
  };

  [[nodiscard]] std::optional<network::DnsAnswer> answer(
      const std::string& container, const network::DnsQuery& query);
  [[nodiscard]] std::optional<network::DnsAnswer> answer_reverse(
      const Party& asker, const network::DnsQuery& query) const;
  [[nodiscard]] std::vector<const Named*> find(const Party& asker,
                                               std::string_view name) const;
  [[nodiscard]] std::vector<const Named*> members(const std::string& network,
                                                  std::string_view name) const;
  [[nodiscard]] static bool has_names(const Party& party);
  [[nodiscard]] static network::DnsForwarding forwarding(const Party& party);
  void update(const std::string& container);

  std::mutex mutex_;
  std::map<std::string, Party, std::less<>> parties_;  ///< by container id
  std::size_t turn_ = 0;  ///< whose address comes first
  std::mutex serving_;
  std::unique_ptr<network::DnsServer> server_;  ///< made when first needed
};

}  // namespace docker_cpp::daemon
