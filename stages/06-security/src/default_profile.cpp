// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>

#include <array>
#include <string>

#include "default_profile_tables.hpp"

#include "docker_cpp/security/seccomp_profile.hpp"

namespace docker_cpp::security {
namespace {

constexpr const char* allow = "SCMP_ACT_ALLOW";

/// CLONE_NEW… of all namespaces but time: what clone may not be asked for.
constexpr std::uint64_t namespace_flags = 0x7E020000;
constexpr unsigned enosys = 38;

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> all;
  while (!text.empty()) {
    const std::size_t blank = text.find(' ');
    all.emplace_back(text.substr(0, blank));
    text = blank == std::string_view::npos ? "" : text.substr(blank + 1);
  }
  return all;
}

SeccompRule allow_when(const char* name, SeccompArgument argument) {
  return {.names = {name}, .action = allow, .arguments = {std::move(argument)}};
}

SeccompArgument argument(unsigned index, const char* op, std::uint64_t value) {
  return {.index = index, .op = op, .value = value};
}

/// All address families but AF_ALG (38) and AF_VSOCK (40), which reach into
/// the kernel's crypto and out of a virtual machine.
void allow_sockets(std::vector<SeccompRule>& rules) {
  rules.push_back(allow_when("socket", argument(0, "SCMP_CMP_LT", AF_ALG)));
  rules.push_back(allow_when("socket", argument(0, "SCMP_CMP_EQ", AF_ALG + 1)));
  rules.push_back(allow_when("socket", argument(0, "SCMP_CMP_GT", AF_VSOCK)));
}

void allow_personalities(std::vector<SeccompRule>& rules) {
  // PER_LINUX, PER_LINUX32, both with UNAME26, and "only ask": personality(2)
  constexpr std::array<std::uint64_t, 5> known = {0x0, 0x8, 0x20000, 0x20008,
                                                  0xFFFFFFFF};
  for (const std::uint64_t one : known) {
    rules.push_back(allow_when("personality", argument(0, "SCMP_CMP_EQ", one)));
  }
}

/// Without CAP_SYS_ADMIN: no new namespaces. clone3 hides its flags behind a
/// pointer, so it is said not to exist, and the C library uses clone.
void restrict_clone(std::vector<SeccompRule>& rules) {
  rules.push_back(allow_when("clone", {.index = 0,
                                       .op = "SCMP_CMP_MASKED_EQ",
                                       .value = namespace_flags,
                                       .value_two = 0}));
  rules.push_back({.names = {"clone3"},
                   .action = "SCMP_ACT_ERRNO",
                   .errno_return = enosys,
                   .arguments = {}});
}

}  // namespace

SeccompProfile default_profile(CapabilityMask capabilities) {
  SeccompProfile profile;
  profile.default_errno_return = 1;
  profile.architectures = {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86",
                           "SCMP_ARCH_X32"};
  profile.rules.push_back({.names = words(tables::always_allowed),
                           .action = allow,
                           .errno_return = {},
                           .arguments = {}});
  allow_sockets(profile.rules);
  allow_personalities(profile.rules);
  const auto holds = [&](std::string_view name) {
    return (capabilities & parse_capability(name).value_or(0)) != 0;
  };
  for (const tables::CapabilityCalls& more : tables::with_capability) {
    if (holds(more.capability)) {
      profile.rules.push_back({.names = words(more.calls),
                               .action = allow,
                               .errno_return = {},
                               .arguments = {}});
    }
  }
  if (!holds("CAP_SYS_ADMIN")) {
    restrict_clone(profile.rules);
  }
  return profile;
}

}  // namespace docker_cpp::security
