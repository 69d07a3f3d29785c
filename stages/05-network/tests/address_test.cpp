// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "docker_cpp/network/address_pool.hpp"
#include "docker_cpp/network/ipv4.hpp"

namespace docker_cpp::network {
namespace {

Subnet subnet(std::string_view text) {
  return parse_subnet(text).value();
}

Ipv4 ip(std::string_view text) {
  return parse_ipv4(text).value();
}

TEST(Address, IsReadAndWritten) {
  EXPECT_EQ(to_string(ip("172.19.0.1")), "172.19.0.1");
  EXPECT_EQ(to_string(subnet("10.0.0.1/8")), "10.0.0.1/8");
  EXPECT_EQ(to_string(mac_of(ip("172.17.0.2"))), "02:42:ac:11:00:02");
  EXPECT_EQ(parse_mac("02:42:ac:11:00:fe"), mac_of(ip("172.17.0.254")));
}

TEST(Address, WhatIsNoneIsRefused) {
  for (const char* text : {"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "0x7f.1.1.1",
                           "::1", " 1.2.3.4", "1.2.3.4 "}) {
    EXPECT_FALSE(parse_ipv4(text)) << text;
  }
  EXPECT_FALSE(parse_ipv4(std::string_view("1.2.3.4\0x", 9)));
  for (const char* text : {"", "1.2.3.4", "1.2.3.4/", "1.2.3.4/33",
                           "1.2.3.4/-1", "1.2.3.4/8x", "/8", "1.2.3.4/ 8"}) {
    EXPECT_FALSE(parse_subnet(text)) << text;
  }
  for (const char* text : {"", "02:42:ac:11:00", "02:42:ac:11:00:0g",
                           "02-42-ac-11-00-02", "01:00:5e:00:00:01"}) {
    EXPECT_FALSE(parse_mac(text)) << text;
  }
}

TEST(Address, SubnetsKnowWhatIsInThem) {
  EXPECT_TRUE(subnet("172.19.0.1/16").contains(ip("172.19.255.255")));
  EXPECT_FALSE(subnet("172.19.0.1/16").contains(ip("172.20.0.0")));
  EXPECT_TRUE(subnet("0.0.0.0/0").contains(ip("255.255.255.255")));
  EXPECT_TRUE(subnet("10.0.0.0/8").overlaps(subnet("10.1.2.0/24")));
  EXPECT_TRUE(subnet("10.1.2.0/24").overlaps(subnet("10.0.0.0/8")));
  EXPECT_FALSE(subnet("10.0.0.0/9").overlaps(subnet("10.128.0.0/9")));
}

TEST(Pool, IsReadAsDockerdsOption) {
  const auto pool = parse_pool("base=10.10.0.0/16,size=24");
  ASSERT_TRUE(pool);
  EXPECT_EQ(pool->base, subnet("10.10.0.0/16"));
  EXPECT_EQ(pool->size, 24);
  for (const char* text :
       {"", "10.10.0.0/16", "base=10.10.0.0/16", "base=10.10.0.0/16,size=8",
        "base=10.10.0.0/16,size=31", "base=x,size=24",
        "base=10.10.0.0/16,size=24,colour=red"}) {
    EXPECT_FALSE(parse_pool(text)) << text;
  }
}

TEST(Pool, GivesTheFirstNetworkThatOverlapsNothing) {
  const auto pools = default_pools();
  EXPECT_EQ(choose_subnet(pools, {}), subnet("172.17.0.0/16"));
  const std::vector taken{subnet("172.17.0.0/16"), subnet("172.18.5.0/24")};
  EXPECT_EQ(choose_subnet(pools, taken), subnet("172.19.0.0/16"));
  const std::vector most{subnet("172.16.0.0/12"), subnet("192.168.1.7/32")};
  EXPECT_EQ(choose_subnet(pools, most), subnet("192.168.16.0/20"));
  const std::vector all{subnet("0.0.0.0/0")};
  EXPECT_EQ(choose_subnet(pools, all), std::nullopt);
}

TEST(Pool, EndsAtTheLastAddressThereIs) {
  const std::vector pools{AddressPool{subnet("255.255.0.0/16"), 17}};
  const std::vector taken{subnet("255.255.0.0/16")};
  EXPECT_EQ(choose_subnet(pools, taken), std::nullopt);
}

TEST(Leases, TheLowestFreeAddressComesFirst) {
  LeaseSet leases(subnet("10.0.0.1/29"));
  std::vector<std::string> given;
  while (const auto one = leases.take()) {
    given.push_back(to_string(*one));
  }
  EXPECT_THAT(given, ::testing::ElementsAre("10.0.0.2", "10.0.0.3", "10.0.0.4",
                                            "10.0.0.5", "10.0.0.6"));
  leases.release(ip("10.0.0.4"));
  leases.release(ip("10.0.0.3"));
  EXPECT_EQ(leases.take(), ip("10.0.0.3"));
  EXPECT_EQ(leases.take(), ip("10.0.0.4"));
  EXPECT_EQ(leases.take(), std::nullopt);
}

TEST(Leases, AGatewayInTheMiddleIsSkipped) {
  LeaseSet leases(subnet("10.0.0.2/29"));
  EXPECT_EQ(leases.take(), ip("10.0.0.1"));
  EXPECT_EQ(leases.take(), ip("10.0.0.3"));
}

TEST(Leases, NoAddressIsGivenTwiceOrFromElsewhere) {
  LeaseSet leases(subnet("10.0.0.1/24"));
  EXPECT_TRUE(leases.take(ip("10.0.0.9")));
  EXPECT_FALSE(leases.take(ip("10.0.0.9")));
  EXPECT_FALSE(leases.take(ip("10.0.0.0")));
  EXPECT_FALSE(leases.take(ip("10.0.0.1")));
  EXPECT_FALSE(leases.take(ip("10.0.0.255")));
  EXPECT_FALSE(leases.take(ip("10.0.1.1")));
  for (int i = 0; i < 252; ++i) {
    ASSERT_NE(leases.take(), ip("10.0.0.9"));
  }
  EXPECT_EQ(leases.take(), std::nullopt);
}

TEST(LeaseSet6, GivesOfTheRangeThatIsPreferred) {
  LeaseSet6 leases(parse_subnet6("fd00:1::1/64").value());
  leases.prefer(parse_subnet6("fd00:1::ab00/126").value());
  leases.reserve(parse_ipv6("fd00:1::ab01").value());
  for (const char* expected :
       {"fd00:1::ab00", "fd00:1::ab02", "fd00:1::ab03"}) {
    const auto got = leases.take();
    ASSERT_TRUE(got) << expected;
    EXPECT_EQ(to_string(*got), expected);
  }
  EXPECT_FALSE(leases.take()) << "the range is used up";
  EXPECT_TRUE(leases.take(parse_ipv6("fd00:1::5").value()))
      << "who asks gets any of the subnet";
}

TEST(LeaseSet6, EndsWithTheLastAddressThereIs) {
  LeaseSet6 leases(
      parse_subnet6("ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffd/126").value());
  EXPECT_TRUE(leases.take());
  EXPECT_TRUE(leases.take());
  EXPECT_FALSE(leases.take());
}

}  // namespace
}  // namespace docker_cpp::network
