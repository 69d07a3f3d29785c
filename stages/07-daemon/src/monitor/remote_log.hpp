// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>

#include "log_formats.hpp"
#include "loop.hpp"

#include "docker_cpp/daemon/monitor_config.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::monitor {

/// Lines on their way to syslog, journald, fluentd or gelf. The socket never
/// blocks the monitor: what it does not take at once waits in a queue. With
/// mode=blocking a full queue makes the container wait (full() says so); with
/// non-blocking, and while the receiver is away, the oldest lines go.
class RemoteLog {
 public:
  /// Nothing is sent for drivers that only keep files.
  RemoteLog(Loop& loop, const MonitorConfig& config);
  ~RemoteLog();
  RemoteLog(const RemoteLog&) = delete;
  RemoteLog& operator=(const RemoteLog&) = delete;

  /// Finds the receiver. \throws Error when it is not there
  void begin();
  [[nodiscard]] bool active() const noexcept { return bool(format_); }
  void send(const LogEntry& entry);
  /// The container is to wait until this is false.
  [[nodiscard]] bool full() const noexcept;
  /// Called when it is no longer full.
  void on_room(std::move_only_function<void()> room) {
    room_ = std::move(room);
  }
  /// Gives what is left a moment.
  void drain(std::chrono::milliseconds patience);

 private:
  void connect();
  [[nodiscard]] bool connect_now();
  void lose();
  void flush();
  void watch(bool writable);

  Loop& loop_;
  LogFormat format_;
  std::string address_;
  bool blocking_ = true;
  bool required_ = true;  ///< a receiver that is not there is an error
  bool datagrams_ = false;
  std::size_t bound_ = 1U << 20;
  sys::UniqueFd socket_;
  bool watched_ = false;
  std::chrono::steady_clock::time_point tried_{};
  std::deque<std::string> queue_;
  std::size_t queued_ = 0;  ///< bytes in the queue
  std::size_t sent_ = 0;    ///< of its first message
  std::move_only_function<void()> room_;
};

}  // namespace docker_cpp::monitor
