// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/images/reference.hpp"

#include <string>

#include <gtest/gtest.h>

namespace docker_cpp::images {
namespace {

const std::string hex(64, 'a');

struct Good {
  std::string text;
  std::string canonical;
  std::string familiar;
};

TEST(Reference, IsMadeWholeAsDockerDoes) {
  const Good table[] = {
      {"busybox", "docker.io/library/busybox:latest", "busybox:latest"},
      {"busybox:1.36", "docker.io/library/busybox:1.36", "busybox:1.36"},
      {"library/busybox", "docker.io/library/busybox:latest", "busybox:latest"},
      {"docker.io/busybox", "docker.io/library/busybox:latest",
       "busybox:latest"},
      {"index.docker.io/library/busybox", "docker.io/library/busybox:latest",
       "busybox:latest"},
      {"user/app", "docker.io/user/app:latest", "user/app:latest"},
      {"library/a/b", "docker.io/library/a/b:latest", "library/a/b:latest"},
      {"quay.io/app", "quay.io/app:latest", "quay.io/app:latest"},
      {"localhost/app", "localhost/app:latest", "localhost/app:latest"},
      {"localhost:5000/app:v1", "localhost:5000/app:v1",
       "localhost:5000/app:v1"},
      {"127.0.0.1:5000/a/b/c", "127.0.0.1:5000/a/b/c:latest",
       "127.0.0.1:5000/a/b/c:latest"},
      {"[::1]:5000/app", "[::1]:5000/app:latest", "[::1]:5000/app:latest"},
      {"Registry/app", "Registry/app:latest", "Registry/app:latest"},
      {"a__b", "docker.io/library/a__b:latest", "a__b:latest"},
      {"a---b.c_d", "docker.io/library/a---b.c_d:latest", "a---b.c_d:latest"},
      {"localhost:5000", "docker.io/library/localhost:5000", "localhost:5000"},
      {"busybox@sha256:" + hex, "docker.io/library/busybox@sha256:" + hex,
       "busybox@sha256:" + hex},
      {"busybox:1@sha256:" + hex, "docker.io/library/busybox:1@sha256:" + hex,
       "busybox:1@sha256:" + hex},
      {"a:" + std::string(128, 'T'),
       "docker.io/library/a:" + std::string(128, 'T'),
       "a:" + std::string(128, 'T')},
  };
  for (const Good& one : table) {
    const auto parsed = Reference::parse(one.text);
    ASSERT_TRUE(parsed) << one.text << ": " << parsed.error();
    EXPECT_EQ(parsed->canonical(), one.canonical) << one.text;
    EXPECT_EQ(parsed->familiar(), one.familiar) << one.text;
    const auto again = Reference::parse(parsed->familiar());
    ASSERT_TRUE(again) << parsed->familiar();
    EXPECT_EQ(again->canonical(), one.canonical);
  }
}

TEST(Reference, RefusesWhatDockerRefuses) {
  for (const std::string& text : {std::string(""),
                                  std::string(":latest"),
                                  std::string("a:"),
                                  std::string("A"),
                                  std::string("library/Busybox"),
                                  std::string("-a"),
                                  std::string("a-"),
                                  std::string("a..b"),
                                  std::string("a___b"),
                                  std::string("a//b"),
                                  std::string("/a"),
                                  std::string("a/"),
                                  std::string("a b"),
                                  std::string("a:b c"),
                                  std::string("a:-b"),
                                  std::string("a@"),
                                  std::string("a@sha256:abc"),
                                  std::string("a@md5:") + hex,
                                  hex,
                                  hex + ":latest",
                                  std::string("../etc/passwd"),
                                  std::string("quay.io/../x"),
                                  std::string("-bad.io/x"),
                                  std::string("bad..io/x"),
                                  std::string("host:port/x"),
                                  std::string("host:/x"),
                                  std::string("a:") + std::string(129, 'x'),
                                  std::string(256, 'a'),
                                  std::string("a\0b", 3),
                                  std::string("a\n"),
                                  std::string("\xff"),
                                  std::string("[::1/app"),
                                  std::string("http://x/y")}) {
    EXPECT_FALSE(Reference::parse(text)) << text;
  }
}

TEST(Reference, SaysThatCapitalsAreTheTrouble) {
  EXPECT_NE(Reference::parse("Foo").error().find("must be lowercase"),
            std::string::npos);
}

}  // namespace
}  // namespace docker_cpp::images
