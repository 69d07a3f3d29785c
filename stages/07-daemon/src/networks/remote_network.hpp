// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "../plugins/socket_plugin.hpp"

#include "docker_cpp/daemon/networks.hpp"
#include "docker_cpp/network/links.hpp"
#include "docker_cpp/network/network_addresses.hpp"

namespace docker_cpp::daemon {

/// A network whose links somebody else's program makes: Docker's remote driver
/// protocol. The program makes a link on the host; we choose the addresses,
/// and put the link into the container. Thread safe.
/// https://github.com/moby/moby/blob/master/daemon/libnetwork/docs/remote.md
class RemoteNetwork final : public network::NetworkDriver {
 public:
  enum class Beginning : std::uint8_t { made, found };

  /// Tells the plugin of a network that is new; one that was found in the
  /// records it knows already.
  /// \throws ApiError in the plugin's words
  RemoteNetwork(SocketPlugin plugin, const Network& network,
                Beginning beginning);

  network::EndpointInfo connect(
      int netns_fd, const network::EndpointRequest& request) override;
  std::vector<network::PublishedPort> publish(
      std::string_view container_id,
      const std::vector<network::PublishedPort>& ports) override;
  void disconnect(std::string_view container_id) override;
  void adopt(std::string_view container_id,
             const network::EndpointInfo& info) override;
  void remove() override;
  [[nodiscard]] const std::string& subnet() const noexcept override {
    return subnet_;
  }
  [[nodiscard]] const std::string& gateway() const noexcept override {
    return gateway_;
  }

  /// "local" or "global", as the plugin says.
  [[nodiscard]] const std::string& scope() const noexcept { return scope_; }

 private:
  nlohmann::json call(const char* method, nlohmann::json body) const;
  [[nodiscard]] nlohmann::json endpoint(std::string_view container) const;
  void create_endpoint(const network::EndpointRequest& request,
                       network::EndpointInfo& info) const;
  void join(int netns, const network::EndpointRequest& request,
            network::EndpointInfo& info);
  void leave_quietly(std::string_view container) const;

  SocketPlugin plugin_;
  std::string id_;
  std::string scope_ = "local";
  std::mutex mutex_;
  network::Links links_;
  network::NetworkAddresses addresses_;
  std::string subnet_;
  std::string gateway_;
  std::map<std::string, network::AddressLease, std::less<>> endpoints_;
};

}  // namespace docker_cpp::daemon
