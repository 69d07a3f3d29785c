// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "docker_cpp/cli/engine.hpp"
#include "docker_cpp/cli/streams.hpp"

namespace docker_cpp::cli {

struct SessionOptions {
  std::string id;
  bool tty = false;
  bool stdin_stream = false;
  bool stdout_stream = false;
  bool stderr_stream = false;
  bool proxy_signals = false;
  std::string detach_keys;
  std::string condition;  ///< of the wait: next-exit, removed, or empty
};

/// Attached to a container, and waiting for its end: both are asked for at
/// once and answered before the container is started, so that nothing it
/// prints, and not even the shortest life, is missed.
class AttachSession {
 public:
  AttachSession(Engine& engine, SessionOptions options);

  /// The container runs: its terminal gets our size.
  void started();

  struct Outcome {
    Ending ending;
    int exit_code;
  };
  /// Until the container ends or the user detaches.
  Outcome run();

  /// After a start that failed: until a container with --rm is gone.
  void wait_for_removal();

 private:
  [[nodiscard]] std::string path(const std::string& rest) const;
  void resize(ScreenSize size);
  void signal(int number);
  void await_end();
  int exit_code();

  Engine& engine_;
  SessionOptions options_;
  Exchange waiting_;
  Conversation talk_;
  SignalCatcher signals_;
  std::optional<RawTerminal> terminal_;
};

/// Refuses a terminal that is none, as docker does. \throws Failure
void check_terminal(bool attach_stdin, bool tty);

}  // namespace docker_cpp::cli
