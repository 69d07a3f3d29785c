// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/network/dns_message.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace docker_cpp::network {
namespace {

using Bytes = std::span<const std::uint8_t>;

// RFC 1035, 4.1.1: six fields of two bytes.
constexpr std::size_t header_size = 12;
constexpr std::uint16_t is_answer = 0x8000;
constexpr std::uint16_t is_cut = 0x0200;
constexpr std::uint16_t recursion_desired = 0x0100;
constexpr std::uint16_t recursion_available = 0x0080;
constexpr std::uint16_t operation_bits = 0x7800;

constexpr std::uint16_t opt_record = 41;
constexpr std::uint16_t our_room = 1232;  // fits any path: DNS flag day 2020
constexpr std::uint32_t seconds_to_live = 600;  // Docker's

std::uint16_t number(Bytes message, std::size_t at) {
  return static_cast<std::uint16_t>(message[at] << 8U | message[at + 1]);
}

void put(std::string& out, std::uint16_t value) {
  out += static_cast<char>(value >> 8U);
  out += static_cast<char>(value & 0xffU);
}

void put32(std::string& out, std::uint32_t value) {
  put(out, static_cast<std::uint16_t>(value >> 16U));
  put(out, static_cast<std::uint16_t>(value & 0xffffU));
}

char lower(std::uint8_t byte) {
  return static_cast<char>(byte >= 'A' && byte <= 'Z' ? byte + 32 : byte);
}

/// A name that is written out: in a question there is nothing before it that
/// a compressed one could point to. Moves `at` behind it.
std::optional<std::string> read_name(Bytes message, std::size_t& at) {
  std::string name;
  for (;;) {
    if (at >= message.size()) {
      return std::nullopt;
    }
    const std::size_t length = message[at++];
    if (length == 0) {
      return name;
    }
    if (length > 63 || message.size() - at < length ||
        name.size() + length > 253) {
      return std::nullopt;
    }
    if (!name.empty()) {
      name += '.';
    }
    for (const std::uint8_t byte : message.subspan(at, length)) {
      // A dot within a label would read as two labels.
      if (byte == '.' || byte == 0) {
        return std::nullopt;
      }
      name += lower(byte);
    }
    at += length;
  }
}

/// The OPT record, if it is the first after the question: it always is the
/// only one in a question.
void read_extension(Bytes message, DnsQuery& out) {
  const std::size_t at = out.question_end;
  constexpr std::size_t fixed = 11;
  const bool others = number(message, 6) != 0 || number(message, 8) != 0;
  if (others || number(message, 10) == 0 || message.size() - at < fixed ||
      message[at] != 0 || number(message, at + 1) != opt_record) {
    return;
  }
  out.extended = true;
  out.room = std::clamp<std::size_t>(number(message, at + 3), 512, 4096);
}

void put_header(std::string& out, Bytes query, std::uint16_t flags,
                std::uint16_t answers, std::uint16_t more) {
  const std::uint16_t kept =
      number(query, 2) & (operation_bits | recursion_desired);
  put(out, number(query, 0));
  put(out, static_cast<std::uint16_t>(flags | kept | is_answer |
                                      recursion_available));
  put(out, 1);
  put(out, answers);
  put(out, 0);
  put(out, more);
}

void put_extension(std::string& out) {
  out += '\0';
  put(out, opt_record);
  put(out, our_room);
  put32(out, 0);
  put(out, 0);
}

std::optional<std::string> reverse_v4(std::string_view digits) {
  std::string address;
  while (!digits.empty()) {
    const std::size_t dot = digits.rfind('.');
    const std::string_view part =
        dot == std::string_view::npos ? digits : digits.substr(dot + 1);
    address += (address.empty() ? "" : ".") + std::string(part);
    digits = dot == std::string_view::npos ? "" : digits.substr(0, dot);
  }
  in_addr parsed{};
  return ::inet_pton(AF_INET, address.c_str(), &parsed) == 1
             ? std::optional(address)
             : std::nullopt;
}

std::optional<std::string> reverse_v6(std::string_view nibbles) {
  if (nibbles.size() != 63) {  // 32 digits, dots between
    return std::nullopt;
  }
  in6_addr address{};
  for (std::size_t i = 0; i < 32; ++i) {
    const char* digit = nibbles.data() + 62 - 2 * i;
    unsigned value = 0;
    if (std::from_chars(digit, digit + 1, value, 16).ec != std::errc{}) {
      return std::nullopt;
    }
    const unsigned shift = i % 2 == 0 ? 4U : 0U;
    address.s6_addr[i / 2] =
        static_cast<std::uint8_t>(address.s6_addr[i / 2] | value << shift);
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET6, &address, text.data(), text.size());
  return text.data();
}

}  // namespace

