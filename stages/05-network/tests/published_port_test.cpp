// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test_host.hpp"

#include "docker_cpp/network/in_namespace.hpp"
#include "docker_cpp/network/port_owner.hpp"

namespace docker_cpp::network::testing {
namespace {

/// A container that serves port 80, published as the test wants, and a
/// neighbour on the host's cable.
class Published : public HostTest {
 protected:
  void SetUp() override {
    HostTest::SetUp();
    neighbour_ = add_neighbour();
    network_.emplace(BridgeNetwork::Options{.subnet = "172.19.0.1/16"});
    container_ = new_netns();
    server_.emplace(container_.get(), std::uint16_t{80});
    udp_server_.emplace(container_.get(), std::uint16_t{53}, Transport::udp);
  }

  EndpointInfo publish(std::vector<PublishedPort> ports) {
    return network_->connect(
        container_.get(), {.container_id = "web", .ports = std::move(ports)});
  }

  sys::UniqueFd neighbour_;
  std::optional<BridgeNetwork> network_;
  sys::UniqueFd container_;
  std::optional<Server> server_;
  std::optional<Server> udp_server_;
};

TEST_F(Published, IsReachedByTheNeighbourUnderItsOwnAddress) {
  static_cast<void>(publish({{.container_port = 80, .host_port = 8080}}));
  EXPECT_EQ(call(neighbour_.get(), "10.77.0.1", 8080), "10.77.0.2");
}

TEST_F(Published, IsReachedFromTheHost) {
  static_cast<void>(publish({{.container_port = 80, .host_port = 8080}}));
  EXPECT_EQ(call(host(), "127.0.0.1", 8080), "172.19.0.1");
  EXPECT_EQ(call(host(), "10.77.0.1", 8080), "10.77.0.1");
}

TEST_F(Published, IsReachedFromInsideByTheHostsAddress) {
  static_cast<void>(publish({{.container_port = 80, .host_port = 8080}}));
  const auto other = new_netns();
  static_cast<void>(network_->connect(other.get(), {.container_id = "other"}));
  EXPECT_EQ(call(other.get(), "172.19.0.1", 8080), "172.19.0.1");
  EXPECT_EQ(call(other.get(), "10.77.0.1", 8080), "172.19.0.1");
  // Out of a port of the bridge and back into the same one.
  EXPECT_EQ(call(container_.get(), "10.77.0.1", 8080), "172.19.0.1");
}

TEST_F(Published, WorksWithAndWithoutBridgedPacketsInTheFirewall) {
  static_cast<void>(publish({{.container_port = 80, .host_port = 8080}}));
  const auto other = new_netns();
  static_cast<void>(network_->connect(other.get(), {.container_id = "other"}));
  for (const char* value : {"0", "1"}) {
    set_sysctl("net/bridge/bridge-nf-call-iptables", value);
    EXPECT_EQ(call(other.get(), "10.77.0.1", 8080), "172.19.0.1") << value;
    EXPECT_EQ(call(container_.get(), "10.77.0.1", 8080), "172.19.0.1") << value;
    EXPECT_EQ(call(other.get(), "172.19.0.2", 80), "172.19.0.3") << value;
    EXPECT_EQ(call(neighbour_.get(), "10.77.0.1", 8080), "10.77.0.2") << value;
  }
}

TEST_F(Published, CarriesUdp) {
  static_cast<void>(
      publish({{.protocol = "udp", .container_port = 53, .host_port = 5353}}));
  EXPECT_EQ(call(neighbour_.get(), "10.77.0.1", 5353, Transport::udp),
            "10.77.0.2");
  EXPECT_EQ(call(host(), "127.0.0.1", 5353, Transport::udp), "172.19.0.1");
}

TEST_F(Published, OnLoopbackOnlyTheHostReachesIt) {
  static_cast<void>(publish(
      {{.container_port = 80, .host_ip = "127.0.0.1", .host_port = 8080}}));
  EXPECT_EQ(call(host(), "127.0.0.1", 8080), "172.19.0.1");
  EXPECT_NE(call(host(), "10.77.0.1", 8080), "172.19.0.1");
  EXPECT_NE(call(neighbour_.get(), "10.77.0.1", 8080), "10.77.0.2");
}

TEST_F(Published, OnLoopbackNoNeighbourWithARouteReachesIt) {
  static_cast<void>(publish(
      {{.container_port = 80, .host_ip = "127.0.0.1", .host_port = 8080}}));
  // The neighbour sends packets for 127.0.0.1 down the cable, and a careless
  // host would even take them.
  in_network_namespace(neighbour_.get(), [] {
    set_sysctl("net/ipv4/conf/all/route_localnet", "1");
    ASSERT_EQ(::system("ip addr del 127.0.0.1/8 dev lo &&"
                       "ip route add 127.0.0.1/32 via 10.77.0.1 src 10.77.0.2 "
                       "table 10 && ip rule add pref 1 lookup 10 &&"
                       "ip rule add pref 2 lookup local; ip rule del pref 0"),
              0);
  });
  set_sysctl("net/ipv4/conf/all/route_localnet", "1");
  EXPECT_NE(call(neighbour_.get(), "127.0.0.1", 8080), "10.77.0.2");
  // Without the rule that leaves such packets alone, it would.
  ASSERT_EQ(::system("nft 'flush chain ip docker-cpp-dcpp0 prerouting;"
                     "add rule ip docker-cpp-dcpp0 prerouting dnat ip to "
                     "ip daddr . meta l4proto . th dport map @published'"),
            0);
  EXPECT_EQ(call(neighbour_.get(), "127.0.0.1", 8080), "10.77.0.2");
}

TEST_F(Published, OnOneAddressIsNotOnAnother) {
  static_cast<void>(publish(
      {{.container_port = 80, .host_ip = "10.77.0.1", .host_port = 8080}}));
  EXPECT_EQ(call(neighbour_.get(), "10.77.0.1", 8080), "10.77.0.2");
  EXPECT_NE(call(host(), "127.0.0.1", 8080), "172.19.0.1");
}

TEST_F(Published, WhatIsNotPublishedIsOutOfReach) {
  const auto info = publish({{.container_port = 81, .host_port = 8081}});
  EXPECT_EQ(call(neighbour_.get(), info.ip, 80), "silence");
  EXPECT_NE(call(neighbour_.get(), "10.77.0.1", 80), "10.77.0.2");
}

TEST_F(Published, ThePublishedPortsOwnAddressIsOutOfReachToo) {
  const auto info = publish({{.container_port = 80, .host_port = 8080}});
  EXPECT_EQ(call(neighbour_.get(), info.ip, 80), "silence");
  // The same with our rules gone shows that the test can fail.
  ASSERT_EQ(::system("nft flush chain ip docker-cpp-dcpp0 to_container"), 0);
  EXPECT_EQ(call(neighbour_.get(), info.ip, 80), "10.77.0.2");
  network_->on_change();  // and so does the watch over them
  EXPECT_EQ(call(neighbour_.get(), info.ip, 80), "silence");
}

TEST_F(Published, ContainersDoNotReachTheHostsLoopback) {
  static_cast<void>(publish({}));
  const Server secret(host(), 9999);
  in_network_namespace(container_.get(), [] {
    set_sysctl("net/ipv4/conf/all/route_localnet", "1");
    ASSERT_EQ(::system("ip addr del 127.0.0.1/8 dev lo &&"
                       "ip route add 127.0.0.1/32 via 172.19.0.1 table 10 &&"
                       "ip rule add pref 1 lookup 10 &&"
                       "ip rule add pref 2 lookup local; ip rule del pref 0"),
              0);
  });
  EXPECT_EQ(call(container_.get(), "127.0.0.1", 9999), "silence");
  ASSERT_EQ(::system("nft flush chain ip docker-cpp-dcpp0 from_container"), 0);
  EXPECT_EQ(call(container_.get(), "127.0.0.1", 9999), "172.19.0.2");
}

TEST_F(Published, TakesAnyFreePort) {
  const auto info = publish({{.container_port = 80}});
  ASSERT_EQ(info.ports.size(), 1);
  EXPECT_GE(info.ports[0].host_port, 32768);
  EXPECT_EQ(info.ports[0].host_ip, "0.0.0.0");
  EXPECT_EQ(call(neighbour_.get(), "10.77.0.1", info.ports[0].host_port),
            "10.77.0.2");
}

TEST_F(Published, TakesTheNextOfARange) {
  const Server server(host(), 8080);
  const auto info = publish(
      {{.container_port = 80, .host_port = 8080, .last_host_port = 8083}});
  ASSERT_EQ(info.ports.size(), 1);
  EXPECT_EQ(info.ports[0].host_port, 8081);
  EXPECT_EQ(info.ports[0].last_host_port, 0);
  EXPECT_EQ(call(neighbour_.get(), "10.77.0.1", 8081), "10.77.0.2");
}

TEST_F(Published, ARangeWithoutAFreePortIsRefused) {
  const Server first(host(), 8080);
  const Server second(host(), 8081);
  EXPECT_THROW(
      static_cast<void>(publish(
          {{.container_port = 80, .host_port = 8080, .last_host_port = 8081}})),
      PortAllocated);
}

/// One who never stops sending, from one port: who answers him?
TEST_F(Published, UdpGoesToWhoHasThePortNow) {
  static_cast<void>(
      publish({{.protocol = "udp", .container_port = 53, .host_port = 5353}}));
  sys::UniqueFd sender;
  in_network_namespace(neighbour_.get(), [&] {
    sender = sys::UniqueFd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(5353);
    ::inet_pton(AF_INET, "10.77.0.1", &to.sin_addr);
    ASSERT_EQ(::connect(sender.get(), reinterpret_cast<const sockaddr*>(&to),
                        sizeof to),
              0);
  });
  const auto answered = [&] {
    char byte = '?';
    ::send(sender.get(), &byte, 1, 0);
    pollfd one{.fd = sender.get(), .events = POLLIN, .revents = 0};
    return ::poll(&one, 1, 1000) == 1 && ::recv(sender.get(), &byte, 1, 0) == 1;
  };
  ASSERT_TRUE(answered());
  network_->disconnect("web");
  // Another container, at another address, takes over.
  const auto holder = new_netns();
  static_cast<void>(network_->connect(holder.get(), {.container_id = "hold"}));
  const auto other = new_netns();
  const Server server(other.get(), 53, Transport::udp);
  static_cast<void>(network_->connect(
      other.get(),
      {.container_id = "other",
       .ports = {
           {.protocol = "udp", .container_port = 53, .host_port = 5353}}}));
  EXPECT_TRUE(answered());
}

TEST_F(Published, APortInUseIsRefusedInDockersWords) {
  static_cast<void>(publish({{.container_port = 80, .host_port = 8080}}));
  const auto other = new_netns();
  const std::string before = ledger();
  try {
    static_cast<void>(network_->connect(
        other.get(), {.container_id = "other",
                      .ports = {{.container_port = 80, .host_port = 8081},
                                {.container_port = 80, .host_port = 8080}}}));
    FAIL() << "the port is taken";
  } catch (const PortAllocated& error) {
    EXPECT_STREQ(error.what(),
                 "Bind for 0.0.0.0:8080 failed: port is already allocated");
  }
  network_->settle();
  EXPECT_EQ(ledger(), before);
}

TEST_F(Published, APortOfAnotherServerIsRefused) {
  const Server server(host(), 8080);
  EXPECT_THROW(
      static_cast<void>(publish({{.container_port = 80, .host_port = 8080}})),
      PortAllocated);
}

/// A process of the host's own network that keeps a port until it is killed.
class Listener {
 public:
  Listener(int netns, std::uint16_t port, Transport transport) {
    const Server server(netns, port, transport);  // bound once, and inherited
    pid_ = ::fork();
    if (pid_ == 0) {
      ::pause();
      ::_exit(0);
    }
  }
  ~Listener() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
};

TEST_F(Published, TheMessageNamesTheProcessThatHasThePort) {
  for (const auto& [transport, protocol] :
       {std::pair(Transport::tcp, "tcp"), std::pair(Transport::udp, "udp")}) {
    const Listener listener(host(), 8080, transport);
    try {
      static_cast<void>(publish(
          {{.protocol = protocol, .container_port = 80, .host_port = 8080}}));
      FAIL() << "the port is taken";
    } catch (const PortAllocated& error) {
      const std::string what = error.what();
      EXPECT_TRUE(
          what.starts_with("Bind for 0.0.0.0:8080 failed: port is "
                           "already allocated (by "))
          << what;
      EXPECT_TRUE(
          what.ends_with(", process " + std::to_string(listener.pid()) + ")"))
          << what;
    }
  }
}

TEST(AddressesClash, AsTheKernelSeesIt) {
  EXPECT_TRUE(addresses_clash("0.0.0.0", "127.0.0.1"));
  EXPECT_TRUE(addresses_clash("::", "127.0.0.1")) << "of both families";
  EXPECT_TRUE(addresses_clash("", "::1"));
  EXPECT_TRUE(addresses_clash("127.0.0.1", "127.0.0.1"));
  EXPECT_FALSE(addresses_clash("127.0.0.2", "127.0.0.1"));
  EXPECT_FALSE(addresses_clash("0.0.0.0", "::1"));
}

TEST_F(Published, NobodyElseTakesThePort) {
  static_cast<void>(publish({{.container_port = 80, .host_port = 8080}}));
  EXPECT_THROW(Server(host(), 8080), Error);
  network_->disconnect("web");
  EXPECT_NO_THROW(Server(host(), 8080));
}

}  // namespace
}  // namespace docker_cpp::network::testing
