// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "docker_cpp/namespaces/isolation.hpp"
#include "docker_cpp/oci/spec.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::oci {

/// Network links of the host's that become the container's: moved, renamed,
/// brought up, and with the addresses they had (the kernel drops those when a
/// link changes its namespace). They are not moved back: with the container's
/// network namespace, hardware returns to the host by itself.
/// \oci{runtime,config-linux,network-devices}
class NetDevices final : public namespaces::Isolation {
 public:
  /// `existing` is the namespace's path, or empty: the child's own.
  NetDevices(const std::vector<NetDevice>& devices,
             const std::string& existing);

  [[nodiscard]] const char* name() const noexcept override;
  void from_parent(const namespaces::ChildHandle& child) override;
  [[nodiscard]] sys::Result<void> in_child() const noexcept override;

 private:
  struct Link {
    NetDevice device;
    unsigned index = 0;  ///< on the host
    /// RTM_NEWADDR messages, ready but for the index, which is not known
    /// before the link is there.
    std::vector<std::string> addresses;
    std::string doing;
  };

  std::vector<Link> links_;
  sys::UniqueFd existing_;
};

}  // namespace docker_cpp::oci
