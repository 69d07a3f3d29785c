// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/network/bandwidth.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <thread>

#include "test_host.hpp"

#include "docker_cpp/network/in_namespace.hpp"

namespace docker_cpp::network::testing {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

TEST(BandwidthText, IsBitsAsTcWritesThem) {
  EXPECT_EQ(parse_bandwidth("8mbit"), 1'000'000U);
  EXPECT_EQ(parse_bandwidth("8000"), 1'000U);
  EXPECT_EQ(parse_bandwidth("1gbit"), 125'000'000U);
  EXPECT_EQ(parse_bandwidth("unlimited"), 0U);
  for (const char* wrong :
       {"", "mbit", "8 mbit", "-8mbit", "8mbits", "7kbit", "101gbit", "0",
        "99999999999999999999", "18446744073709551615gbit", "8MB"}) {
    EXPECT_FALSE(parse_bandwidth(wrong)) << wrong;
  }
}

/// Bytes per second that arrive, with a sender who never stops, by UDP: what
/// is too much is lost, and nobody slows down.
double arriving(int from, int to, const std::string& address) {
  constexpr std::uint16_t port = 5001;
  sys::UniqueFd receiver;
  sys::UniqueFd sender;
  sockaddr_in target{};
  target.sin_family = AF_INET;
  target.sin_port = htons(port);
  const auto bytes = parse_ipv4(address)->bytes();
  std::memcpy(&target.sin_addr, bytes.data(), bytes.size());
  in_network_namespace(to, [&] {
    receiver = sys::UniqueFd(::socket(AF_INET, SOCK_DGRAM, 0));
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_port = htons(port);
    ASSERT_EQ(
        ::bind(receiver.get(), reinterpret_cast<sockaddr*>(&any), sizeof any),
        0);
  });
  in_network_namespace(from, [&] {
    sender = sys::UniqueFd(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0));
    ASSERT_EQ(::connect(sender.get(), reinterpret_cast<sockaddr*>(&target),
                        sizeof target),
              0);
  });
  const std::array<char, 1400> block{};
  // The first burst is let through: what counts is what comes after.
  const auto start = Clock::now();
  const auto counted_from = start + milliseconds(500);
  const auto end = counted_from + milliseconds(1000);
  std::thread flood([&] {
    while (Clock::now() < end) {
      ::send(sender.get(), block.data(), block.size(), 0);
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
  });
  std::size_t received = 0;
  std::array<char, 2048> room{};
  while (Clock::now() < end) {
    pollfd one{.fd = receiver.get(), .events = POLLIN, .revents = 0};
    if (::poll(&one, 1, 20) == 1) {
      const ssize_t got = ::recv(receiver.get(), room.data(), room.size(), 0);
      if (got > 0 && Clock::now() > counted_from) {
        received += static_cast<std::size_t>(got);
      }
    }
  }
  flood.join();
  return static_cast<double>(received);
}

class LimitedContainer : public HostTest {
 protected:
  void SetUp() override {
    HostTest::SetUp();
    web_ = new_netns();
    network_.emplace(BridgeNetwork::Options{.subnet = "172.30.0.1/16"});
  }

  EndpointInfo start(const std::map<std::string, std::string>& options) {
    return network_->connect(web_.get(),
                             {.container_id = "web", .options = options});
  }
  [[nodiscard]] int web() const { return web_.get(); }
  BridgeNetwork& network() { return *network_; }

 private:
  sys::UniqueFd web_;
  std::optional<BridgeNetwork> network_;
};

constexpr double rate = 200'000;  // 1.6 Mbit/s

TEST_F(LimitedContainer, GetsAndSendsNoFasterThanItMay) {
  const auto info = start(
      {{bandwidth_in_option, "1600kbit"}, {bandwidth_out_option, "1600kbit"}});
  EXPECT_LT(arriving(host(), web(), info.ip), rate * 1.3);
  EXPECT_LT(arriving(web(), host(), "172.30.0.1"), rate * 1.3);
}

TEST_F(LimitedContainer, WithoutLimitsIsFaster) {
  const auto info = start({});
  EXPECT_GT(arriving(host(), web(), info.ip), rate * 2);
  EXPECT_GT(arriving(web(), host(), "172.30.0.1"), rate * 2);
}

TEST_F(LimitedContainer, StaysSoAfterAFlush) {
  start({{bandwidth_out_option, "1600kbit"}});
  ASSERT_EQ(std::system("nft flush ruleset"), 0);
  EXPECT_EQ(rules().find("limit rate over"), std::string::npos);
  network().on_change();
  EXPECT_NE(rules().find("limit rate over"), std::string::npos);
  EXPECT_LT(arriving(web(), host(), "172.30.0.1"), rate * 1.3);
}

TEST_F(LimitedContainer, LeavesNothing) {
  start({{bandwidth_in_option, "8mbit"}, {bandwidth_out_option, "8mbit"}});
  network().disconnect("web");
  network().settle();
  EXPECT_EQ(rules().find("limit rate over"), std::string::npos);
  network().remove();
  EXPECT_EQ(rules().find("netdev"), std::string::npos);
}

TEST_F(LimitedContainer, IsRefusedNonsense) {
  EXPECT_THROW(start({{bandwidth_in_option, "fast"}}), std::invalid_argument);
  EXPECT_THROW(start({{link_name_option, "a/b"}}), std::invalid_argument);
  EXPECT_EQ(start({{link_name_option, "lan7"}}).ip, "172.30.0.2");
}

}  // namespace
}  // namespace docker_cpp::network::testing
