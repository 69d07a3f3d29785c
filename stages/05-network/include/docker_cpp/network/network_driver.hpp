// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::network {

/// A port of a container that the host offers to others.
struct PublishedPort {
  std::string protocol = "tcp";  ///< tcp, udp or sctp
  std::uint16_t container_port = 0;
  std::string host_ip;          ///< empty and "0.0.0.0": all of the host's
  std::uint16_t host_port = 0;  ///< 0: any free one
  /// The last of a range, of which any free one will do; 0: no range.
  std::uint16_t last_host_port = 0;

  bool operator==(const PublishedPort&) const = default;
};

struct EndpointRequest {
  std::string container_id;
  std::vector<PublishedPort> ports;
  std::string mac;  ///< empty: made from the address
  std::string ip;   ///< empty: the first free one
  std::string ip6;  ///< likewise, where the network has IPv6
  /// Whether what is for nobody in particular leaves by this network.
  bool default_route = true;
  /// "--driver-opt" of this endpoint, for those who understand them.
  std::map<std::string, std::string> options;
};

/// What a container got.
struct EndpointInfo {
  std::string ip;
  std::string gateway;
  std::string mac;
  int prefix_len = 0;
  std::string ip6;  ///< empty: no IPv6 on this network
  std::string gateway6;
  int prefix_len6 = 0;
  std::vector<PublishedPort> ports;  ///< with host_ip and host_port filled in
  /// As they were asked for.
  std::map<std::string, std::string> options;
};

/// The option of an endpoint that names its link inside the container.
inline constexpr const char* link_name_option =
    "com.docker.network.endpoint.ifname";

/// Somebody has the port already. Worded as Docker words it:
/// `Bind for 0.0.0.0:8080 failed: port is already allocated`, and who has it
/// where that is a process of the host: ` (by nginx, process 812)`.
class PortAllocated final : public Error {
 public:
  PortAllocated(std::uint8_t protocol, std::string host_ip,
                std::uint16_t host_port);

  [[nodiscard]] std::uint8_t protocol() const noexcept { return protocol_; }
  [[nodiscard]] const std::string& host_ip() const noexcept { return host_ip_; }
  [[nodiscard]] std::uint16_t host_port() const noexcept { return host_port_; }
  [[nodiscard]] const char* what() const noexcept override {
    return message_.c_str();
  }

 private:
  std::uint8_t protocol_;
  std::string host_ip_;
  std::uint16_t host_port_;
  std::string message_;
};

/// One network, as its driver keeps it: what a bridge, a part of a physical
/// link or a plugin have in common. Thread safe.
class NetworkDriver {
 public:
  virtual ~NetworkDriver() = default;

  /// A link into that network namespace, with address, routes and loopback up,
  /// and the ports published. All or nothing. A container that is connected
  /// already is disconnected first.
  /// \throws PortAllocated, Error
  virtual EndpointInfo connect(int netns_fd,
                               const EndpointRequest& request) = 0;

  /// Publishes ports of a container that is connected and has none; returns
  /// them with their host ports. \throws PortAllocated, Error
  virtual std::vector<PublishedPort> publish(
      std::string_view container_id,
      const std::vector<PublishedPort>& ports) = 0;

  /// Takes back all that connect() gave; no error if there is nothing. The
  /// link itself follows within a moment, in the background: it goes by itself
  /// when the container is dead. With one that lives, call settle() next.
  virtual void disconnect(std::string_view container_id) = 0;

  /// Returns when no disconnected container has its link any more.
  virtual void settle() {}

  /// Counts an endpoint that an earlier object connected as our own.
  virtual void adopt(std::string_view container_id,
                     const EndpointInfo& info) = 0;

  /// The network namespace of an endpoint that was adopted, for drivers whose
  /// links are in there and nowhere else.
  virtual void hold(std::string_view, int /*netns_fd*/) {}

  /// Removes links and rules of containers that were not adopted.
  virtual void reconcile() {}

  /// Removes the network, its links and its rules for good.
  virtual void remove() = 0;

  /// Readable when somebody changed the firewall; then call on_change(), which
  /// brings back what is missing of ours ("nft flush ruleset" must not leave
  /// container addresses open to the neighbours). -1: nothing to watch.
  [[nodiscard]] virtual int change_fd() const noexcept { return -1; }
  virtual void on_change() {}

  /// "172.19.0.0/16" and "172.19.0.1"; empty where there is none.
  [[nodiscard]] virtual const std::string& subnet() const noexcept = 0;
  [[nodiscard]] virtual const std::string& gateway() const noexcept = 0;
};

}  // namespace docker_cpp::network
