// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "docker_cpp/cli/units.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::cli {

/// Takes the Engine API's frames (stream, 0, 0, 0, length in four bytes)
/// apart, in whatever pieces they arrive, and writes what they hold.
class FrameReader {
 public:
  using Sink = std::function<void(int fd, std::string_view)>;
  /// Stdin's and stdout's frames go to descriptor 1, stderr's to 2.
  explicit FrameReader(Sink sink) : sink_(std::move(sink)) {}

  /// \returns what is wrong with the stream
  [[nodiscard]] std::optional<std::string> feed(std::string_view bytes);

 private:
  std::string header_;
  std::uint32_t left_ = 0;  ///< of the frame's content
  int target_ = 1;
  bool failing_ = false;  ///< a frame of the daemon's own error
  std::string error_;
  Sink sink_;
};

/// Finds the keys that detach in what the user types.
class DetachKeys {
 public:
  /// "ctrl-p,ctrl-q"; nothing never detaches.
  [[nodiscard]] static Parsed<DetachKeys> parse(std::string_view text);

  /// Takes typed bytes. \returns those to send on, or nothing at all when the
  /// sequence is complete
  [[nodiscard]] std::optional<std::string> filter(std::string_view typed);

 private:
  std::string keys_;
  std::size_t matched_ = 0;
};

/// The terminal passes every key through until this goes.
class RawTerminal {
 public:
  RawTerminal();
  ~RawTerminal();
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;

 private:
  struct Saved;
  std::unique_ptr<Saved> saved_;
};

struct ScreenSize {
  unsigned rows = 0;
  unsigned columns = 0;
};
/// Of the terminal on stdout, or 0 by 0.
[[nodiscard]] ScreenSize screen_size();

/// A container's or exec's streams, connected to ours until they end.
struct Conversation {
  sys::UniqueFd socket;
  std::string first;           ///< already read from it
  bool tty = false;            ///< raw bytes, no frames
  bool input = false;          ///< forward stdin
  bool proxy_signals = false;  ///< hand signals to `signalled`
  std::string detach_keys;     ///< empty: the default ones
  std::function<void(int)> signalled;
  std::function<void(ScreenSize)> resized;
};

/// Signals that a container should get in our place, held back from us.
class SignalCatcher {
 public:
  enum class Which : std::uint8_t { only_resize, all };
  explicit SignalCatcher(Which which);
  ~SignalCatcher();
  SignalCatcher(const SignalCatcher&) = delete;
  SignalCatcher& operator=(const SignalCatcher&) = delete;

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  /// The next caught signal, 0 when there is none. Three requests to end in a
  /// row end the program, as docker does.
  [[nodiscard]] int take();

 private:
  sys::UniqueFd fd_;
  struct Saved;
  std::unique_ptr<Saved> saved_;
  int asked_to_end_ = 0;
};

enum class Ending : std::uint8_t { closed, detached };

/// Copies both ways until the other side closes or the user detaches. With
/// signals from `signals`, if there are any.
/// \throws Failure
[[nodiscard]] Ending converse(Conversation& conversation,
                              SignalCatcher* signals);

/// Waits until `fd` is readable, serving signals meanwhile.
void await_readable(int fd, SignalCatcher* signals,
                    const std::function<void(int)>& signalled);

/// "TERM" for SIGTERM; empty when it has no name to send.
[[nodiscard]] std::string signal_name(int signal);

}  // namespace docker_cpp::cli
