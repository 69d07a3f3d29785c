// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/namespaces/isolation.hpp"

/// Pieces of root's power. \man{capabilities,7}
namespace docker_cpp::security {

/// A set of capabilities, bit n standing for capability number n.
using CapabilityMask = std::uint64_t;

/// "CAP_NET_RAW", "net_raw" or "ALL", as `--cap-add` takes them.
[[nodiscard]] std::expected<CapabilityMask, std::string> parse_capability(
    std::string_view name);

/// The names in a mask, "CAP_CHOWN" first.
[[nodiscard]] std::vector<std::string> capability_names(CapabilityMask mask);

/// All that this kernel knows.
[[nodiscard]] CapabilityMask all_capabilities();

/// All that this process may pass on: its bounding set.
[[nodiscard]] CapabilityMask grantable_capabilities(
    CapabilityMask among = ~CapabilityMask{0});

/// The 14 that a container has unless told otherwise.
[[nodiscard]] CapabilityMask default_capabilities();

/// What `--cap-add` and `--cap-drop` make of the default. ALL among the added
/// starts from everything, ALL among the dropped from nothing.
[[nodiscard]] std::expected<CapabilityMask, std::string> adjust_capabilities(
    CapabilityMask base, const std::vector<std::string>& add,
    const std::vector<std::string>& drop);

struct CapabilitySets {
  CapabilityMask bounding = 0;
  CapabilityMask effective = 0;
  CapabilityMask permitted = 0;
  CapabilityMask inheritable = 0;
  CapabilityMask ambient = 0;

  /// The same mask wherever a container's root needs it; inheritable and
  /// ambient stay empty, as they must.
  static CapabilitySets of(CapabilityMask mask) noexcept {
    return {.bounding = mask, .effective = mask, .permitted = mask};
  }
};

/// Sheds what no program of the container shall ever regain. Goes before the
/// user changes, since dropping needs CAP_SETPCAP.
class BoundingSet final : public namespaces::Isolation {
 public:
  explicit BoundingSet(CapabilityMask keep);

  [[nodiscard]] const char* name() const noexcept override;
  [[nodiscard]] sys::Result<void> in_child() const noexcept override;

 private:
  std::uint64_t drop_;
};

/// Takes on exactly these sets; what cannot be granted is left out, as the
/// OCI specification asks. Goes after the user changed.
class Capabilities final : public namespaces::Isolation {
 public:
  explicit Capabilities(const CapabilitySets& sets);

  [[nodiscard]] const char* name() const noexcept override;
  [[nodiscard]] sys::Result<void> in_child() const noexcept override;

 private:
  CapabilitySets sets_;
};

}  // namespace docker_cpp::security
