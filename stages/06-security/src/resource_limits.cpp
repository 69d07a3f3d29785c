// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/security/resource_limits.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include <sys/capability.h>

namespace docker_cpp::security {
namespace {

struct ResourceName {
  std::string_view name;
  int number;
};

constexpr std::array resources = {
    ResourceName{"as", RLIMIT_AS},
    ResourceName{"core", RLIMIT_CORE},
    ResourceName{"cpu", RLIMIT_CPU},
    ResourceName{"data", RLIMIT_DATA},
    ResourceName{"fsize", RLIMIT_FSIZE},
    ResourceName{"locks", RLIMIT_LOCKS},
    ResourceName{"memlock", RLIMIT_MEMLOCK},
    ResourceName{"msgqueue", RLIMIT_MSGQUEUE},
    ResourceName{"nice", RLIMIT_NICE},
    ResourceName{"nofile", RLIMIT_NOFILE},
    ResourceName{"nproc", RLIMIT_NPROC},
    ResourceName{"rss", RLIMIT_RSS},
    ResourceName{"rtprio", RLIMIT_RTPRIO},
    ResourceName{"rttime", RLIMIT_RTTIME},
    ResourceName{"sigpending", RLIMIT_SIGPENDING},
    ResourceName{"stack", RLIMIT_STACK},
};

bool may_raise() {
  cap_t own = ::cap_get_proc();
  cap_flag_value_t held = CAP_CLEAR;
  ::cap_get_flag(own, CAP_SYS_RESOURCE, CAP_EFFECTIVE, &held);
  ::cap_free(own);
  return held == CAP_SET;
}

}  // namespace

std::expected<int, std::string> parse_resource(std::string_view name) {
  std::string low(name);
  std::ranges::transform(low, low.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  const std::string_view bare =
      low.starts_with("rlimit_") ? std::string_view(low).substr(7) : low;
  for (const ResourceName& known : resources) {
    if (known.name == bare) {
      return known.number;
    }
  }
  return std::unexpected("invalid ulimit type: " + std::string(name));
}

bool clamp_to_grantable(ResourceLimit& limit) {
  rlimit own{};
  if (may_raise() ||
      ::getrlimit(static_cast<__rlimit_resource>(limit.resource), &own) != 0 ||
      limit.hard <= own.rlim_max) {
    return false;
  }
  limit.hard = own.rlim_max;
  limit.soft = std::min(limit.soft, limit.hard);
  return true;
}

ResourceLimits::ResourceLimits(std::vector<ResourceLimit> limits)
    : limits_(std::move(limits)) {}

const char* ResourceLimits::name() const noexcept {
  return "set resource limits";
}

}  // namespace docker_cpp::security
