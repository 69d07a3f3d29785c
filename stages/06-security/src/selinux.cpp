// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/security/selinux.hpp"

#include <sys/statfs.h>

namespace docker_cpp::security {

bool selinux_enabled() {
  constexpr long selinux_magic = 0xf97cff8c;
  struct statfs info{};
  return ::statfs("/sys/fs/selinux", &info) == 0 &&
         info.f_type == selinux_magic;
}

SelinuxLabel::SelinuxLabel(const std::string& label)
    : doing_("apply the SELinux label " + label), label_(label) {}

const char* SelinuxLabel::name() const noexcept {
  return doing_.c_str();
}

}  // namespace docker_cpp::security
