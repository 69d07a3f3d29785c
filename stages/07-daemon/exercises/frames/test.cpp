// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "exercise.hpp"

std::string frame(char stream, const std::string& bytes) {
  std::string all{stream, 0, 0, 0, 0, 0, 0, 0};
  all[6] = static_cast<char>(bytes.size() >> 8);
  all[7] = static_cast<char>(bytes.size() & 0xFF);
  return all + bytes;
}

TEST(Frames, ArriveInPieces) {
  const std::string big(300, 'x');
  const std::string wire =
      frame(1, "hello ") + frame(2, "no") + frame(1, "") + frame(1, big);
  for (std::size_t piece :
       {wire.size(), std::size_t{1}, std::size_t{7}, std::size_t{13}}) {
    std::string out;
    std::string err;
    FrameReader reader([&](int stream, std::string_view bytes) {
      (stream == 1 ? out : err) += bytes;
    });
    for (std::size_t at = 0; at < wire.size(); at += piece) {
      ASSERT_TRUE(reader.feed(wire.substr(at, piece)));
    }
    EXPECT_EQ(out, "hello " + big)
        << "in pieces of " << piece << ": a header may be cut in two, and a "
        << "piece may hold several frames";
    EXPECT_EQ(err, "no");
  }
  std::size_t got = 0;
  FrameReader reader([&](int, std::string_view bytes) { got += bytes.size(); });
  EXPECT_TRUE(reader.feed(std::string("\1\0\0\0\xff\xff\xff\xff", 8)))
      << "a long frame is legal";
  EXPECT_TRUE(reader.feed("abc"));
  EXPECT_EQ(got, 3U) << "bytes are passed on as they come, not kept";
  FrameReader strict([](int, std::string_view) { FAIL(); });
  EXPECT_FALSE(strict.feed("HTTP/1.1 200 OK\r\n"))
      << "an answer is not a frame";
}
