// SPDX-License-Identifier: Apache-2.0
#include "child_steps.hpp"

#include "docker_cpp/sys/trace.hpp"

namespace docker_cpp::rootfs {
namespace {

using sys::Result;

/// An error in the words of the step.
template <typename T>
std::unexpected<sys::SysError> named(const Result<T>& failure,
                                     const char* doing) noexcept {
  return std::unexpected(
      sys::SysError{.code = failure.error().code, .call = doing});
}

Result<sys::UniqueFd> create(const MountStep& step) noexcept {
  const auto context = fs_open(step.type);
  if (!context) {
    return named(context, step.doing);
  }
  for (const Parameter& parameter : step.parameters) {
    const auto set = fs_set(context->get(), parameter.key, parameter.value);
    if (!set) {
      return named(set, step.doing);
    }
  }
  if (const auto made = fs_create(context->get()); !made) {
    return named(made, step.doing);
  }
  auto mount = fs_mount(context->get(), step.attributes);
  if (!mount) {
    return named(mount, step.doing);
  }
  return mount;
}

Result<void> attach(const MountStep& step, int mount, int target) noexcept {
  const auto done = attach_mount(mount, target);
  if (!done) {
    return named(done, step.doing);
  }
  return {};
}

Result<void> change(const MountStep& step, int mount) noexcept {
  if (step.change.set == 0 && step.change.clear == 0 &&
      step.change.propagation == 0) {
    return {};
  }
  const auto done =
      set_mount_attributes(mount, step.change, step.change_extent);
  if (!done) {
    return named(done, step.doing);
  }
  return {};
}

Result<void> make_mount(const ChildSteps& steps,
                        const MountStep& step) noexcept {
  const auto target = open_place(steps, step.place);
  if (!target) {
    return std::unexpected(target.error());
  }
  if (step.action == MountStep::Action::remount) {
    return change(step, target->get());
  }
  sys::UniqueFd created;
  int mount = step.tree;
  if (step.action == MountStep::Action::create) {
    auto made = create(step);
    if (made) {
      created = *std::move(made);
      mount = created.get();
    } else if (made.error().code != EPERM || step.tree == -1) {
      return std::unexpected(made.error());
    }
  }
  if (const auto done = attach(step, mount, target->get()); !done) {
    return done;
  }
  if (step.becomes_base != 0) {
    steps.bases[step.becomes_base] = mount;
    static_cast<void>(created.release());  // ends at exec
  }
  return change(step, mount);
}

}  // namespace

Result<void> make_mounts(const ChildSteps& steps) noexcept {
  for (const MountStep& step : steps.mounts) {
    const sys::TraceStep trace(step.doing);
    if (const auto done = make_mount(steps, step); !done) {
      return done;
    }
  }
  return {};
}

}  // namespace docker_cpp::rootfs
