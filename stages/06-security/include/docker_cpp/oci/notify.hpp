// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "docker_cpp/namespaces/isolation.hpp"
#include "docker_cpp/oci/state.hpp"
#include "docker_cpp/security/seccomp.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::oci {

/// Who decides on the system calls of SCMP_ACT_NOTIFY.
struct Listener {
  std::string path;      ///< a unix socket
  std::string metadata;  ///< handed on
};

/// A filter that asks: the child loads it, and the parent sends the handle by
/// which it asks, with the container's state, to the listener's socket. Once
/// the child goes on, somebody can answer it.
/// \oci{runtime,config-linux,containerprocessstate}  \man{seccomp_unotify,2}
class NotifyingFilter final : public namespaces::Isolation {
 public:
  /// Connects to the listener at once. `container` is the pid of the
  /// container's first process, or 0: the child is that.
  /// \throws SpecError when nobody listens there
  NotifyingFilter(security::FilterProgram program, unsigned flags,
                  const Listener& listener, State state);
  ~NotifyingFilter() override;
  NotifyingFilter(const NotifyingFilter&) = delete;
  NotifyingFilter& operator=(const NotifyingFilter&) = delete;
  NotifyingFilter(NotifyingFilter&&) = delete;
  NotifyingFilter& operator=(NotifyingFilter&&) = delete;

  [[nodiscard]] const char* name() const noexcept override;
  [[nodiscard]] sys::Result<void> in_child() const noexcept override;
  [[nodiscard]] bool stops_child() const noexcept override { return true; }
  void while_child_waits(const namespaces::ChildHandle& child) override;

 private:
  security::FilterProgram program_;
  unsigned flags_;
  std::string metadata_;
  State state_;
  sys::UniqueFd socket_;
  /// Shared with the child, which tells the number of its handle here: after
  /// the filter is loaded, even a write(2) might have to be answered first.
  int* handle_;
};

}  // namespace docker_cpp::oci
