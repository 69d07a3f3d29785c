// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/security/capabilities.hpp"

#include <sys/prctl.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>

#include <sys/capability.h>

namespace docker_cpp::security {
namespace {

constexpr CapabilityMask bit(int capability) noexcept {
  return CapabilityMask{1} << static_cast<unsigned>(capability);
}

constexpr CapabilityMask docker_default =
    bit(CAP_CHOWN) | bit(CAP_DAC_OVERRIDE) | bit(CAP_FSETID) | bit(CAP_FOWNER) |
    bit(CAP_MKNOD) | bit(CAP_NET_RAW) | bit(CAP_SETGID) | bit(CAP_SETUID) |
    bit(CAP_SETFCAP) | bit(CAP_SETPCAP) | bit(CAP_NET_BIND_SERVICE) |
    bit(CAP_SYS_CHROOT) | bit(CAP_KILL) | bit(CAP_AUDIT_WRITE);
static_assert(std::popcount(docker_default) == 14);

}  // namespace

CapabilityMask all_capabilities() {
  return ~CapabilityMask{0} >> (64 - ::cap_max_bits());
}

CapabilityMask grantable_capabilities(CapabilityMask among) {
  CapabilityMask held = 0;
  for (int one = 0; one < ::cap_max_bits(); ++one) {
    // Each question is a system call, and a container asks for a few.
    if ((among & bit(one)) != 0 && ::prctl(PR_CAPBSET_READ, one) == 1) {
      held |= bit(one);
    }
  }
  return held;
}

CapabilityMask default_capabilities() {
  return docker_default;
}

std::expected<CapabilityMask, std::string> parse_capability(
    std::string_view name) {
  std::string low(name);
  std::ranges::transform(low, low.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  if (low == "all" || low == "cap_all") {
    return all_capabilities();
  }
  if (!low.starts_with("cap_")) {
    low.insert(0, "cap_");
  }
  cap_value_t number = 0;
  // libcap also reads bare numbers, which Docker does not.
  const bool digits = low.size() > 4 && std::isdigit(low[4]) != 0;
  if (digits || ::cap_from_name(low.c_str(), &number) != 0) {
    return std::unexpected("invalid capability: \"" + std::string(name) + "\"");
  }
  return bit(number);
}

std::vector<std::string> capability_names(CapabilityMask mask) {
  std::vector<std::string> names;
  for (int one = 0; one < 64; ++one) {
    if ((mask & bit(one)) == 0) {
      continue;
    }
    if (char* low = ::cap_to_name(one)) {
      std::string name(low);
      ::cap_free(low);
      std::ranges::transform(name, name.begin(), [](unsigned char c) {
        return static_cast<char>(std::toupper(c));
      });
      names.push_back(std::move(name));
    }
  }
  return names;
}

std::expected<CapabilityMask, std::string> adjust_capabilities(
    CapabilityMask base, const std::vector<std::string>& add,
    const std::vector<std::string>& drop) {
  const CapabilityMask all = all_capabilities();
  CapabilityMask added = 0;
  CapabilityMask dropped = 0;
  for (const std::string& name : drop) {
    const auto one = parse_capability(name);
    if (!one) {
      return one;
    }
    dropped |= *one;
  }
  for (const std::string& name : add) {
    const auto one = parse_capability(name);
    if (!one) {
      return one;
    }
    added |= *one;
  }
  // "All but these" and "none but those" read the two lists differently.
  if (added == all) {
    return dropped == all ? 0 : all & ~dropped;
  }
  return (base & ~dropped) | added;
}

BoundingSet::BoundingSet(CapabilityMask keep)
    : drop_(all_capabilities() & ~keep) {}

const char* BoundingSet::name() const noexcept {
  return "drop capabilities for good";
}

Capabilities::Capabilities(const CapabilitySets& sets) : sets_(sets) {
  const CapabilityMask grantable =
      grantable_capabilities(sets.permitted | sets.inheritable);
  sets_.permitted &= grantable;
  sets_.effective &= sets_.permitted;
  sets_.inheritable &= grantable;
  // Ambient ones must be both permitted and inheritable: capabilities(7).
  sets_.ambient &= sets_.permitted & sets_.inheritable;
}

const char* Capabilities::name() const noexcept {
  return "take on capabilities";
}

}  // namespace docker_cpp::security
