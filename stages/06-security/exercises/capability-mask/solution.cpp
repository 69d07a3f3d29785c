// SPDX-License-Identifier: Apache-2.0
#include <cctype>
#include <map>
#include <optional>

#include "exercise.hpp"

namespace {

std::optional<std::uint64_t> bits_of(std::string name) {
  static const std::map<std::string, std::uint64_t> known = {
      {"ALL", every_bit},
      {"CHOWN", chown_bit},
      {"NET_RAW", net_raw_bit},
      {"SYS_ADMIN", sys_admin_bit}};
  for (char& c : name) {
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  if (name.starts_with("CAP_")) {
    name.erase(0, 4);
  }
  const auto found = known.find(name);
  return found == known.end() ? std::nullopt : std::optional(found->second);
}

std::expected<std::uint64_t, std::string> all_of(
    const std::vector<std::string>& names) {
  std::uint64_t mask = 0;
  for (const std::string& name : names) {
    const auto bits = bits_of(name);
    if (!bits) {
      return std::unexpected("unknown capability: " + name);
    }
    mask |= *bits;
  }
  return mask;
}

}  // namespace

std::expected<std::uint64_t, std::string> capability_mask(
    const std::vector<std::string>& add, const std::vector<std::string>& drop) {
  const auto added = all_of(add);
  const auto dropped = all_of(drop);
  if (!added || !dropped) {
    return added ? dropped : added;
  }
  // "ALL" first, single names after it: whichever option came first.
  if (*dropped == every_bit) {
    return *added;
  }
  if (*added == every_bit) {
    return every_bit & ~*dropped;
  }
  return (default_mask & ~*dropped) | *added;
}
