// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace docker_cpp::cgroups {

/// How the machine has its controllers mounted.
enum class Version : std::uint8_t {
  v1,      ///< each in a hierarchy of its own
  hybrid,  ///< the same, and a v2 tree without controllers beside them
  v2       ///< one tree
};

/// One mounted tree of cgroups. \man{cgroups,7}
struct Hierarchy {
  std::string mount_point;
  bool unified = false;                  ///< cgroup v2
  std::vector<std::string> controllers;  ///< of v1; "name=x" for a named one
};

/// Whether it is the v1 hierarchy of a controller.
[[nodiscard]] bool has(const Hierarchy& hierarchy, std::string_view controller);

/// The trees of this machine.
class Hierarchies {
 public:
  /// Reads where they are mounted. \throws Error when there are none
  static Hierarchies detect();
  /// The same from the text of a mountinfo file. \man{proc_pid_mountinfo,5}
  static Hierarchies from_mountinfo(std::string_view text);

  [[nodiscard]] Version version() const noexcept { return version_; }
  [[nodiscard]] const std::vector<Hierarchy>& all() const& { return all_; }
  [[nodiscard]] std::vector<Hierarchy> all() && { return std::move(all_); }

 private:
  Version version_ = Version::v1;
  std::vector<Hierarchy> all_;
};

}  // namespace docker_cpp::cgroups
