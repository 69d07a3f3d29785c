// SPDX-License-Identifier: Apache-2.0
#include "etcd_wire.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "docker_cpp/daemon/api_error.hpp"
#include "docker_cpp/network/ipv4.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::daemon {
namespace {

constexpr int patience_ms = 3000;

void require(bool done, const std::string& what) {
  if (!done) {
    throw ApiError(ErrorCode::invalid_argument,
                   "could not use " + what + " for the cluster store");
  }
}

bool wait_for(int fd, short what) {
  pollfd one{.fd = fd, .events = what, .revents = 0};
  return ::poll(&one, 1, patience_ms) == 1;
}

sys::UniqueFd connect_to(const std::string& address_text,
                         const std::string& port_text) {
  const auto address = network::parse_ipv4(address_text);
  std::uint16_t port = 0;
  std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
  if (!address || port == 0) {
    return {};
  }
  sockaddr_in target{};
  target.sin_family = AF_INET;
  target.sin_port = htons(port);
  target.sin_addr.s_addr = htonl(address->value);
  sys::UniqueFd fd(
      ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&target),
                sizeof target) == -1) {
    int error = 0;
    socklen_t size = sizeof error;
    if (errno != EINPROGRESS || !wait_for(fd.get(), POLLOUT) ||
        ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) == -1 ||
        error != 0) {
      return {};
    }
  }
  return fd;
}

}  // namespace

std::shared_ptr<SSL_CTX> store_tls(const StoreAccess& access) {
  if (access.authority.empty()) {
    return nullptr;
  }
  std::shared_ptr<SSL_CTX> out(::SSL_CTX_new(::TLS_client_method()),
                               ::SSL_CTX_free);
  require(out != nullptr, "TLS");
  ::SSL_CTX_set_min_proto_version(out.get(), TLS1_2_VERSION);
  ::SSL_CTX_set_verify(out.get(), SSL_VERIFY_PEER, nullptr);
  require(::SSL_CTX_load_verify_file(out.get(), access.authority.c_str()) == 1,
          "the CA certificate " + access.authority);
  if (!access.certificate.empty()) {
    require(::SSL_CTX_use_certificate_chain_file(
                out.get(), access.certificate.c_str()) == 1,
            "the certificate " + access.certificate);
    require(::SSL_CTX_use_PrivateKey_file(out.get(), access.key.c_str(),
                                          SSL_FILETYPE_PEM) == 1,
            "the key " + access.key);
  }
  // The same port speaks HTTP/2 to those who do not say what they want.
  constexpr std::array<unsigned char, 9> protocol = {8,   'h', 't', 't', 'p',
                                                     '/', '1', '.', '1'};
  ::SSL_CTX_set_alpn_protos(out.get(), protocol.data(), protocol.size());
  return out;
}

void EtcdWire::FreeSsl::operator()(SSL* one) const {
  ::SSL_free(one);
}

EtcdWire::EtcdWire(const std::string& endpoint,
                   const std::shared_ptr<SSL_CTX>& tls) {
  const std::size_t colon = std::min(endpoint.rfind(':'), endpoint.size());
  const std::string address = endpoint.substr(0, colon);
  fd_ = connect_to(address,
                   colon == endpoint.size() ? "" : endpoint.substr(colon + 1));
  if (fd_ && tls && !handshake(address, *tls)) {
    fd_.reset();
  }
}

bool EtcdWire::handshake(const std::string& address, SSL_CTX& tls) {
  ssl_.reset(::SSL_new(&tls));
  if (!ssl_ || ::SSL_set_fd(ssl_.get(), fd_.get()) != 1 ||
      ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(ssl_.get()),
                                      address.c_str()) != 1) {
    return false;
  }
  for (;;) {
    const int done = ::SSL_connect(ssl_.get());
    if (done == 1) {
      return true;
    }
    if (!wants_more(done)) {
      return false;
    }
  }
}

bool EtcdWire::wants_more(int result) const {
  switch (::SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return wait_for(fd_.get(), POLLIN);
    case SSL_ERROR_WANT_WRITE:
      return wait_for(fd_.get(), POLLOUT);
    default:
      return false;
  }
}

bool EtcdWire::wait() const {
  return (ssl_ && ::SSL_pending(ssl_.get()) > 0) || wait_for(fd_.get(), POLLIN);
}

bool EtcdWire::write(const std::string& bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    if (ssl_) {
      std::size_t put = 0;
      const int done = ::SSL_write_ex(ssl_.get(), bytes.data() + at,
                                      bytes.size() - at, &put);
      if (done != 1 && !wants_more(done)) {
        return false;
      }
      at += done == 1 ? put : 0;
      continue;
    }
    const ssize_t put =
        ::send(fd_.get(), bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
    if (put > 0) {
      at += static_cast<std::size_t>(put);
    } else if (errno != EINTR &&
               (errno != EAGAIN || !wait_for(fd_.get(), POLLOUT))) {
      return false;
    }
  }
  return true;
}

bool EtcdWire::read(std::string& out) {
  std::array<char, 16384> bytes{};
  for (;;) {
    if (ssl_) {
      std::size_t got = 0;
      const int done =
          ::SSL_read_ex(ssl_.get(), bytes.data(), bytes.size(), &got);
      if (done != 1) {
        return ::SSL_get_error(ssl_.get(), done) == SSL_ERROR_WANT_READ;
      }
      out.append(bytes.data(), got);
      continue;
    }
    const ssize_t got = ::recv(fd_.get(), bytes.data(), bytes.size(), 0);
    if (got > 0) {
      out.append(bytes.data(), static_cast<std::size_t>(got));
    } else if (got == 0 || errno != EINTR) {
      return got == -1 && errno == EAGAIN;
    }
  }
}

}  // namespace docker_cpp::daemon
