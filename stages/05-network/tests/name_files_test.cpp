// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/network/name_files.hpp"

#include <gtest/gtest.h>

namespace docker_cpp::network {
namespace {

TEST(HostsFile, IsDockers) {
  EXPECT_EQ(hosts_file({.hostname = "4f1b2c3d4e5f", .ip = "172.17.0.2"}),
            "127.0.0.1\tlocalhost\n"
            "::1\tlocalhost ip6-localhost ip6-loopback\n"
            "fe00::0\tip6-localnet\n"
            "ff00::0\tip6-mcastprefix\n"
            "ff02::1\tip6-allnodes\n"
            "ff02::2\tip6-allrouters\n"
            "172.17.0.2\t4f1b2c3d4e5f\n");
}

TEST(HostsFile, HasExtraHostsAndTheDomain) {
  const std::string text =
      hosts_file({.hostname = "web",
                  .domainname = "example.org",
                  .ip = "172.17.0.2",
                  .extra = {{"10.0.0.1", "db"}, {"10.0.0.2", "mail smtp"}}});
  EXPECT_TRUE(
      text.ends_with("10.0.0.1\tdb\n10.0.0.2\tmail smtp\n"
                     "172.17.0.2\tweb.example.org web\n"))
      << text;
}

TEST(HostsFile, WithoutANetworkHasNoLineForItself) {
  EXPECT_TRUE(hosts_file({.hostname = "web"}).ends_with("ip6-allrouters\n"));
}

TEST(ResolvConf, LeavesOutTheHostsLoopback) {
  EXPECT_EQ(resolv_conf("# mine\nnameserver 127.0.0.53\nnameserver ::1\n"
                        "nameserver 192.0.2.1\nsearch lan example.org\n"
                        "options ndots:2  edns0\n"),
            "search lan example.org\nnameserver 192.0.2.1\n"
            "options ndots:2 edns0\n");
}

TEST(ResolvConf, FallsBackAsDockerDoes) {
  const std::string fallback = "nameserver 8.8.8.8\nnameserver 8.8.4.4\n";
  EXPECT_EQ(resolv_conf(""), fallback);
  EXPECT_EQ(resolv_conf("nameserver 127.0.0.1\nnameserver fe80::1%eth0\n"),
            fallback);
}

TEST(ResolvConf, WhatIsAskedForReplacesWhatTheHostHas) {
  EXPECT_EQ(resolv_conf("nameserver 192.0.2.1\nsearch lan\noptions edns0\n",
                        {.dns = {"1.1.1.1", "9.9.9.9"},
                         .search = {"a", "b"},
                         .options = {"timeout:1"}}),
            "search a b\nnameserver 1.1.1.1\nnameserver 9.9.9.9\n"
            "options timeout:1\n");
  EXPECT_EQ(
      resolv_conf("nameserver 192.0.2.1\nsearch lan\n", {.search = {"."}}),
      "nameserver 192.0.2.1\n");
}

TEST(ResolvConf, TheLastSearchListCounts) {
  EXPECT_EQ(resolv_conf("domain old\nsearch new list\nnameserver 10.0.0.1"),
            "search new list\nnameserver 10.0.0.1\n");
}

}  // namespace
}  // namespace docker_cpp::network
