// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "docker_cpp/namespaces/isolation.hpp"
#include "docker_cpp/namespaces/terminal.hpp"
#include "docker_cpp/rootfs/root_plan.hpp"

namespace docker_cpp::rootfs {

struct ChildSteps;

/// A file system of its own. Wants Kind::mount among the new namespaces, and
/// comes after those, after Users and after joining a cgroup; whatever needs
/// the host's paths (TimeOffsets) comes before it.
///
/// The constructor resolves, opens and mounts all that does not depend on the
/// container's namespaces; these mounts are detached, no other process sees
/// them. The child attaches them, mounts proc, sysfs, mqueue and tmpfs, makes
/// the devices, masks paths, and makes the root its own with pivot_root(2).
/// Once the child exists this object holds no handle any more.
class RootFilesystem final : public namespaces::Isolation {
 public:
  /// \throws Error naming the mount that cannot be made
  explicit RootFilesystem(const RootPlan& plan);
  RootFilesystem(const RootFilesystem&) = delete;
  RootFilesystem& operator=(const RootFilesystem&) = delete;
  RootFilesystem(RootFilesystem&&) = delete;
  RootFilesystem& operator=(RootFilesystem&&) = delete;
  ~RootFilesystem() override;

  /// The container's terminal, of its own devpts instance when the plan mounts
  /// one: its slave is what /dev/console will be. Call it once, before
  /// Process::start; the plan must have asked for a console.
  /// \throws Error when there is none to take
  [[nodiscard]] namespaces::Pty take_console();

  /// Makes the change of the root, and the masks that come with it, a step of
  /// its own, so that something can happen between: put it into the list
  /// somewhere after this one. Call it once, before Process::start.
  [[nodiscard]] std::unique_ptr<namespaces::Isolation> take_change_of_root();

  /// A handle on the root, for what has to be looked up in it before the
  /// child exists; -1 afterwards.
  [[nodiscard]] int root() const noexcept;

  [[nodiscard]] const char* name() const noexcept override;
  void from_parent(const namespaces::ChildHandle& child) override;
  [[nodiscard]] sys::Result<void> in_child() const noexcept override;

 private:
  std::shared_ptr<ChildSteps> steps_;  ///< with the change of root
  namespaces::Pty console_;
};

}  // namespace docker_cpp::rootfs
