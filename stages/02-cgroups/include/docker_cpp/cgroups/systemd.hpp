// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <expected>
#include <map>
#include <string>

#include "docker_cpp/cgroups/hierarchies.hpp"
#include "docker_cpp/cgroups/resources.hpp"
#include "docker_cpp/namespaces/isolation.hpp"

/// Cgroups that systemd makes: on a host where it manages the tree, a folder
/// that it does not know of may be cleared away. A container is a scope, a
/// unit whose processes somebody else has started.
/// \man{systemd.scope,5}
namespace docker_cpp::cgroups {

struct SystemdUnit {
  std::string slice;  ///< "system.slice"
  std::string name;   ///< "docker-0123.scope"
  std::string description;
  /// Further properties by name, as GVariant text: "TimeoutStopUSec", "uint64
  /// 5000000". What annotations org.systemd.property.* say.
  std::map<std::string, std::string> properties;

  /// Where its cgroup is: a slice "a-b.slice" is in "a.slice".
  [[nodiscard]] std::string cgroup_path() const;
};

/// The unit that `slice:prefix:name` means, runc's notation of a cgroupsPath;
/// empty: system.slice, and the id as the name.
/// \return or a sentence on what is wrong with it
[[nodiscard]] std::expected<SystemdUnit, std::string> parse_systemd_unit(
    const std::string& cgroups_path, const std::string& id);

/// Whether a property can be sent; else a sentence. Names that end in "Sec"
/// take a number of seconds and become microseconds, as in unit files.
[[nodiscard]] std::expected<void, std::string> check_systemd_property(
    const std::string& name, const std::string& value);

/// Has systemd make the scope around the child, and limits it. First among the
/// isolations. The limits are told to systemd, and those that it has no words
/// for are written as well.
class SystemdScope final : public namespaces::Isolation {
 public:
  SystemdScope(SystemdUnit unit, Resources resources);

  [[nodiscard]] const char* name() const noexcept override;
  void from_parent(const namespaces::ChildHandle& child) override;

 private:
  SystemdUnit unit_;
  Resources resources_;
};

/// Tells systemd of changed limits, so that it does not put back the old ones.
/// \throws Error
void update_systemd_unit(const std::string& name, const Resources& resources);

/// Ends a unit and forgets that it failed; nothing happens when there is none.
/// \throws Error
void stop_systemd_unit(const std::string& name);

}  // namespace docker_cpp::cgroups