std::optional<DnsQuery> parse_dns_query(Bytes message) {
  if (message.size() < header_size || (number(message, 2) & is_answer) != 0 ||
      (number(message, 2) & operation_bits) != 0 || number(message, 4) != 1) {
    return std::nullopt;
  }
  DnsQuery out{.id = number(message, 0)};
  std::size_t at = header_size;
  auto name = read_name(message, at);
  if (!name || message.size() - at < 4) {
    return std::nullopt;
  }
  out.name = *std::move(name);
  out.type = number(message, at);
  out.record_class = number(message, at + 2);
  out.question_end = at + 4;
  read_extension(message, out);
  return out;
}

std::string dns_answer(Bytes query, const DnsQuery& parsed,
                       const DnsAnswer& answer, std::size_t room) {
  constexpr std::size_t record_header = 12;
  constexpr std::size_t extension_size = 11;
  std::size_t size =
      parsed.question_end + (parsed.extended ? extension_size : 0);
  std::uint16_t fitting = 0;
  for (const std::string& record : answer.records) {
    if (size + record_header + record.size() > room) {
      break;
    }
    size += record_header + record.size();
    ++fitting;
  }
  const bool cut = fitting < answer.records.size();
  std::string out;
  put_header(out, query,
             static_cast<std::uint16_t>((cut ? is_cut : 0U) |
                                        static_cast<unsigned>(answer.code)),
             fitting, parsed.extended ? 1 : 0);
  for (const std::uint8_t byte :
       query.subspan(header_size, parsed.question_end - header_size)) {
    out += static_cast<char>(byte);
  }
  for (std::size_t i = 0; i < fitting; ++i) {
    put(out, 0xc000U | header_size);  // the name: as in the question
    put(out, static_cast<std::uint16_t>(answer.type));
    put(out, 1);
    put32(out, seconds_to_live);
    put(out, static_cast<std::uint16_t>(answer.records[i].size()));
    out += answer.records[i];
  }
  if (parsed.extended) {
    put_extension(out);
  }
  return out;
}

std::string dns_error(Bytes message, DnsCode code) {
  if (message.size() < header_size || (number(message, 2) & is_answer) != 0) {
    return "";
  }
  std::string out;
  put_header(out, message, static_cast<std::uint16_t>(code), 0, 0);
  out[5] = 0;  // no question: it may be what was not understood
  return out;
}

std::string dns_labels(std::string_view name) {
  std::string out;
  while (!name.empty()) {
    const std::size_t dot = std::min(name.find('.'), name.size());
    const std::string_view label =
        name.substr(0, std::min<std::size_t>(dot, 63));
    out += static_cast<char>(label.size());
    out += label;
    name = dot == name.size() ? "" : name.substr(dot + 1);
  }
  return out + '\0';
}

std::optional<std::string> dns_reverse_address(std::string_view name) {
  constexpr std::string_view v4 = ".in-addr.arpa";
  constexpr std::string_view v6 = ".ip6.arpa";
  if (name.ends_with(v4)) {
    return reverse_v4(name.substr(0, name.size() - v4.size()));
  }
  if (name.ends_with(v6)) {
    return reverse_v6(name.substr(0, name.size() - v6.size()));
  }
  return std::nullopt;
}

bool dns_answers(Bytes message, Bytes query) {
  if (message.size() < header_size || query.size() < header_size ||
      (number(message, 2) & is_answer) == 0 ||
      number(message, 0) != number(query, 0)) {
    return false;
  }
  if (number(message, 4) == 0) {  // an error without the question
    return true;
  }
  std::size_t theirs = header_size;
  std::size_t ours = header_size;
  const auto name = read_name(message, theirs);
  return name && name == read_name(query, ours) &&
         message.size() - theirs >= 4 && query.size() - ours >= 4 &&
         std::ranges::equal(message.subspan(theirs, 4), query.subspan(ours, 4));
}

DnsCode dns_code(Bytes message) {
  return message.size() < header_size
             ? DnsCode::format_error
             : static_cast<DnsCode>(message[3] & 0x0fU);
}

}  // namespace docker_cpp::network
