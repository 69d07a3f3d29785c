// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/network/dns_message.hpp"

namespace docker_cpp::network {

/// Where a container's questions go that nobody here can answer.
struct DnsForwarding {
  bool allowed = true;  ///< not from networks that have no way out
  std::vector<std::string> servers;
};

/// Answers on 127.0.0.11 in every container that was opened: names it knows by
/// itself, the rest by asking on.
///
/// One thread serves all. Its sockets are inside the containers' network
/// namespaces, on ports of the kernel's choice, so that a container may have a
/// name server of its own on port 53; a rule inside the namespace leads there.
/// Questions that go on leave from inside the container, where its rules and
/// its routes hold. Thread safe. \man{setns,2}
class DnsServer {
 public:
  /// Asked on the server's thread; nothing: not one of our names.
  using Lookup = std::function<std::optional<DnsAnswer>(
      const std::string& container, const DnsQuery& query)>;

  static constexpr const char* address = "127.0.0.11";

  explicit DnsServer(Lookup lookup);
  DnsServer(const DnsServer&) = delete;
  DnsServer& operator=(const DnsServer&) = delete;
  ~DnsServer();

  /// Begins to answer in that network namespace. Opened again, it is as if it
  /// had been closed before. \throws Error
  void open(const std::string& container, int netns, DnsForwarding forwarding);
  void set_forwarding(std::string_view container, DnsForwarding forwarding);
  /// Lets go of the namespace; no error if there is nothing.
  void close(std::string_view container);
  [[nodiscard]] bool is_open(std::string_view container) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace docker_cpp::network
