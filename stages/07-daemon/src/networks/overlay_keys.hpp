// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "docker_cpp/network/ipsec.hpp"

namespace docker_cpp::daemon {

/// 32 random bytes, in hex digits.
[[nodiscard]] std::string new_secret();

/// What a host says of itself, so that no two hosts' flows, and no two lives
/// of one host, have the same key.
struct KeyHolder {
  std::string address;
  std::string nonce;
};

/// The flow from one host to another: its key is made of the cluster's secret
/// and both hosts' nonces, so nobody has to send it anywhere.
[[nodiscard]] network::SecureFlow flow_between(const std::string& secret,
                                               const KeyHolder& source,
                                               const KeyHolder& destination);

/// The encrypted overlay networks of this host. While there is one, their port
/// is closed for plain traffic. Thread safe.
class OverlayKeys {
 public:
  /// Encrypted networks' own: the usual one also carries those that are not.
  static constexpr std::uint16_t port = 4788;

  /// `wanted` is told when the first network comes and when the last one goes.
  OverlayKeys(const std::string& local, std::function<void(bool)> wanted);

  [[nodiscard]] bool supported();
  /// \throws Error
  void begin(const std::string& network);
  /// No error if it never began.
  void end(const std::string& network);
  /// Takes the place of the flows with that host that were before.
  void meet(const network::SecureFlow& to, const network::SecureFlow& from);

 private:
  network::Ipv4 local_;
  std::function<void(bool)> wanted_;
  std::mutex mutex_;
  network::Ipsec ipsec_;
  std::set<std::string> networks_;
  std::map<network::Ipv4, std::pair<network::SecureFlow, network::SecureFlow>>
      flows_;
};

}  // namespace docker_cpp::daemon
