// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "docker_cpp/cgroups/cgroup.hpp"
#include "docker_cpp/oci/assemble.hpp"
#include "docker_cpp/oci/spec.hpp"

// The cgroup of a container in the making.
namespace docker_cpp::oci {

/// A cgroup that is gone again unless somebody takes it.
class NewCgroup {
 public:
  NewCgroup(const std::string& path, const cgroups::Resources& resources)
      : cgroup_(cgroups::Cgroup::create(path, resources)) {}
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
  cgroups::Cgroup cgroup_;
  bool taken_ = false;
};

/// With its limits. Null where it does without: an ordinary user's container,
/// or any if nobody is to make one; unless it is to be limited.
[[nodiscard]] std::unique_ptr<NewCgroup> make_cgroup(const Spec& spec,
                                                     const std::string& id,
                                                     CgroupUse use);

/// What a container sees of a cgroup that systemd makes later: its path, or
/// nothing where the root of its cgroup namespace is it.
[[nodiscard]] std::string visible_cgroup(const cgroups::SystemdUnit& unit);

/// Gives a cgroup of version 2 to the container's user, where it is to be
/// written from inside. \oci{runtime,config-linux,cgroup-ownership}
void delegate(const cgroups::Cgroup& cgroup, const Spec& spec, uid_t owner);

}  // namespace docker_cpp::oci
