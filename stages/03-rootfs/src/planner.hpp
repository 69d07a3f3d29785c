// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "child_steps.hpp"

#include "docker_cpp/namespaces/terminal.hpp"
#include "docker_cpp/rootfs/mount_options.hpp"
#include "docker_cpp/rootfs/root_plan.hpp"

namespace docker_cpp::rootfs {

class RootFd;

struct Planned {
  std::unique_ptr<ChildSteps> steps;
  namespaces::Pty console;
};

/// Turns a RootPlan into the steps of the child. Opens and mounts, detached,
/// whatever does not depend on the container's namespaces.
class Planner {
 public:
  explicit Planner(const RootPlan& plan);

  /// \throws Error naming what cannot be done
  [[nodiscard]] Planned run();

 private:
  struct Spec {
    const MountSpec* mount;
    MountOptions options;
    std::string path;   ///< of the destination, clean: "dev/pts"
    std::string doing;  ///< "mount tmpfs on /dev"
  };
  struct Base {
    std::string path;
    std::size_t index;
  };

  // planner.cpp
  void plan_root();
  void plan_rest();
  [[nodiscard]] const char* keep(std::string text) const;
  [[nodiscard]] int hold(sys::UniqueFd handle) const;
  Place place(const std::string& path, Place::Want want, std::string doing);
  Place folder_place(const std::string& path, std::string doing);
  std::size_t add_base(const std::string& path);
  [[nodiscard]] const Base* base_above(const std::string& path) const;

  // planner_mounts.cpp
  void plan_mount(const MountSpec& mount);
  void plan_bind(const Spec& spec);
  bool plan_copied_link(const Spec& spec);
  void map_ids(int tree, const Spec& spec);
  void plan_remount(const Spec& spec);
  void plan_filesystem(const Spec& spec);
  void plan_tmpfs(Spec spec);
  void inherit_mode(Spec& spec) const;
  void plan_copied_tmpfs(const Spec& spec);
  void plan_terminals(const Spec& spec);
  void forget_bases(const std::string& path);
  MountStep created(const Spec& spec);
  static sys::UniqueFd mount_here(const MountStep& step);
  void push(MountStep step, const Spec& spec, Place::Want want);

  // planner_cgroups.cpp
  void plan_cgroups(const Spec& spec);
  void plan_hierarchies(const Spec& spec);
  void plan_hierarchy(const Spec& spec, const RootFd& top,
                      const std::string& name);
  static sys::UniqueFd cgroup_tree(const Spec& spec, int cgroup);

  // planner_devices.cpp
  void plan_devices();
  void plan_device(const DeviceNode& device);
  LinkStep& plan_link(const std::string& path, const std::string& target);
  void plan_console();
  [[nodiscard]] bool devices_are_ours() const;

  std::unique_ptr<ChildSteps> steps_;
  namespaces::Pty console_;
  const RootPlan* plan_;
  std::vector<Base> bases_;
  std::size_t base_count_ = 1;  ///< 0 is the root
  std::size_t devpts_base_ = 0;
};

/// "/dev//pts/../x/" as "dev/x": what the destination says, links aside.
[[nodiscard]] std::string clean_path(const std::string& path);

}  // namespace docker_cpp::rootfs
