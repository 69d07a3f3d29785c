// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "docker_cpp/network/bridge_network.hpp"
#include "docker_cpp/network/ipv4.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

/// A whole "host" in a network namespace of the test's own: nothing here ever
/// touches the links or the firewall of the real one.
namespace docker_cpp::network::testing {

/// A new network namespace with its loopback up, alive while this is held.
[[nodiscard]] sys::UniqueFd new_netns();

/// The test's process moves to a namespace of its own; it is the host.
class HostTest : public ::testing::Test {
 protected:
  void SetUp() override;

  [[nodiscard]] int host() const noexcept { return host_.get(); }

  /// A machine on the same cable, 10.77.0.2, that sends everything to us,
  /// 10.77.0.1: the neighbour who tries what a neighbour can.
  [[nodiscard]] sys::UniqueFd add_neighbour();

  /// The rule set as nft(8) prints it.
  [[nodiscard]] static std::string rules();

 private:
  sys::UniqueFd host_;
};

enum class Transport : std::uint8_t { tcp, udp };

/// Answers each caller with the caller's own address.
class Server {
 public:
  Server(int netns, std::uint16_t port, Transport transport = Transport::tcp);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

 private:
  void serve() const;

  Transport transport_;
  sys::UniqueFd socket_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

/// Calls a server from inside a namespace: its answer, or why there was none
/// ("refused", "silence").
[[nodiscard]] std::string call(int netns, const std::string& ip,
                               std::uint16_t port,
                               Transport transport = Transport::tcp);

/// How many links, rules and addresses the calling namespace has, in words
/// that can be compared.
[[nodiscard]] std::string ledger();

}  // namespace docker_cpp::network::testing
