// SPDX-License-Identifier: Apache-2.0
#include "overlay_keys.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "docker_cpp/daemon/api_error.hpp"
#include "docker_cpp/network/network_addresses.hpp"

namespace docker_cpp::daemon {
namespace {

using Digest = std::array<unsigned char, 32>;

Digest hmac(const std::string& secret, const std::string& text) {
  Digest out{};
  unsigned size = out.size();
  if (::HMAC(::EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
             reinterpret_cast<const unsigned char*>(text.data()), text.size(),
             out.data(), &size) == nullptr) {
    throw ApiError(ErrorCode::internal, "cannot make a key of a secret");
  }
  return out;
}

}  // namespace

std::string new_secret() {
  std::array<unsigned char, 32> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) !=
      static_cast<ssize_t>(bytes.size())) {
    throw ApiError(ErrorCode::internal, "the kernel gives no random bytes");
  }
  std::string out;
  for (const unsigned char byte : bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
  return out;
}

network::SecureFlow flow_between(const std::string& secret,
                                 const KeyHolder& source,
                                 const KeyHolder& destination) {
  const std::string about = "docker-cpp overlay 1|" + source.address + "|" +
                            source.nonce + "|" + destination.address + "|" +
                            destination.nonce;
  network::SecureFlow out{
      .source = network::typed(network::parse_ipv4(source.address)),
      .destination = network::typed(network::parse_ipv4(destination.address))};
  // As HKDF's second step does it (RFC 5869): a counter for more than a hash.
  const Digest first = hmac(secret, about + "|1");
  const Digest second = hmac(secret, about + "|2");
  std::ranges::copy(first, out.key.begin());
  std::copy_n(second.begin(), 4, out.key.begin() + 32);
  for (std::size_t i = 4; i < 8; ++i) {
    out.spi = out.spi << 8U | second.at(i);
  }
  out.spi |= 0x100U;  // RFC 4303: 1 to 255 are reserved
  return out;
}

OverlayKeys::OverlayKeys(const std::string& local,
                         std::function<void(bool)> wanted)
    : local_(network::typed(network::parse_ipv4(local))),
      wanted_(std::move(wanted)),
      ipsec_(network::Ipsec::open()) {}

bool OverlayKeys::supported() {
  const std::lock_guard lock(mutex_);
  return ipsec_.has_esp();
}

void OverlayKeys::begin(const std::string& network) {
  const std::lock_guard lock(mutex_);
  if (!networks_.empty()) {
    networks_.insert(network);
    return;
  }
  ipsec_.forbid_plain(port);
  // Of an earlier daemon, whose nonce nobody remembers.
  ipsec_.remove_all();
  networks_.insert(network);
  wanted_(true);
}

void OverlayKeys::end(const std::string& network) {
  const std::lock_guard lock(mutex_);
  if (networks_.erase(network) == 0 || !networks_.empty()) {
    return;
  }
  wanted_(false);
  ipsec_.remove_all();
  ipsec_.forget(port);
  flows_.clear();
}

void OverlayKeys::meet(const network::SecureFlow& to,
                       const network::SecureFlow& from) {
  const std::lock_guard lock(mutex_);
  if (networks_.empty()) {
    return;
  }
  ipsec_.demand(local_, to.destination, port);
  // First the way in: what the other one sends already can then be read.
  ipsec_.add(from);
  ipsec_.add(to);
  const auto before = flows_.find(to.destination);
  if (before != flows_.end()) {
    ipsec_.remove(before->second.first);
    ipsec_.remove(before->second.second);
  }
  flows_[to.destination] = {to, from};
}

}  // namespace docker_cpp::daemon
