// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <string_view>
#include <thread>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "tunnel.hpp"

#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli {
namespace {

struct Free {
  void operator()(SSL* ssl) const { ::SSL_free(ssl); }
  void operator()(SSL_CTX* context) const { ::SSL_CTX_free(context); }
};
using Session = std::unique_ptr<SSL, Free>;
using Settings = std::unique_ptr<SSL_CTX, Free>;

std::unexpected<std::string> refuse(const std::string& doing) {
  const auto code = ::ERR_get_error();
  const auto* reason = ::ERR_reason_error_string(code);
  return std::unexpected(
      doing + (reason == nullptr ? std::string() : ": " + std::string(reason)));
}

std::expected<Settings, std::string> settings_of(const http::Tls& options) {
  Settings settings(::SSL_CTX_new(::TLS_client_method()));
  ::SSL_CTX_set_min_proto_version(settings.get(), TLS1_2_VERSION);
  if (options.verify) {
    ::SSL_CTX_set_verify(settings.get(), SSL_VERIFY_PEER, nullptr);
    if (!options.ca.empty() &&
        ::SSL_CTX_load_verify_locations(settings.get(), options.ca.c_str(),
                                        nullptr) != 1) {
      return refuse("could not read CA certificate \"" + options.ca + "\"");
    }
    if (options.ca.empty()) {
      ::SSL_CTX_set_default_verify_paths(settings.get());
    }
  }
  if (!options.cert.empty() &&
      (::SSL_CTX_use_certificate_chain_file(settings.get(),
                                            options.cert.c_str()) != 1 ||
       ::SSL_CTX_use_PrivateKey_file(settings.get(), options.key.c_str(),
                                     SSL_FILETYPE_PEM) != 1)) {
    return refuse("could not load X509 key pair (" + options.cert + ", " +
                  options.key + ")");
  }
  return settings;
}

bool is_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

void expect_host(SSL* session, const std::string& host) {
  if (is_address(host)) {
    ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(session), host.c_str());
  } else {
    // SSL_set_tlsext_host_name is a macro with a C cast.
    auto name = host;
    ::SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
               name.data());
    ::SSL_set1_host(session, host.c_str());
  }
}

/// Carries bytes between the caller's socket and the session, one thread for
/// both directions: a session may not be used by two.
class Pump {
 public:
  Pump(Session session, sys::UniqueFd wire, sys::UniqueFd plain)
      : session_(std::move(session)),
        wire_(std::move(wire)),
        plain_(std::move(plain)) {
    ::fcntl(wire_.get(), F_SETFL, O_NONBLOCK);
  }

  void run() {
    while (open_) {
      wait();
      if ((polled_[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
        take_plain();
      }
      give_wire();
      take_wire();
    }
  }

 private:
  void wait() {
    if (::SSL_pending(session_.get()) > 0) {
      polled_[0].revents = 0;
      return;
    }
    const bool reading = !ended_ && out_.empty();
    const auto events =
        static_cast<short>(out_.empty() ? POLLIN : POLLIN | POLLOUT);
    polled_[0] = {reading ? plain_.get() : -1, POLLIN, 0};
    polled_[1] = {wire_.get(), events, 0};
    while (::poll(polled_.data(), polled_.size(), -1) == -1 && errno == EINTR) {
    }
  }

  void take_plain() {
    const auto got = ::read(plain_.get(), buffer_.data(), buffer_.size());
    if (got > 0) {
      out_.assign(buffer_.data(), static_cast<std::size_t>(got));
    } else if (got == 0 || (errno != EINTR && errno != EAGAIN)) {
      ended_ = true;
      closing_ = true;
    }
  }

  void give_wire() {
    if (!out_.empty()) {
      const int sent = ::SSL_write(session_.get(), out_.data(),
                                   static_cast<int>(out_.size()));
      if (sent > 0) {
        out_.erase(0, static_cast<std::size_t>(sent));
      } else {
        judge(sent);
      }
    }
    if (closing_ && out_.empty()) {
      // Our half ends; what the daemon still says is to come.
      ::SSL_shutdown(session_.get());
      closing_ = false;
    }
  }

  void take_wire() {
    while (open_) {
      const int got = ::SSL_read(session_.get(), buffer_.data(),
                                 static_cast<int>(buffer_.size()));
      if (got <= 0) {
        judge(got);
        return;
      }
      open_ = deliver({buffer_.data(), static_cast<std::size_t>(got)});
    }
  }

  bool deliver(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent =
          ::send(plain_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent == -1 && errno != EINTR) {
        return false;
      }
      bytes.remove_prefix(sent == -1 ? 0 : static_cast<std::size_t>(sent));
    }
    return true;
  }

  void judge(int result) {
    const int error = ::SSL_get_error(session_.get(), result);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
      open_ = false;  // the caller's socket closes with us
    }
    ::ERR_clear_error();
  }

  Session session_;
  sys::UniqueFd wire_;
  sys::UniqueFd plain_;
  std::array<char, 16384> buffer_{};
  std::array<pollfd, 2> polled_{};
  std::string out_;
  bool open_ = true;
  bool ended_ = false;
  bool closing_ = false;
};

}  // namespace

std::expected<sys::UniqueFd, std::string> tls_tunnel(sys::UniqueFd socket,
                                                     const std::string& host,
                                                     const http::Tls& options) {
  auto settings = settings_of(options);
  if (!settings) {
    return std::unexpected(settings.error());
  }
  Session session(::SSL_new(settings->get()));
  ::SSL_set_mode(session.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  expect_host(session.get(), host);
  ::SSL_set_fd(session.get(), socket.get());
  if (::SSL_connect(session.get()) != 1) {
    const auto verdict = ::SSL_get_verify_result(session.get());
    return verdict != X509_V_OK
               ? std::unexpected(
                     "tls: failed to verify certificate: " +
                     std::string(::X509_verify_cert_error_string(verdict)))
               : refuse("tls: handshake failed");
  }
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return std::unexpected(std::string("socketpair failed"));
  }
  std::thread([pump =
                   std::make_unique<Pump>(std::move(session), std::move(socket),
                                          sys::UniqueFd(ends[1]))] {
    pump->run();
  }).detach();
  return sys::UniqueFd(ends[0]);
}

}  // namespace docker_cpp::cli
