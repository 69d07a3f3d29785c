// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/cgroups/device_rule.hpp"

#include <utility>

namespace docker_cpp::cgroups {
namespace {

constexpr std::uint8_t full_access = 7;

bool covers(std::int64_t wide, std::int64_t narrow) {
  return wide == -1 || wide == narrow;
}

bool covers(const DeviceList::Device& wide, const DeviceList::Device& narrow) {
  return wide.type == narrow.type && covers(wide.major, narrow.major) &&
         covers(wide.minor, narrow.minor);
}

bool meet(const DeviceList::Device& a, const DeviceList::Device& b) {
  const auto touch = [](std::int64_t one, std::int64_t other) {
    return covers(one, other) || covers(other, one);
  };
  return a.type == b.type && touch(a.major, b.major) && touch(a.minor, b.minor);
}

/// -1 for whatever means any.
std::int64_t number(const std::optional<std::int64_t>& value) {
  return value.value_or(-1) < 0 ? -1 : *value;
}

std::string name_of(const DeviceRule& rule) {
  const auto text = [](const std::optional<std::int64_t>& value) {
    return value.value_or(-1) < 0 ? std::string("*") : std::to_string(*value);
  };
  return std::string(rule.allow ? "allow " : "deny ") + rule.type + " " +
         text(rule.major) + ":" + text(rule.minor) + " " + rule.access;
}

}  // namespace

std::optional<std::uint8_t> parse_device_access(const std::string& letters) {
  std::uint8_t bits = 0;
  for (const char letter : letters) {
    switch (letter) {
      case 'm':
        bits |= DeviceList::may_mknod;
        break;
      case 'r':
        bits |= DeviceList::may_read;
        break;
      case 'w':
        bits |= DeviceList::may_write;
        break;
      default:
        return std::nullopt;
    }
  }
  return bits;
}

std::string device_access_letters(std::uint8_t bits) {
  std::string letters;
  if ((bits & DeviceList::may_read) != 0) {
    letters += 'r';
  }
  if ((bits & DeviceList::may_write) != 0) {
    letters += 'w';
  }
  if ((bits & DeviceList::may_mknod) != 0) {
    letters += 'm';
  }
  return letters;
}

std::vector<DeviceRule> default_device_rules() {
  std::vector<DeviceRule> rules = {
      {.allow = true, .type = 'c', .access = "m"},
      {.allow = true, .type = 'b', .access = "m"},
      {.allow = true, .type = 'c', .major = 136}};  // /dev/pts/*
  struct Node {
    int major;
    int minor;
  };
  // null, zero, full, random, urandom, tty, console, ptmx
  for (const Node& node : {Node{1, 3}, Node{1, 5}, Node{1, 7}, Node{1, 8},
                           Node{1, 9}, Node{5, 0}, Node{5, 1}, Node{5, 2}}) {
    rules.push_back(
        {.allow = true, .type = 'c', .major = node.major, .minor = node.minor});
  }
  return rules;
}

std::expected<DeviceList, std::string> DeviceList::from_rules(
    const std::vector<DeviceRule>& rules) {
  DeviceList list;
  for (const DeviceRule& rule : rules) {
    if (const auto added = list.add(rule); !added) {
      return std::unexpected("rule \"" + name_of(rule) +
                             "\": " + added.error());
    }
  }
  return list;
}

std::expected<void, std::string> DeviceList::add(const DeviceRule& rule) {
  const auto access = parse_device_access(rule.access);
  if (!access || *access == 0) {
    return std::unexpected("access is made of the letters r, w and m");
  }
  const Device device{.type = rule.type,
                      .major = number(rule.major),
                      .minor = number(rule.minor)};
  if (rule.type == 'a') {
    if (device.major == -1 && device.minor == -1 && *access == full_access) {
      allow_ = rule.allow;
      exceptions_.clear();
      return {};
    }
    return add_both_types(rule);
  }
  if (rule.type != 'b' && rule.type != 'c') {
    return std::unexpected("the type is a, b or c");
  }
  if (rule.allow == allow_) {
    return take_back(device, *access);
  }
  exceptions_[device] |= *access;
  return {};
}

std::expected<void, std::string> DeviceList::add_both_types(DeviceRule rule) {
  for (const char type : {'b', 'c'}) {
    rule.type = type;
    if (const auto added = add(rule); !added) {
      return added;
    }
  }
  return {};
}

std::expected<void, std::string> DeviceList::take_back(const Device& device,
                                                       std::uint8_t access) {
  for (auto entry = exceptions_.begin(); entry != exceptions_.end();) {
    auto& [exception, bits] = *entry;
    if (covers(device, exception)) {
      bits &= static_cast<std::uint8_t>(~access);
    } else if (meet(device, exception) && (bits & access) != 0) {
      return std::unexpected(
          "it takes back a part of an earlier, wider rule, which the kernel "
          "cannot express; list what is wanted instead");
    }
    entry = bits == 0 ? exceptions_.erase(entry) : std::next(entry);
  }
  return {};
}

}  // namespace docker_cpp::cgroups
