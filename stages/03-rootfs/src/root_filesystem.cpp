// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/rootfs/root_filesystem.hpp"

#include <utility>

#include "change_of_root.hpp"
#include "child_steps.hpp"
#include "planner.hpp"

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"

namespace docker_cpp::rootfs {

RootFilesystem::RootFilesystem(const RootPlan& plan) {
  DOCKER_CPP_FAILPOINT("rootfs.plan");
  Planned planned = Planner(plan).run();
  steps_ = std::move(planned.steps);
  console_ = std::move(planned.console);
}

RootFilesystem::~RootFilesystem() = default;

namespaces::Pty RootFilesystem::take_console() {
  if (!console_.master) {
    throw Error({.code = ENOTTY, .call = "console"},
                "take the container's terminal");
  }
  return std::move(console_);
}

std::unique_ptr<namespaces::Isolation> RootFilesystem::take_change_of_root() {
  steps_->change_root_later = true;
  return std::make_unique<ChangeOfRoot>(steps_);
}

const char* ChangeOfRoot::name() const noexcept {
  return "change to the new root";
}

int RootFilesystem::root() const noexcept {
  return steps_->handles.empty() ? -1 : steps_->root;
}

const char* RootFilesystem::name() const noexcept {
  return "set up the root file system";
}

/// The child has its own copies by now. Kept here, they would hold the
/// container's mounts for as long as this object lives.
void RootFilesystem::from_parent(const namespaces::ChildHandle& /*child*/) {
  DOCKER_CPP_FAILPOINT("rootfs.from_parent");
  steps_->handles.clear();
}

}  // namespace docker_cpp::rootfs
