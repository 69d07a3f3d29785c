// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/network/ipsec.hpp"

#include "test_host.hpp"

#include "docker_cpp/network/in_namespace.hpp"

namespace docker_cpp::network::testing {
namespace {

constexpr std::uint16_t port = 4788;

/// A host and its neighbour, 10.77.0.1 and .2, and UDP between them. Most
/// kernels are built with ESP; where one is not, the tests show that nothing
/// goes in the clear instead.
class IpsecTest : public HostTest {
 protected:
  void SetUp() override {
    HostTest::SetUp();
    there_ = add_neighbour();
    in_network_namespace(there_.get(), [&] { remote_.emplace(Ipsec::open()); });
    local_.emplace(Ipsec::open());
    server_.emplace(there_.get(), port, Transport::udp);
    back_.emplace(host(), port, Transport::udp);
  }

  [[nodiscard]] std::string out() const {
    return call(host(), "10.77.0.2", port, Transport::udp);
  }
  [[nodiscard]] std::string in() const {
    return call(there_.get(), "10.77.0.1", port, Transport::udp);
  }

  static SecureFlow flow(const Ipv4& from, const Ipv4& to, std::uint8_t seed) {
    SecureFlow out{.source = from, .destination = to, .spi = 0x1000U + seed};
    out.key.fill(seed);
    return out;
  }

  const Ipv4 here_ip_ = parse_ipv4("10.77.0.1").value();
  const Ipv4 there_ip_ = parse_ipv4("10.77.0.2").value();
  sys::UniqueFd there_;
  std::optional<Ipsec> local_;
  std::optional<Ipsec> remote_;
  std::optional<Server> server_;
  std::optional<Server> back_;
};

TEST_F(IpsecTest, NothingPlainPassesAForbiddenPort) {
  ASSERT_EQ(out(), "10.77.0.1");
  ASSERT_EQ(in(), "10.77.0.2");
  const std::string before = ledger();
  local_->forbid_plain(port);
  EXPECT_NE(out(), "10.77.0.1") << "it was sent as it is";
  EXPECT_NE(in(), "10.77.0.2") << "it was taken as it came";
  {
    const Server other(there_.get(), 4789, Transport::udp);
    EXPECT_EQ(call(host(), "10.77.0.2", 4789, Transport::udp), "10.77.0.1")
        << "another port is nobody's business";
  }
  local_->forget(port);
  local_->forget(port);
  EXPECT_EQ(out(), "10.77.0.1");
  EXPECT_EQ(in(), "10.77.0.2");
  EXPECT_EQ(ledger(), before);
}

TEST_F(IpsecTest, AMissingKeyCostsPacketsAndNotTheirSecrecy) {
  local_->forbid_plain(port);
  local_->demand(here_ip_, there_ip_, port);
  local_->demand(here_ip_, there_ip_, port);  // told again
  EXPECT_NE(out(), "10.77.0.1");
  EXPECT_NE(in(), "10.77.0.2");
}

/// Of the messages only the server's way there is encrypted: what comes back
/// goes to a port of its own.
TEST_F(IpsecTest, FlowsCarryWhatIsDemanded) {
  const SecureFlow to = flow(here_ip_, there_ip_, 7);
  const SecureFlow from = flow(there_ip_, here_ip_, 9);
  if (!local_->has_esp()) {
    EXPECT_THROW(local_->add(to), Error) << "a kernel without ESP says so";
    return;
  }
  for (const auto& [ipsec, mine, other] :
       {std::tuple(&*local_, here_ip_, there_ip_),
        std::tuple(&*remote_, there_ip_, here_ip_)}) {
    ipsec->forbid_plain(port);
    ipsec->demand(mine, other, port);
    ipsec->add(to);
    ipsec->add(from);
  }
  EXPECT_EQ(out(), "10.77.0.1");
  EXPECT_EQ(in(), "10.77.0.2");
  EXPECT_THROW(local_->add(to), Error) << "a key is never used twice";
  // Another key on one side: what arrives cannot be read.
  remote_->remove(to);
  SecureFlow wrong = to;
  wrong.key.front() ^= 1U;
  remote_->add(wrong);
  EXPECT_NE(out(), "10.77.0.1");
  EXPECT_EQ(in(), "10.77.0.2") << "the other direction has a key of its own";
  remote_->remove_all();
  remote_->remove_all();
  EXPECT_NE(in(), "10.77.0.2");
}

}  // namespace
}  // namespace docker_cpp::network::testing
