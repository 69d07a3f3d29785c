// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "docker_cpp/daemon/cluster_place.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

using SSL = struct ssl_st;
using SSL_CTX = struct ssl_ctx_st;

namespace docker_cpp::daemon {

/// What TLS connections to the store have in common; null without TLS.
/// \throws ApiError invalid_argument for a file that cannot be used
[[nodiscard]] std::shared_ptr<SSL_CTX> store_tls(const StoreAccess& access);

/// One connection to a member of the store, in the clear or by TLS, which
/// waits for nothing longer than a few seconds.
class EtcdWire {
 public:
  EtcdWire() = default;
  /// Of an "ADDRESS:PORT" that does not answer, or is not whom the authority
  /// knows by that address, an empty one.
  EtcdWire(const std::string& endpoint, const std::shared_ptr<SSL_CTX>& tls);

  [[nodiscard]] explicit operator bool() const noexcept {
    return static_cast<bool>(fd_);
  }
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  /// Waits until there is something to read.
  [[nodiscard]] bool wait() const;

  [[nodiscard]] bool write(const std::string& bytes);
  /// Appends all that is there; false at the end.
  [[nodiscard]] bool read(std::string& out);

 private:
  [[nodiscard]] bool handshake(const std::string& address, SSL_CTX& tls);
  /// Waits for what TLS wants before it goes on; false if it never will.
  [[nodiscard]] bool wants_more(int result) const;

  struct FreeSsl {
    void operator()(SSL* one) const;
  };
  sys::UniqueFd fd_;
  std::unique_ptr<SSL, FreeSsl> ssl_;
};

}  // namespace docker_cpp::daemon
