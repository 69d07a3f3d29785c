// SPDX-License-Identifier: Apache-2.0
// Questions of containers, which may send anything, and answers of servers,
// which may answer anything.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "docker_cpp/network/dns_message.hpp"

namespace {

using namespace docker_cpp::network;
using Bytes = std::span<const std::uint8_t>;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

Bytes bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

void answer(Bytes message, const DnsQuery& query) {
  require(query.question_end <= message.size());
  require(query.name.size() <= 255);
  const DnsAnswer addresses{.type = DnsType::a,
                            .records = {100, std::string(4, 'x')}};
  const DnsAnswer names{.type = DnsType::ptr,
                        .records = {dns_labels("web.net")}};
  const DnsAnswer nobody{.code = DnsCode::no_such_name, .records = {}};
  for (const DnsAnswer& one : {addresses, names, nobody}) {
    const std::string text = dns_answer(message, query, one, query.room);
    require(text.size() <= std::max(query.room, query.question_end + 11));
    require(dns_answers(bytes_of(text), message));
    require(dns_code(bytes_of(text)) == one.code);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const Bytes message(data, size);
  if (const auto query = parse_dns_query(message)) {
    answer(message, *query);
    static_cast<void>(dns_reverse_address(query->name));
  } else {
    const std::string refusal = dns_error(message, DnsCode::format_error);
    require(refusal.empty() || size >= 12);
  }
  // The first half as a server's answer to the second.
  static_cast<void>(
      dns_answers(message.first(size / 2), message.subspan(size / 2)));
  if (size >= 12) {
    static_cast<void>(dns_code(message));
  }
  const std::string text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(dns_reverse_address(text));
  static_cast<void>(dns_labels(text));
  return 0;
}
