// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/namespaces/isolation.hpp"

namespace docker_cpp::security {

/// One limit of \man{getrlimit,2}; all ones means unlimited.
struct ResourceLimit {
  int resource;
  std::uint64_t soft;
  std::uint64_t hard;
};

/// "nofile" or "RLIMIT_NOFILE" to the kernel's number.
[[nodiscard]] std::expected<int, std::string> parse_resource(
    std::string_view name);

/// Lowers the limit to what this process may grant: without CAP_SYS_RESOURCE
/// no hard limit can be raised. \returns whether it had to be lowered
bool clamp_to_grantable(ResourceLimit& limit);

/// Limits per process. Goes before the capabilities are dropped.
class ResourceLimits final : public namespaces::Isolation {
 public:
  explicit ResourceLimits(std::vector<ResourceLimit> limits);

  [[nodiscard]] const char* name() const noexcept override;
  [[nodiscard]] sys::Result<void> in_child() const noexcept override;

 private:
  std::vector<ResourceLimit> limits_;
};

}  // namespace docker_cpp::security
