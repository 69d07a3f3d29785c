// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "docker_cpp/network/ipv4.hpp"
#include "docker_cpp/network/netlink.hpp"

struct nlmsghdr;
struct xfrm_selector;

namespace docker_cpp::network {

/// How one host's packets to another are protected, in one direction: AES-256
/// in Galois/Counter Mode (RFC 4106), key first, salt last. No two flows may
/// ever have the same key, nor one flow it twice: its counter would begin
/// again, and with it both secrets would be known.
struct SecureFlow {
  Ipv4 source;
  Ipv4 destination;
  std::uint32_t spi = 0;  ///< above 255
  std::array<std::uint8_t, 36> key{};
};

/// What the kernel encrypts on its way between hosts: ESP in transport mode
/// (RFC 4303) by the tables of \man{ip-xfrm,8}, in the network namespace of the
/// thread that opened it. Not thread safe.
///
/// One UDP port is protected as a whole. Without a flow nothing is sent to it
/// and nothing taken on it: a key that is not there yet costs packets, and
/// never their secrecy.
/// \stage{05}
class Ipsec {
 public:
  /// \throws Error
  static Ipsec open();

  /// Can the kernel do it? Many are built without ESP.
  [[nodiscard]] bool has_esp();

  /// From now on the port is only for flows that are demanded. \throws Error
  void forbid_plain(std::uint16_t port);
  /// Traffic of the port between the two takes the flows of the two.
  void demand(Ipv4 local, Ipv4 peer, std::uint16_t port);
  /// Takes back what forbid_plain() and demand() did for the port, whoever
  /// called them; no error if nobody did.
  void forget(std::uint16_t port);

  /// \throws Error when the kernel has it already, or has no ESP
  void add(const SecureFlow& flow);
  /// No error if there is none.
  void remove(const SecureFlow& flow);
  /// All flows that any object of this class added, in an earlier process too.
  void remove_all();

 private:
  explicit Ipsec(NetlinkSocket socket) : socket_(std::move(socket)) {}

  [[nodiscard]] sys::Result<void> try_add(const SecureFlow& flow);
  void put_policy(NetlinkBatch& batch, const xfrm_selector& which,
                  std::uint8_t direction, bool with_esp) const;

  NetlinkSocket socket_;
};

}  // namespace docker_cpp::network
