// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "docker_cpp/sys/result.hpp"

namespace docker_cpp::namespaces {

/// What the clone is asked for. Isolations add to it before the child exists.
struct CloneRequest {
  std::uint64_t flags = 0;  ///< CLONE_NEW... and CLONE_INTO_CGROUP
  int cgroup = -1;          ///< with CLONE_INTO_CGROUP: the cgroup v2 folder
  int pid_namespace = -1;   ///< existing PID namespace to be born in
  /// Existing namespaces to be born in, a user namespace among them: that has
  /// to be joined before the clone makes any that are to belong to it.
  std::vector<int> born_in;
};

/// The child as its parent sees it while it waits to be let go.
struct ChildHandle {
  pid_t pid;
  int pidfd;
};

// [isolation]
/// One thing that makes a process a container.
///
/// Every stage adds subclasses; none edits this one. Each has four moments
/// (and may ask for a fifth, a stop on the child's way), and may leave out
/// those it does not need. What an isolation owns lives on
/// both sides of the clone, so a text prepared in the parent can be named in
/// an error of the child.
class Isolation {
 public:
  Isolation() = default;
  Isolation(const Isolation&) = delete;
  Isolation& operator=(const Isolation&) = delete;
  Isolation(Isolation&&) = delete;
  Isolation& operator=(Isolation&&) = delete;
  virtual ~Isolation();

  /// A few words for error messages: "set the hostname".
  [[nodiscard]] virtual const char* name() const noexcept = 0;

  /// Before the clone, in the parent. Allocate, open, resolve; may throw.
  virtual void prepare(CloneRequest& request);

  /// After the clone, in the parent, while the child waits. May throw.
  virtual void from_parent(const ChildHandle& child);

  /// In the child, before exec. System calls only: no heap, no locks.
  [[nodiscard]] virtual sys::Result<void> in_child() const noexcept;

  /// In the child, as the very last thing before execve(2), after every
  /// in_child() and after the start gate. For what would get in the others'
  /// way: the system call filter.
  [[nodiscard]] virtual sys::Result<void> at_exec() const noexcept;

  /// Whether the child, right after in_child(), waits for while_child_waits():
  /// for what the parent can do only when the child has come that far.
  [[nodiscard]] virtual bool stops_child() const noexcept;

  /// In the parent, while the child waits there. May throw.
  virtual void while_child_waits(const ChildHandle& child);
};
// [isolation]

using Isolations = std::vector<std::unique_ptr<Isolation>>;

}  // namespace docker_cpp::namespaces
