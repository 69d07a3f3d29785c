// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "exercise.hpp"

void PrintTo(const Port& port, std::ostream* out) {
  *out << port.host_ip << ":" << port.host_port << ":" << port.container_port
       << "/" << port.protocol;
}

std::string read(std::string_view text) {
  const auto port = parse_publish(text);
  return port ? ::testing::PrintToString(*port) : "refused";
}

TEST(Publish, ReadsWhatPeopleType) {
  EXPECT_EQ(read("80"), ":0:80/tcp") << "one number is the container's";
  EXPECT_EQ(read("8080:80"), ":8080:80/tcp");
  EXPECT_EQ(read("53:53/udp"), ":53:53/udp");
  EXPECT_EQ(read("127.0.0.1:8080:80"), "127.0.0.1:8080:80/tcp");
  EXPECT_EQ(read("127.0.0.1::80"), "127.0.0.1:0:80/tcp") << "any port";
  for (const char* bad : {"", "0", "65536", "65616:80", "8080:", "80/icmp",
                          "-1:80", "a:80", "80:80:80:80", "8080:80x"}) {
    EXPECT_EQ(read(bad), "refused") << "'" << bad << "' publishes nothing";
  }
  const auto typed = parse_publish("80x");
  ASSERT_FALSE(typed) << "there is no sentence to read";
  EXPECT_NE(typed.error().find("80x"), std::string::npos)
      << "the sentence names what was typed";
}
