// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "docker_cpp/namespaces/isolation.hpp"

namespace docker_cpp::security {

/// Whether this kernel enforces AppArmor.
[[nodiscard]] bool apparmor_enabled();

/// Confines the program from exec on. Acts while the host's /proc is still in
/// sight, so that nothing of the container can stand in its place.
class AppArmorProfile final : public namespaces::Isolation {
 public:
  explicit AppArmorProfile(const std::string& profile);

  [[nodiscard]] const char* name() const noexcept override;
  [[nodiscard]] sys::Result<void> in_child() const noexcept override;

 private:
  std::string doing_;
  std::string command_;
};

}  // namespace docker_cpp::security
