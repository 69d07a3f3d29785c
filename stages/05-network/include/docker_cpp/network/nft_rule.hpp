// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "docker_cpp/network/ipv4.hpp"
#include "docker_cpp/network/ipv6.hpp"

struct nftnl_expr;
struct nftnl_rule;

namespace docker_cpp::network {

/// Of a table: which packets come by. The numbers are the kernel's.
enum class Family : std::uint8_t {
  any = 0,
  inet = 1,
  ipv4 = 2,
  netdev = 5,
  ipv6 = 10
};

/// One nftables rule, written from left to right as nft(8) prints it:
///
///     NftRule("forward").from_link("dcpp0").to_other_link("dcpp0").drop()
///
/// What comes first is tested first; a test that fails ends the rule.
class NftRule {
 public:
  NftRule(const std::string& table, const std::string& chain,
          Family family = Family::ipv4);
  NftRule(NftRule&&) noexcept;
  NftRule& operator=(NftRule&&) noexcept;
  ~NftRule();

  NftRule& comment(const std::string& text);
  /// To be put before the rule with this handle.
  NftRule& before(std::uint64_t handle);

  // Tests.
  NftRule& from_link(const std::string& name);      ///< iifname "x"
  NftRule& to_link(const std::string& name);        ///< oifname "x"
  NftRule& to_other_link(const std::string& name);  ///< oifname != "x"
  NftRule& from(const Subnet& subnet);              ///< ip saddr a.b.c.d/n
  NftRule& to(const Subnet& subnet);                ///< ip daddr a.b.c.d/n
  NftRule& from(const Subnet6& subnet);             ///< ip6 saddr a::b/n
  NftRule& to(const Subnet6& subnet);               ///< ip6 daddr a::b/n
  /// udp dport 53, tcp dport 53
  NftRule& to_port(std::uint8_t protocol, std::uint16_t port);
  NftRule& to_this_host();         ///< fib daddr type local
  NftRule& of_known_connection();  ///< ct state established,related
  NftRule& of_published_port();    ///< ct status dnat
  /// limit rate over RATE bytes/second burst BURST bytes
  NftRule& faster_than(std::uint64_t rate, std::uint32_t burst);

  // What happens then.
  NftRule& count();
  NftRule& accept();
  NftRule& drop();
  NftRule& leave();  ///< return
  NftRule& jump(const std::string& chain);
  NftRule& masquerade();
  /// dnat to a.b.c.d:port
  NftRule& redirect_to(Ipv4 address, std::uint16_t port);
  /// dnat to ip daddr . meta l4proto . th dport map @name
  NftRule& redirect_by_address(const std::string& map);
  /// dnat to meta l4proto . th dport map @name
  NftRule& redirect_by_port(const std::string& map);

  [[nodiscard]] nftnl_rule* get() const noexcept { return rule_.get(); }

 private:
  struct Free {
    void operator()(nftnl_rule* rule) const noexcept;
  };
  nftnl_expr* add(const char* expression);
  NftRule& compare(unsigned operation, const void* data, std::uint32_t size);
  NftRule& link_name(unsigned meta_key, unsigned operation,
                     const std::string& name);
  template <typename Bytes>
  NftRule& address_in(unsigned offset, const Bytes& first, const Bytes& mask);
  NftRule& bits_of_connection(unsigned key, std::uint32_t bits);
  NftRule& verdict(int code, const std::string& chain = {});
  NftRule& redirect(const std::string& map);
  void load_port_into(unsigned protocol_register, unsigned port_register);

  std::unique_ptr<nftnl_rule, Free> rule_;
  Family family_;
};

}  // namespace docker_cpp::network
