// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "docker_cpp/namespaces/isolation.hpp"

namespace docker_cpp::security {

/// Whether this kernel runs SELinux with a policy loaded.
[[nodiscard]] bool selinux_enabled();

/// The label of the program from exec on, and of the keyrings made from here
/// on. Acts while the host's /proc is still in sight. \man{selinux,8}
class SelinuxLabel final : public namespaces::Isolation {
 public:
  explicit SelinuxLabel(const std::string& label);

  [[nodiscard]] const char* name() const noexcept override;
  [[nodiscard]] sys::Result<void> in_child() const noexcept override;

 private:
  std::string doing_;
  std::string label_;
};

}  // namespace docker_cpp::security
