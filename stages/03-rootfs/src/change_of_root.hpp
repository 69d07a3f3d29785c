// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>

#include "child_steps.hpp"

#include "docker_cpp/namespaces/isolation.hpp"

namespace docker_cpp::rootfs {

/// The second half of RootFilesystem, where something has to happen between:
/// masks paths, makes the new root the root, and enters the folder to begin in.
class ChangeOfRoot final : public namespaces::Isolation {
 public:
  explicit ChangeOfRoot(std::shared_ptr<const ChildSteps> steps)
      : steps_(std::move(steps)) {}

  [[nodiscard]] const char* name() const noexcept override;
  [[nodiscard]] sys::Result<void> in_child() const noexcept override;

 private:
  std::shared_ptr<const ChildSteps> steps_;
};

}  // namespace docker_cpp::rootfs
