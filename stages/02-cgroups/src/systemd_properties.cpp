// SPDX-License-Identifier: Apache-2.0
#include "systemd_properties.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "setting.hpp"

namespace docker_cpp::cgroups {
namespace {

struct NumberType {
  std::string_view word;
  const char* signature;
};

constexpr std::array number_types = {
    NumberType{"byte", "y"},   NumberType{"int16", "n"},
    NumberType{"uint16", "q"}, NumberType{"int32", "i"},
    NumberType{"uint32", "u"}, NumberType{"int64", "x"},
    NumberType{"uint64", "t"}};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') {
    text.remove_prefix(1);
  }
  while (!text.empty() && text.back() == ' ') {
    text.remove_suffix(1);
  }
  return text;
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::int64_t negative = 0;
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  if (text.starts_with('-')) {
    const auto read = std::from_chars(text.data(), end, negative);
    return read.ec == std::errc{} && read.ptr == end
               ? std::optional(static_cast<std::uint64_t>(negative))
               : std::nullopt;
  }
  const auto read = std::from_chars(text.data(), end, value);
  return read.ec == std::errc{} && read.ptr == end ? std::optional(value)
                                                   : std::nullopt;
}

/// 'text' or "text", without escapes.
std::optional<std::string> quoted(std::string_view text) {
  if (text.size() < 2 || (text[0] != '\'' && text[0] != '"') ||
      text.back() != text[0] ||
      text.substr(1, text.size() - 2).find_first_of("'\"\\") !=
          std::string_view::npos) {
    return std::nullopt;
  }
  return std::string(text.substr(1, text.size() - 2));
}

std::optional<DbusValue> strings(std::string_view text) {
  DbusValue all = DbusValue::array("s", {});
  text = trimmed(text.substr(1, text.size() - 2));
  while (!text.empty()) {
    const std::size_t close = text.find(text[0], 1);
    if (close == std::string_view::npos) {
      return std::nullopt;
    }
    const auto one = quoted(text.substr(0, close + 1));
    if (!one) {
      return std::nullopt;
    }
    all.items.push_back(DbusValue::string(*one));
    text = trimmed(text.substr(close + 1));
    if (!text.empty()) {
      if (text[0] != ',') {
        return std::nullopt;
      }
      text = trimmed(text.substr(1));
    }
  }
  return all;
}

/// GVariant's text format, as far as properties of units take it.
std::optional<DbusValue> parse_value(std::string_view text) {
  text = trimmed(text);
  if (text == "true" || text == "false") {
    return DbusValue::boolean(text == "true");
  }
  if (const auto string = quoted(text)) {
    return DbusValue::string(*string);
  }
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') {
    return strings(text);
  }
  const char* type = "i";  // GVariant's default
  for (const auto& [word, signature] : number_types) {
    if (text.starts_with(word) && text.size() > word.size() &&
        text[word.size()] == ' ') {
      text = trimmed(text.substr(word.size()));
      type = signature;
      break;
    }
  }
  const auto number = whole_number(text);
  return number ? std::optional(DbusValue{.signature = type, .number = *number})
                : std::nullopt;
}

/// "0-2,7" as systemd's bit mask, least significant byte first.
DbusValue bit_mask(const std::string& list) {
  std::vector<DbusValue> bytes;
  const char* at = list.data();
  const char* end = at + list.size();
  while (at < end) {
    unsigned first = 0;
    auto read = std::from_chars(at, end, first);
    unsigned last = first;
    if (read.ec != std::errc{}) {
      break;
    }
    if (read.ptr < end && *read.ptr == '-') {
      read = std::from_chars(read.ptr + 1, end, last);
    }
    for (unsigned bit = first; bit <= last && bit < 8192; ++bit) {
      while (bytes.size() <= bit / 8) {
        bytes.push_back({.signature = "y"});
      }
      bytes[bit / 8].number |= 1U << (bit % 8);
    }
    at = read.ptr + 1;
  }
  return DbusValue::array("y", std::move(bytes));
}

