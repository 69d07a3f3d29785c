// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "docker_cpp/daemon/model.hpp"
#include "docker_cpp/network/network_driver.hpp"
#include "docker_cpp/network/port_allocator.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::daemon {

/// A network that CNI plugins make: any of Debian's containernetworking-plugins
/// or of anybody's, one or a chain of them. They choose the addresses, too.
///
///     network create -d cni -o config=/etc/cni/net.d/10-lab.conflist lab
///
/// What ADD answered is kept in a file beside the network's record, for CHECK
/// and DEL, also of the next daemon. Thread safe.
/// https://www.cni.dev/docs/spec/
class CniNetwork final : public network::NetworkDriver {
 public:
  struct Options {
    std::string id;
    /// "config" (a path, or the JSON itself) and "path" (folders of plugins,
    /// by colons).
    Labels options;
    std::string folder;  ///< for the answers; made when it is needed
    std::function<void(const std::string&)> warn;
  };
  /// \throws std::invalid_argument for a configuration that makes no sense
  explicit CniNetwork(Options options);

  network::EndpointInfo connect(
      int netns_fd, const network::EndpointRequest& request) override;
  std::vector<network::PublishedPort> publish(
      std::string_view container_id,
      const std::vector<network::PublishedPort>& ports) override;
  void disconnect(std::string_view container_id) override;
  void adopt(std::string_view container_id,
             const network::EndpointInfo& info) override;
  /// Also runs CHECK, and warns of what it finds.
  void hold(std::string_view container_id, int netns_fd) override;
  void remove() override;
  [[nodiscard]] const std::string& subnet() const noexcept override {
    return nothing_;
  }
  [[nodiscard]] const std::string& gateway() const noexcept override {
    return nothing_;
  }

 private:
  struct Attached {
    sys::UniqueFd netns;
    std::string link;
    nlohmann::json result;   ///< of the last plugin's ADD
    nlohmann::json runtime;  ///< "runtimeConfig": ports, bandwidth
    std::vector<network::PortReservation> reservations;
  };

  [[nodiscard]] nlohmann::json run(const char* command,
                                   const std::string& container,
                                   const Attached& attached,
                                   const nlohmann::json& plugin) const;
  [[nodiscard]] nlohmann::json configuration(const nlohmann::json& plugin,
                                             const Attached& attached) const;
  void add(const std::string& container, Attached& attached) const;
  void remove_quietly(const std::string& container,
                      const Attached& attached) const;
  std::vector<network::PublishedPort> ask_for_ports(
      const network::EndpointRequest& request, Attached& attached);
  void keep(const std::string& container, const Attached& attached) const;
  void forget(const std::string& container) const;
  [[nodiscard]] std::string file_of(const std::string& container) const;

  Options options_;
  std::string name_;
  std::string version_;
  std::vector<nlohmann::json> plugins_;
  std::vector<std::string> folders_;
  std::string nothing_;
  std::mutex mutex_;
  network::PortAllocator ports_;
  std::map<std::string, Attached, std::less<>> attached_;
};

}  // namespace docker_cpp::daemon
