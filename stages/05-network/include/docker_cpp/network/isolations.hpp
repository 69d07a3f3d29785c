// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "docker_cpp/namespaces/isolation.hpp"
#include "docker_cpp/network/bridge_network.hpp"

namespace docker_cpp::network {

/// Brings up `lo` and nothing else: `--network none`. Wants Kind::network
/// among the new namespaces.
class LoopbackUp final : public namespaces::Isolation {
 public:
  [[nodiscard]] const char* name() const noexcept override;
  [[nodiscard]] sys::Result<void> in_child() const noexcept override;
};

/// Connects the child's network namespace to a bridge while the child waits.
/// Wants Kind::network among the new namespaces.
class VethEndpoint final : public namespaces::Isolation {
 public:
  VethEndpoint(BridgeNetwork& network, EndpointRequest request)
      : network_(network), request_(std::move(request)) {}

  [[nodiscard]] const char* name() const noexcept override;
  void from_parent(const namespaces::ChildHandle& child) override;

  /// What the child got; valid once Process::start has returned.
  [[nodiscard]] const EndpointInfo& info() const noexcept { return info_; }

 private:
  BridgeNetwork& network_;
  EndpointRequest request_;
  EndpointInfo info_;
};

}  // namespace docker_cpp::network