/// The time per second; systemd wants it in steps of 10 ms.
std::uint64_t cpu_per_second(std::int64_t quota, std::uint64_t period) {
  if (quota <= 0) {
    return ~std::uint64_t{0};
  }
  constexpr std::uint64_t step = 10'000;
  const std::uint64_t microseconds =
      static_cast<std::uint64_t>(quota) * 1'000'000 / period;
  return (microseconds + step - 1) / step * step;
}

std::uint64_t bytes_or_none(std::int64_t value) {
  return value < 0 ? ~std::uint64_t{0} : static_cast<std::uint64_t>(value);
}

class Limits {
 public:
  void number(const char* name, std::uint64_t value) {
    all_.push_back(systemd_property(name, DbusValue::uint64(value)));
  }
  void mask(const char* name, const std::string& list) {
    if (!list.empty()) {
      all_.push_back(systemd_property(name, bit_mask(list)));
    }
  }
  [[nodiscard]] std::vector<DbusValue> done() { return std::move(all_); }

 private:
  std::vector<DbusValue> all_;
};

void add_v2(const Resources& r, Limits& all) {
  if (r.memory_limit) {
    all.number("MemoryMax", bytes_or_none(*r.memory_limit));
  }
  if (r.memory_reservation) {
    all.number("MemoryLow", bytes_or_none(*r.memory_reservation));
  }
  if (r.memory_swap && *r.memory_swap < 0) {
    all.number("MemorySwapMax", ~std::uint64_t{0});
  } else if (r.memory_swap && r.memory_limit.value_or(-1) > 0) {
    all.number("MemorySwapMax",
               bytes_or_none(*r.memory_swap - *r.memory_limit));
  }
  if (r.cpu_shares.value_or(0) != 0) {
    all.number("CPUWeight", cpu_weight_of_shares(*r.cpu_shares));
  }
  all.mask("AllowedCPUs", r.cpuset_cpus);
  all.mask("AllowedMemoryNodes", r.cpuset_mems);
}

void add_v1(const Resources& r, Limits& all) {
  if (r.memory_limit) {
    all.number("MemoryLimit", bytes_or_none(*r.memory_limit));
  }
  if (r.cpu_shares.value_or(0) != 0) {
    all.number("CPUShares", *r.cpu_shares);
  }
  if (r.io_weight.value_or(0) != 0) {
    all.number("BlockIOWeight", *r.io_weight);
  }
}

}  // namespace

DbusValue systemd_property(const std::string& name, DbusValue value) {
  return DbusValue::structure(
      {DbusValue::string(name), DbusValue::variant(std::move(value))});
}

std::expected<DbusValue, std::string> parse_systemd_property(
    const std::string& name, const std::string& value) {
  const bool letters =
      name.size() > 2 && name.find_first_not_of(
                             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuv"
                             "wxyz0123456789") == std::string::npos;
  if (!letters) {
    return std::unexpected("\"" + name + "\" is not the name of a property");
  }
  auto parsed = parse_value(value);
  if (!parsed) {
    return std::unexpected("\"" + value + "\" is not a value");
  }
  if (!name.ends_with("Sec") || name.ends_with("USec")) {
    return systemd_property(name, *std::move(parsed));
  }
  const bool number = parsed->signature != "s" && parsed->signature != "b" &&
                      parsed->items.empty();
  if (!number) {
    return std::unexpected("\"" + value + "\" is not a number of seconds");
  }
  return systemd_property(name.substr(0, name.size() - 3) + "USec",
                          DbusValue::uint64(parsed->number * 1'000'000));
}

std::vector<DbusValue> systemd_limits(const Resources& r, Version version) {
  Limits all;
  if (version == Version::v2) {
    add_v2(r, all);
  } else {
    add_v1(r, all);
  }
  if (r.cpu_quota || r.cpu_period) {
    const std::uint64_t period = r.cpu_period.value_or(100'000);
    if (period != 0) {
      all.number("CPUQuotaPeriodUSec", period);
      all.number("CPUQuotaPerSecUSec",
                 cpu_per_second(r.cpu_quota.value_or(-1), period));
    }
  }
  if (r.pids_limit) {
    all.number("TasksMax",
               bytes_or_none(*r.pids_limit == 0 ? 1 : *r.pids_limit));
  }
  return all.done();
}

}  // namespace docker_cpp::cgroups
