// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// As much of DNS as one needs to answer for one's own names: RFC 1035, and
/// the one field of RFC 6891 that says how long an answer may be.
namespace docker_cpp::network {

enum class DnsType : std::uint16_t { a = 1, ptr = 12, aaaa = 28, any = 255 };

enum class DnsCode : std::uint8_t {
  ok = 0,
  format_error = 1,
  server_failure = 2,
  no_such_name = 3,
  not_implemented = 4,
  refused = 5,
};

/// A question that one may answer, and where in its message it ends.
struct DnsQuery {
  std::uint16_t id = 0;
  std::string name;  ///< in lower case, without the last dot
  std::uint16_t type = 0;
  std::uint16_t record_class = 1;
  std::size_t question_end = 0;
  std::size_t room = 512;  ///< bytes that an answer by UDP may have
  bool extended = false;   ///< it came with an OPT record
};

/// The answer to one question.
struct DnsAnswer {
  DnsCode code = DnsCode::ok;
  DnsType type = DnsType::a;
  /// Each as it travels: 4 or 16 bytes, or a name in labels.
  std::vector<std::string> records;
};

/// Nothing where the message is no question of exactly one name: then
/// dns_error() is what there is to say, if anything.
[[nodiscard]] std::optional<DnsQuery> parse_dns_query(
    std::span<const std::uint8_t> message);

/// The answer, cut (and marked as cut) to `room` bytes.
[[nodiscard]] std::string dns_answer(std::span<const std::uint8_t> query,
                                     const DnsQuery& parsed,
                                     const DnsAnswer& answer, std::size_t room);

/// An answer to something that is not understood; empty for what does not even
/// have a header, or is an answer itself.
[[nodiscard]] std::string dns_error(std::span<const std::uint8_t> message,
                                    DnsCode code);

/// "a.example" as labels.
[[nodiscard]] std::string dns_labels(std::string_view name);

/// The address in "4.3.2.1.in-addr.arpa" or the 32 nibbles of ip6.arpa, as
/// people write it.
[[nodiscard]] std::optional<std::string> dns_reverse_address(
    std::string_view name);

/// Is `message` an answer to `query`?
[[nodiscard]] bool dns_answers(std::span<const std::uint8_t> message,
                               std::span<const std::uint8_t> query);
[[nodiscard]] DnsCode dns_code(std::span<const std::uint8_t> message);

}  // namespace docker_cpp::network
