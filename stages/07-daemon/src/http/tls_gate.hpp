// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "docker_cpp/daemon/executor.hpp"

namespace docker_cpp::daemon::http {

struct TlsOptions {
  std::string address;  ///< numeric
  std::uint16_t port = 2376;
  std::string authority;    ///< PEM file that clients' certificates come from
  std::string certificate;  ///< PEM file, with its chain
  std::string key;          ///< PEM file
  bool verify_clients = false;
  std::string target;  ///< the unix socket that plain connections go to
};

/// Ends TLS in front of a server that speaks HTTP on a unix socket: what a
/// client sends comes out there, half-closes included, so that the server
/// needs to know nothing of TLS, and hijacked connections work as ever.
class TlsGate {
 public:
  /// \throws ApiError naming the file that cannot be used; Error
  TlsGate(Executor& executor, const TlsOptions& options);
  ~TlsGate();
  TlsGate(const TlsGate&) = delete;
  TlsGate& operator=(const TlsGate&) = delete;

  [[nodiscard]] std::uint16_t port() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace docker_cpp::daemon::http
