// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <memory>

#include "test_host.hpp"

#include "docker_cpp/network/address_pool.hpp"
#include "docker_cpp/network/in_namespace.hpp"

namespace docker_cpp::network::testing {
namespace {

sockaddr_in6 address6(const std::string& ip, std::uint16_t port) {
  sockaddr_in6 out{};
  out.sin6_family = AF_INET6;
  out.sin6_port = htons(port);
  ::inet_pton(AF_INET6, ip.c_str(), &out.sin6_addr);
  return out;
}

std::string shown(const sockaddr_in6& peer) {
  return to_string(Ipv6::from_bytes(&peer.sin6_addr));
}

bool readable(int fd, int patience_ms) {
  pollfd one{.fd = fd, .events = POLLIN, .revents = 0};
  return ::poll(&one, 1, patience_ms) == 1;
}

/// Tells each caller his own address.
class Server6 {
 public:
  Server6(int netns, std::uint16_t port, Transport transport)
      : tcp_(transport == Transport::tcp) {
    in_network_namespace(netns, [&] {
      socket_ = sys::UniqueFd(::socket(
          AF_INET6, (tcp_ ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0));
      const sockaddr_in6 any = address6("::", port);
      ASSERT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&any),
                       sizeof any),
                0);
      if (tcp_) {
        ::listen(socket_.get(), 8);
      }
    });
    thread_ = std::thread([this] { serve(); });
  }
  ~Server6() {
    stop_ = true;
    thread_.join();
  }
  Server6(const Server6&) = delete;
  Server6& operator=(const Server6&) = delete;

 private:
  void serve() const {
    while (!stop_) {
      if (!readable(socket_.get(), 20)) {
        continue;
      }
      sockaddr_in6 peer{};
      socklen_t size = sizeof peer;
      auto* generic = reinterpret_cast<sockaddr*>(&peer);
      if (tcp_) {
        const sys::UniqueFd caller(
            ::accept4(socket_.get(), generic, &size, SOCK_CLOEXEC));
        const std::string text = shown(peer);
        ::send(caller.get(), text.data(), text.size(), MSG_NOSIGNAL);
      } else {
        char byte = 0;
        ::recvfrom(socket_.get(), &byte, 1, 0, generic, &size);
        const std::string text = shown(peer);
        ::sendto(socket_.get(), text.data(), text.size(), 0, generic, size);
      }
    }
  }

  bool tcp_;
  sys::UniqueFd socket_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

std::string call6(int netns, const std::string& ip, std::uint16_t port,
                  Transport transport) {
  std::string answer = "silence";
  in_network_namespace(netns, [&] {
    const bool tcp = transport == Transport::tcp;
    const sys::UniqueFd socket(::socket(
        AF_INET6,
        (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const sockaddr_in6 to = address6(ip, port);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&to),
                  sizeof to) == -1 &&
        errno != EINPROGRESS) {
      answer = "unreachable";
      return;
    }
    if (!tcp) {
      ::send(socket.get(), "?", 1, 0);
    }
    std::array<char, 64> text{};
    if (readable(socket.get(), 400)) {
      const ssize_t got = ::recv(socket.get(), text.data(), text.size(), 0);
      answer = got > 0 ? std::string(text.data(), static_cast<std::size_t>(got))
                       : "refused";
    }
  });
  return answer;
}

BridgeNetwork::Options dual(const std::string& bridge, int number) {
  const std::string n = std::to_string(number);
  return {.bridge = bridge,
          .subnet = "172." + n + ".0.1/16",
          .subnet6 = "fd00:" + n + "::/64"};
}

/// As Reachability, in the other family.
class Reachability6 : public HostTest {
 protected:
  void SetUp() override {
    HostTest::SetUp();
    neighbour_ = add_neighbour();
    ASSERT_EQ(::system("ip addr add fd77::1/64 dev lan0 nodad"), 0);
    in_network_namespace(neighbour_.get(), [] {
      ASSERT_EQ(::system("ip addr add fd77::2/64 dev eth0 nodad;"
                         "ip route add fd00::/16 via fd77::1"),
                0);
    });
    first_.emplace(dual("one0", 19));
    second_.emplace(dual("two0", 20));
    info_ =
        first_->connect(web_.get(), {.container_id = "web", .ports = ports()});
    beside_info_ = first_->connect(beside_.get(), {.container_id = "beside"});
    other_info_ = second_->connect(other_.get(), {.container_id = "other"});
    for (const Transport transport : {Transport::tcp, Transport::udp}) {
      for (const std::uint16_t port : {std::uint16_t{80}, unpublished}) {
        servers_.push_back(
            std::make_unique<Server6>(web_.get(), port, transport));
      }
    }
  }

