// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/security/apparmor.hpp"

#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::security {

bool apparmor_enabled() {
  const auto answer = sys::read_file("/sys/module/apparmor/parameters/enabled");
  return answer && answer->starts_with('Y');
}

AppArmorProfile::AppArmorProfile(const std::string& profile)
    : doing_("apply the AppArmor profile " + profile),
      command_("exec " + profile) {}

const char* AppArmorProfile::name() const noexcept {
  return doing_.c_str();
}

}  // namespace docker_cpp::security
