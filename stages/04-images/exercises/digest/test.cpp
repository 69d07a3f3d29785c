// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "exercise.hpp"

TEST(DigestHex, HasOneSpelling) {
  const std::string hex(64, 'a');
  EXPECT_EQ(digest_hex("sha256:" + hex), hex);
  for (const std::string& bad : std::vector<std::string>{
           "", hex, "sha512:" + hex, "sha256:" + hex + "a",
           "sha256:" + hex.substr(1), "sha256:" + std::string(64, 'A'),
           "SHA256:" + hex, " sha256:" + hex, "sha256:" + hex + "\n",
           "sha256:../../../../etc/passwd", "sha256:" + std::string(64, 'g')}) {
    EXPECT_EQ(digest_hex(bad), std::nullopt)
        << "'" << bad << "' would become a part of a path";
  }
}
