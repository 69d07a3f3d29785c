// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>

#include "run_child.hpp"

namespace docker_cpp::namespaces {

/// A clone that has to happen inside of namespaces which the parent could
/// enter but never leave again: a user namespace among them.
struct CloneIn {
  std::uint64_t flags = 0;  ///< as clone3(2)
  int cgroup = -1;
  std::span<const int> namespaces;  ///< at most 8; the user namespace anywhere
  const ChildPlan* plan = nullptr;
  int parents_end = -1;  ///< of the go pipe, which the child must not hold

  // What comes of it.
  pid_t pid = -1;
  int pidfd = -1;
  int code = 0;           ///< errno when there is no child
  const char* call = "";  ///< that failed
};

/// The helper's part: joins, and clones a sibling of itself. `clone` is a
/// CloneIn, in memory shared with the parent, which sleeps meanwhile.
int join_and_clone(void* clone) noexcept;

}  // namespace docker_cpp::namespaces
