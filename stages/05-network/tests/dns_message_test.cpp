// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/network/dns_message.hpp"

#include <cstring>
#include <random>

#include <gtest/gtest.h>

namespace docker_cpp::network {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes bytes_of(const std::string& text) {
  return {text.begin(), text.end()};
}

/// A question for `name`, as a resolver sends it.
Bytes question(const std::string& name, DnsType type, bool extended = false) {
  std::string out("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00", 11);
  out += extended ? '\x01' : '\0';
  out += dns_labels(name);
  out += {'\0', static_cast<char>(type), '\0', '\1'};
  if (extended) {
    out += std::string("\0\0\x29\x04\xd0\0\0\0\0\0\0", 11);
  }
  return bytes_of(out);
}

TEST(DnsMessage, ReadsAQuestion) {
  const auto query = parse_dns_query(question("Web.Example", DnsType::a));
  ASSERT_TRUE(query);
  EXPECT_EQ(query->id, 0x1234);
  EXPECT_EQ(query->name, "web.example");
  EXPECT_EQ(query->type, 1);
  EXPECT_EQ(query->room, 512U);
  EXPECT_FALSE(query->extended);
}

TEST(DnsMessage, ReadsHowMuchTheAskerTakes) {
  const auto query = parse_dns_query(question("web", DnsType::aaaa, true));
  ASSERT_TRUE(query);
  EXPECT_TRUE(query->extended);
  EXPECT_EQ(query->room, 1232U);
}

TEST(DnsMessage, AnswersWithTheQuestionAndItsAddresses) {
  const Bytes asked = question("web", DnsType::a);
  const auto query = parse_dns_query(asked);
  const std::string answer =
      dns_answer(asked, *query, {.records = {"\x0a\x01\x02\x03"}}, 512);
  const Bytes bytes = bytes_of(answer);
  EXPECT_TRUE(dns_answers(bytes, asked));
  EXPECT_EQ(dns_code(bytes), DnsCode::ok);
  EXPECT_EQ(bytes[7], 1);  // one record
  EXPECT_EQ(answer.substr(answer.size() - 4), "\x0a\x01\x02\x03");
  EXPECT_EQ(answer.size(), asked.size() + 16);
}

TEST(DnsMessage, CutsWhatDoesNotFitAndSaysSo) {
  const Bytes asked = question("web", DnsType::a, true);
  const auto query = parse_dns_query(asked);
  DnsAnswer many;
  many.records.assign(100, std::string(4, 'x'));
  const std::string cut = dns_answer(asked, *query, many, 512);
  EXPECT_LE(cut.size(), 512U);
  EXPECT_NE(cut[2] & 0x02, 0);
  const std::string whole = dns_answer(asked, *query, many, 65535);
  EXPECT_EQ(whole[2] & 0x02, 0);
  EXPECT_EQ(whole[7], 100);
}

TEST(DnsMessage, ReadsReverseNames) {
  EXPECT_EQ(dns_reverse_address("4.3.2.1.in-addr.arpa"), "1.2.3.4");
  EXPECT_EQ(dns_reverse_address(
                "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0."
                "1.0.0.2.ip6.arpa"),
            "2001:db8::1");
  for (const char* wrong :
       {"", "arpa", "1.2.3.in-addr.arpa", "300.3.2.1.in-addr.arpa",
        ".in-addr.arpa", "z.0.ip6.arpa", "example"}) {
    EXPECT_FALSE(dns_reverse_address(wrong)) << wrong;
  }
}

TEST(DnsMessage, RefusesWhatIsNoQuestion) {
  const Bytes good = question("web.example", DnsType::a);
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(parse_dns_query({good.data(), size})) << size;
  }
  const auto with = [&](std::size_t at, std::uint8_t value) {
    Bytes bad = good;
    bad[at] = value;
    return bad;
  };
  EXPECT_FALSE(parse_dns_query(with(2, 0x81)));   // an answer
  EXPECT_FALSE(parse_dns_query(with(2, 0x29)));   // a notification
  EXPECT_FALSE(parse_dns_query(with(5, 2)));      // two questions
  EXPECT_FALSE(parse_dns_query(with(12, 0xc0)));  // a pointer
  EXPECT_FALSE(parse_dns_query(with(12, 64)));    // a label too long
  EXPECT_FALSE(parse_dns_query(with(13, '.')));   // a dot within a label
  EXPECT_TRUE(parse_dns_query(good));
  EXPECT_EQ(dns_error(with(2, 0x81), DnsCode::format_error), "");
  EXPECT_EQ(dns_error(good, DnsCode::refused).size(), 12U);
}

TEST(DnsMessage, AnotherQuestionsAnswerIsNone) {
  const Bytes asked = question("web", DnsType::a);
  const Bytes other = question("wob", DnsType::a);
  const auto query = parse_dns_query(other);
  EXPECT_FALSE(
      dns_answers(bytes_of(dns_answer(other, *query, {}, 512)), asked));
  Bytes forged = bytes_of(dns_answer(asked, *parse_dns_query(asked), {}, 512));
  EXPECT_TRUE(dns_answers(forged, asked));
  forged[0] ^= 1;
  EXPECT_FALSE(dns_answers(forged, asked));
}

/// Every byte changed, everywhere cut: none reads past its end (this runs with
/// the library's and the sanitizers' checks).
TEST(DnsMessage, NothingMakesItStumble) {
  std::mt19937 random(7);
  const Bytes good = question("some.name.example", DnsType::a, true);
  for (int round = 0; round < 50'000; ++round) {
    Bytes bad(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(
                                               random() % good.size()));
    for (int change = 0; change < 3 && !bad.empty(); ++change) {
      bad[random() % bad.size()] = static_cast<std::uint8_t>(random());
    }
    if (const auto query = parse_dns_query(bad)) {
      const std::string answer =
          dns_answer(bad, *query, {.records = {"1234"}}, query->room);
      EXPECT_TRUE(dns_answers(bytes_of(answer), bad));
    }
    static_cast<void>(dns_error(bad, DnsCode::refused));
    static_cast<void>(dns_answers(bad, good));
  }
}

}  // namespace
}  // namespace docker_cpp::network