  static constexpr std::uint16_t on_any = 8080;
  static constexpr std::uint16_t on_loopback = 8081;
  static constexpr std::uint16_t unpublished = 7000;

  static std::vector<PublishedPort> ports() {
    std::vector<PublishedPort> all;
    for (const char* protocol : {"tcp", "udp"}) {
      all.push_back(
          {.protocol = protocol, .container_port = 80, .host_port = on_any});
      all.push_back({.protocol = protocol,
                     .container_port = 80,
                     .host_ip = "::1",
                     .host_port = on_loopback});
    }
    return all;
  }

  void expect_the_matrix(const std::string& when) {
    struct Origin {
      const char* name;
      int netns;
      bool container;
    };
    for (const Origin& from : {Origin{"same", beside_.get(), true},
                               Origin{"other", other_.get(), false},
                               Origin{"lan", neighbour_.get(), false},
                               Origin{"host", host(), true}}) {
      for (const Transport transport : {Transport::tcp, Transport::udp}) {
        const std::string cell =
            when + ", from " + from.name +
            (transport == Transport::tcp ? " by tcp" : " by udp");
        // A busy machine may be late: who has to be reached is asked again.
        const auto expect = [&](const std::string& ip, std::uint16_t port,
                                bool wanted, const char* what) {
          bool reached = false;
          for (int i = 0; i < (wanted ? 10 : 1) && !reached; ++i) {
            reached =
                parse_ipv6(call6(from.netns, ip, port, transport)).has_value();
          }
          EXPECT_EQ(reached, wanted) << cell << ", " << what;
        };
        expect("fd77::1", on_any, true, "any");
        expect("fd77::1", on_loopback, false, "loopback");
        expect("fd77::1", unpublished, false, "unpublished");
        expect(info_.ip6, unpublished, from.container, "container address");
      }
    }
  }

