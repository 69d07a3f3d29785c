// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/daemon/executor.hpp"
#include "docker_cpp/daemon/packet.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::daemon {

/// The daemon's end of the conversation with one monitor. One thread at a time
/// sends and expects; what listen() hears comes on the event loop.
class MonitorClient : public std::enable_shared_from_this<MonitorClient> {
 public:
  using Ptr = std::shared_ptr<MonitorClient>;
  using Listener = std::function<void(monitor::Packet)>;

  /// Starts `program... run|exec FOLDER`. \throws Error
  static Ptr spawn(const std::vector<std::string>& program,
                   const std::string& kind, const std::string& folder);

  /// Finds the monitor that serves a folder; null when none does.
  static Ptr reconnect(const std::string& folder);

  MonitorClient(pid_t pid, sys::UniqueFd control, sys::UniqueFd go);

  /// The next packet; one that has ended() when the monitor has gone.
  /// \throws Error when it says nothing for that long
  [[nodiscard]] monitor::Packet expect(std::chrono::milliseconds patience);

  /// Nothing happens when the monitor has gone: listen() tells of that.
  void send(std::string_view text, int fd = -1) const;

  /// Lets the container begin.
  void go();

  /// From now on each packet goes to the listener, the last one has ended().
  void listen(Executor& executor, Listener listener);

  /// Hangs up before the container began, so that it never does, and sees the
  /// monitor to its end.
  void abandon() noexcept;

  /// Takes its exit status: a monitor that has gone is a child of ours, unless
  /// an earlier daemon started it.
  void reap() noexcept;

 private:
  pid_t pid_;
  sys::UniqueFd control_;
  sys::UniqueFd go_;
  FdWatch watch_;
};

}  // namespace docker_cpp::daemon
