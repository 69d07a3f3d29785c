// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/images/digest.hpp"

#include <gtest/gtest.h>

#include "record_file.hpp"
#include "support.hpp"

#include "docker_cpp/images/manifest.hpp"

namespace docker_cpp::images {
namespace {

constexpr const char* empty_digest =
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

TEST(Digest, OfTextAndFile) {
  EXPECT_EQ(Digest::of("").text(), empty_digest);
  EXPECT_EQ(Digest::of("abc").hex(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const std::string large(1'000'000, 'a');
  EXPECT_EQ(digest_of_file(readable(large).get())->hex(),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Digest, ParsesItsOwnSpelling) {
  const auto digest = Digest::parse(empty_digest);
  ASSERT_TRUE(digest);
  EXPECT_EQ(digest->text(), empty_digest);
}

TEST(Digest, RefusesEveryOtherSpelling) {
  const std::string hex = std::string(empty_digest).substr(7);
  for (const std::string& text : std::initializer_list<std::string>{
           "", hex, "sha256:", "sha256:" + hex.substr(1), "sha256:" + hex + "0",
           "SHA256:" + hex, "sha512:" + hex,
           "sha256:" + std::string(63, 'a') + "A", "sha256:" + hex + "\n",
           " sha256:" + hex, "sha256:" + std::string(62, 'a') + "..",
           "sha256:../" + hex.substr(3), "sha256-" + hex}) {
    EXPECT_FALSE(Digest::parse(text)) << text;
  }
}

TEST(ChainId, IsTheHashOfParentAndDiffId) {
  const std::string a = Digest::of("a").text();
  const std::string b = Digest::of("b").text();
  const auto chain = chain_ids({a, b});
  ASSERT_EQ(chain.size(), 2U);
  EXPECT_EQ(chain[0], a);
  EXPECT_EQ(chain[1], Digest::of(a + " " + b).text());
}

TEST(RecordFile, ComesBackWhole) {
  const std::string json = R"({"a":1})";
  EXPECT_EQ(unframe_record("layer", frame_record("layer", json)), json);
}

TEST(RecordFile, NoticesEveryDamage) {
  const std::string good = frame_record("layer", R"({"a":"some value"})");
  for (std::size_t i = 0; i < good.size(); ++i) {
    EXPECT_FALSE(unframe_record("layer", good.substr(0, i))) << i;
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = good;
      flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
      EXPECT_FALSE(unframe_record("layer", flipped)) << i;
    }
  }
  EXPECT_FALSE(unframe_record("layer", good + "x"));
  EXPECT_FALSE(unframe_record("image", good));
}

}  // namespace
}  // namespace docker_cpp::images
