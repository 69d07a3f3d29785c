// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <string>
#include <utility>

#include "docker_cpp/cgroups/cgroup.hpp"
#include "docker_cpp/sys/trace.hpp"

namespace docker_cpp::oci {

/// A cgroup that is gone again unless somebody takes it.
class NewCgroup {
 public:
  NewCgroup(const std::string& path, const cgroups::Resources& resources)
      : cgroup_(make(path, resources)) {}
  ~NewCgroup() {
    if (taken_) {
      return;
    }
    try {
      cgroup_.remove();
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
      // The reason to be here is the better message.
    }
  }
  NewCgroup(const NewCgroup&) = delete;
  NewCgroup& operator=(const NewCgroup&) = delete;
  NewCgroup(NewCgroup&&) = delete;
  NewCgroup& operator=(NewCgroup&&) = delete;

  [[nodiscard]] const cgroups::Cgroup& get() const { return cgroup_; }
  [[nodiscard]] cgroups::Cgroup take() {
    taken_ = true;
    return std::move(cgroup_);
  }

 private:
  static cgroups::Cgroup make(const std::string& path,
                              const cgroups::Resources& resources) {
    const sys::TraceStep trace("make the cgroup and set its limits");
    return cgroups::Cgroup::create(path, resources);
  }

  cgroups::Cgroup cgroup_;
  bool taken_ = false;
};

/// Everything is denied first; what every container may use is allowed last,
/// so that no list can leave a container without /dev/null.
inline cgroups::Resources with_default_devices(cgroups::Resources resources) {
  for (cgroups::DeviceRule& rule : cgroups::default_device_rules()) {
    resources.devices.push_back(std::move(rule));
  }
  return resources;
}

}  // namespace docker_cpp::oci
