// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "docker_cpp/daemon/http/message.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::daemon::http {

using Task = std::move_only_function<void()>;

/// What to join a hijacked connection with.
struct RelayPlan {
  sys::UniqueFd stream;     ///< a socket; its reading end is the container's
  std::string detach_keys;  ///< bytes that end the session; none when empty
  /// What is sent for what the container says; empty: just that.
  std::function<std::string(std::string_view)> dress;
  Task on_detach;
  Task on_end;  ///< called once, whichever way it ended
};

/// The connection's side of an exchange. Every call may come from any thread
/// and returns at once.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual void reply(Head head, std::string body) = 0;
  virtual void begin_stream(Head head) = 0;
  virtual void write(std::string bytes) = 0;
  virtual void finish() = 0;
  virtual void abort() = 0;
  virtual void hijack(Head head) = 0;
  virtual void relay(RelayPlan plan) = 0;
  virtual void on_gone(Task task) = 0;
  virtual void on_drained(Task task) = 0;
  [[nodiscard]] virtual std::size_t queued() const noexcept = 0;
  [[nodiscard]] virtual bool gone() const noexcept = 0;
};

/// One request's answer: a whole reply, a stream, or the connection itself.
///
/// Thread safe, one of the three is used once. An exchange that goes without
/// any answer answers 500, so that no client hangs on a forgotten path.
class Exchange {
 public:
  explicit Exchange(std::shared_ptr<Transport> transport)
      : transport_(std::move(transport)) {}
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange();

  void reply(Head head, std::string body = {});

  /// Sends the head at once; the body follows in pieces, each flushed.
  void begin_stream(Head head);

  /// False when the client is gone, or reads too slowly and was dropped for
  /// it: more than `queue_limit` bytes are waiting.
  [[nodiscard]] bool write(std::string bytes);
  void finish();

  /// Ends a stream so that the client sees it is not whole.
  void abort();

  /// Sends `head` and ends HTTP on this connection. What the client sends from
  /// now on waits for relay().
  void hijack(Head head);
  void relay(RelayPlan plan);

  /// Writes to a hijacked connection, before relay() or in place of it.
  void write_raw(std::string bytes);

  /// Runs once when the client leaves before the answer is complete.
  void on_gone(Task task);

  /// Runs once when all that was written has been sent, or the client left.
  void on_drained(Task task);

  [[nodiscard]] bool gone() const noexcept { return transport_->gone(); }
  [[nodiscard]] bool answered() const noexcept { return answered_; }

  static constexpr std::size_t queue_limit = 4U << 20;

 private:
  std::shared_ptr<Transport> transport_;
  std::atomic<bool> answered_ = false;
  std::atomic<bool> finished_ = false;
};

using ExchangePtr = std::shared_ptr<Exchange>;

}  // namespace docker_cpp::daemon::http
