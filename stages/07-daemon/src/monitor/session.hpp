// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "launch.hpp"
#include "loop.hpp"
#include "streams.hpp"

#include "docker_cpp/daemon/packet.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::monitor {

/// The life of one container (or exec session) as its monitor sees it: begin
/// it, keep its streams, tell the daemon, keep its exit code for a daemon that
/// is away. See docs/formats/monitor-protocol.md
class Session {
 public:
  enum class Kind : std::uint8_t { container, exec };

  /// `control` is the daemon's end of the first conversation, `go` the pipe
  /// that lets the container begin. \throws Error
  Session(Kind kind, int folder, sys::UniqueFd control, sys::UniqueFd go);

  /// Until the program has ended and whoever listens has heard of it.
  void run();

 private:
  enum class Phase : std::uint8_t { starting, running, exited };

  void launch();
  [[nodiscard]] bool begin();
  void watch_children();
  void watch_memory();
  void listen();
  void add_control(sys::UniqueFd socket);
  void on_control(int fd);
  void obey(Packet packet);
  void tell(std::string_view text);
  [[nodiscard]] std::string greeting() const;
  [[nodiscard]] std::string exit_text() const;

  void reap();
  void finish();
  void write_exit_file() const;
  void clean_up();
  void linger();

  Kind kind_;
  int folder_;
  MonitorConfig config_;
  Loop loop_;
  Streams streams_;
  std::vector<sys::UniqueFd> controls_;
  sys::UniqueFd go_;
  sys::UniqueFd listener_;
  sys::UniqueFd children_;  ///< signalfd of SIGCHLD
  sys::UniqueFd memory_;    ///< readable when memory ran out
  Launched launched_;
  Phase phase_ = Phase::starting;
  std::chrono::system_clock::time_point started_;
  std::chrono::system_clock::time_point finished_;
  int exit_code_ = 0;
  bool oom_ = false;
  bool taken_ = false;
};

}  // namespace docker_cpp::monitor
