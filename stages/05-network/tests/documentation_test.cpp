// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <sstream>

#include "test_host.hpp"

namespace docker_cpp::network::testing {
namespace {

using Documentation = HostTest;

std::string between(const std::string& text, const std::string& from,
                    const std::string& to) {
  const std::size_t start = text.find(from) + from.size();
  return text.substr(start, text.find(to, start) - start);
}

TEST_F(Documentation, ShowsTheTableAsItIs) {
  std::stringstream page;
  page << std::ifstream(DOCKER_CPP_SOURCE "/docs/formats/firewall.md").rdbuf();
  BridgeNetwork network({.subnet = "172.19.0.1/16"});
  network.adopt(
      "x", {.ip = "172.19.0.2",
            .gateway = "172.19.0.1",
            .mac = "02:42:ac:13:00:02",
            .prefix_len = 16,
            .ports = {
                {.container_port = 80, .host_ip = "0.0.0.0", .host_port = 8080},
                {.protocol = "udp",
                 .container_port = 53,
                 .host_ip = "127.0.0.1",
                 .host_port = 5353}}});
  EXPECT_EQ(rules(), between(page.str(), "```nft\n", "```"));
}

}  // namespace
}  // namespace docker_cpp::network::testing