  sys::UniqueFd neighbour_;
  sys::UniqueFd web_ = new_netns();
  sys::UniqueFd beside_ = new_netns();
  sys::UniqueFd other_ = new_netns();
  std::optional<BridgeNetwork> first_;
  std::optional<BridgeNetwork> second_;
  EndpointInfo info_;
  EndpointInfo beside_info_;
  EndpointInfo other_info_;
  std::vector<std::unique_ptr<Server6>> servers_;
};

TEST_F(Reachability6, IsTheSameBeforeAndAfterACrashAndAFlush) {
  EXPECT_EQ(info_.ip6, "fd00:19::2");
  EXPECT_EQ(info_.gateway6, "fd00:19::1");
  expect_the_matrix("before");
  first_.reset();
  second_.reset();
  first_.emplace(dual("one0", 19));
  second_.emplace(dual("two0", 20));
  first_->adopt("web", info_);
  first_->adopt("beside", beside_info_);
  second_->adopt("other", other_info_);
  first_->reconcile();
  second_->reconcile();
  expect_the_matrix("after a crash");
  ASSERT_EQ(::system("nft flush ruleset"), 0);
  first_->on_change();
  second_->on_change();
  expect_the_matrix("after a flush");
}

TEST_F(Reachability6, TheNeighbourIsSeenUnderHisOwnAddress) {
  EXPECT_EQ(call6(neighbour_.get(), "fd77::1", on_any, Transport::tcp),
            "fd77::2");
  // In both families it is one port.
  ASSERT_EQ(info_.ports.size(), 6U);
  EXPECT_EQ(info_.ports[0].host_port, info_.ports[1].host_port);
}

TEST_F(Reachability6, ContainersGoOutUnderTheHostsAddress) {
  const Server6 outside(neighbour_.get(), 9000, Transport::tcp);
  EXPECT_EQ(call6(web_.get(), "fd77::2", 9000, Transport::tcp), "fd77::1");
}

TEST_F(Reachability6, WithoutRulesTheNeighbourReachesTheContainer) {
  ASSERT_EQ(::system("nft flush ruleset"), 0);
  EXPECT_EQ(call6(neighbour_.get(), info_.ip6, unpublished, Transport::tcp),
            "fd77::2");
}

TEST_F(Reachability6, NothingIsLeftBehind) {
  first_->remove();
  second_->remove();
  EXPECT_EQ(rules().find("docker-cpp"), std::string::npos);
}

class Ipv6Network : public HostTest {};

TEST_F(Ipv6Network, WithoutASubnetContainersHaveNoIpv6) {
  BridgeNetwork network({.subnet = "172.19.0.1/16"});
  const auto netns = new_netns();
  static_cast<void>(network.connect(netns.get(), {.container_id = "x"}));
  in_network_namespace(netns.get(), [] {
    EXPECT_NE(::system("ip -6 addr show dev eth0 | grep -q inet6"), 0);
  });
}

TEST_F(Ipv6Network, AddressesAreGivenKeptAndRefused) {
  BridgeNetwork network(dual("six0", 21));
  const auto a = new_netns();
  const auto b = new_netns();
  const auto info =
      network.connect(a.get(), {.container_id = "a", .ip6 = "fd00:21::77"});
  EXPECT_EQ(info.ip6, "fd00:21::77");
  EXPECT_THROW(static_cast<void>(network.connect(
                   b.get(), {.container_id = "b", .ip6 = "fd00:21::77"})),
               Error);
  EXPECT_THROW(static_cast<void>(network.connect(
                   b.get(), {.container_id = "b", .ip6 = "fd99::1"})),
               std::invalid_argument);
  network.disconnect("a");
  EXPECT_EQ(
      network.connect(b.get(), {.container_id = "b", .ip6 = "fd00:21::77"}).ip6,
      "fd00:21::77");
}

TEST(Ipv6, SubnetsAndLeases) {
  const Subnet6 subnet = *parse_subnet6("fd00::10/64");
  EXPECT_EQ(to_string(Subnet6{.address = subnet.first(), .prefix_len = 64}),
            "fd00::/64");
  EXPECT_TRUE(subnet.contains(*parse_ipv6("fd00::ffff")));
  EXPECT_FALSE(subnet.contains(*parse_ipv6("fd00:0:0:1::1")));
  EXPECT_TRUE(subnet.overlaps(*parse_subnet6("fd00::/16")));
  EXPECT_FALSE(subnet.overlaps(*parse_subnet6("fd01::/16")));
  for (const char* wrong :
       {"", "fd00::", "fd00::/129", "fd00::/x", "1.2.3.4/8"}) {
    EXPECT_FALSE(parse_subnet6(wrong)) << wrong;
  }
  LeaseSet6 leases(*parse_subnet6("fd00::1/126"));
  EXPECT_EQ(to_string(*leases.take()), "fd00::2");
  EXPECT_EQ(to_string(*leases.take()), "fd00::3");
  EXPECT_FALSE(leases.take());
  leases.release(*parse_ipv6("fd00::2"));
  EXPECT_TRUE(leases.take(*parse_ipv6("fd00::2")));
  EXPECT_FALSE(leases.take(*parse_ipv6("fd00::1")));
}

/// A sender who never stops keeps his first packet's decision, if the kernel
/// is not made to forget it.
TEST_F(Reachability6, UdpGoesToWhoHasThePortNow) {
  sys::UniqueFd sender;
  in_network_namespace(neighbour_.get(), [&] {
    sender = sys::UniqueFd(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const sockaddr_in6 to = address6("fd77::1", on_any);
    ASSERT_EQ(::connect(sender.get(), reinterpret_cast<const sockaddr*>(&to),
                        sizeof to),
              0);
  });
  const auto answered = [&] {
    ::send(sender.get(), "?", 1, 0);
    std::array<char, 64> text{};
    return readable(sender.get(), 1000) &&
           ::recv(sender.get(), text.data(), text.size(), 0) > 0;
  };
  ASSERT_TRUE(answered());
  first_->disconnect("web");
  const auto next = new_netns();
  const Server6 server(next.get(), 80, Transport::udp);
  static_cast<void>(
      first_->connect(next.get(), {.container_id = "next",
                                   .ports = {{.protocol = "udp",
                                              .container_port = 80,
                                              .host_port = on_any}},
                                   .ip6 = "fd00:19::99"}));
  EXPECT_TRUE(answered());
}

}  // namespace
}  // namespace docker_cpp::network::testing
