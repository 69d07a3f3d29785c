// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace docker_cpp::cgroups {

/// One entry of OCI `linux.resources.devices`.
/// \oci{runtime,config-linux,configLinuxDeviceAllowedlist}
struct DeviceRule {
  bool allow = false;
  char type = 'a';                    ///< 'a' all, 'b' block, 'c' character
  std::optional<std::int64_t> major;  ///< none: any
  std::optional<std::int64_t> minor;
  std::string access = "rwm";  ///< of r (read), w (write), m (mknod)
};

/// What each container may use, whatever its list says: making any node, and
/// null, zero, full, random, urandom, tty, console, ptmx and the pts.
/// \oci{runtime,config-linux,configLinuxDefaultDevices}
[[nodiscard]] std::vector<DeviceRule> default_device_rules();

/// A list of rules boiled down to what the kernel can hold: one answer for all
/// devices, and the exceptions from it. Both backends are fed from this, so
/// that v1 and v2 decide alike.
class DeviceList {
 public:
  enum Access : std::uint8_t { may_mknod = 1, may_read = 2, may_write = 4 };

  struct Device {
    char type;           ///< 'b' or 'c'
    std::int64_t major;  ///< -1: any
    std::int64_t minor;  ///< -1: any
    friend auto operator<=>(const Device&, const Device&) = default;
  };

  /// Everything denied, then the rules in their order.
  /// \return or a sentence on the rule that cannot be obeyed: a rule that is
  ///   malformed, or one that takes back a part of a wider rule, which the
  ///   kernel would silently ignore
  [[nodiscard]] static std::expected<DeviceList, std::string> from_rules(
      const std::vector<DeviceRule>& rules);

  [[nodiscard]] bool allows_all_but() const noexcept { return allow_; }
  [[nodiscard]] const std::map<Device, std::uint8_t>& exceptions() const {
    return exceptions_;
  }

 private:
  [[nodiscard]] std::expected<void, std::string> add(const DeviceRule& rule);
  [[nodiscard]] std::expected<void, std::string> add_both_types(
      DeviceRule rule);
  [[nodiscard]] std::expected<void, std::string> take_back(const Device& device,
                                                           std::uint8_t access);

  bool allow_ = false;
  std::map<Device, std::uint8_t> exceptions_;  ///< bits of Access
};

/// "rwm" as bits of DeviceList::Access, and back; nothing for other letters.
[[nodiscard]] std::optional<std::uint8_t> parse_device_access(
    const std::string& letters);
[[nodiscard]] std::string device_access_letters(std::uint8_t bits);

}  // namespace docker_cpp::cgroups
