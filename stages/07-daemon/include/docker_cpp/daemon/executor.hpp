// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace docker_cpp::daemon {

using Task = std::move_only_function<void()>;

/// A task that will run once. Destroying the handle cancels it; a task that
/// has begun is not waited for.
class Timer {
 public:
  struct State;
  Timer() = default;
  explicit Timer(std::shared_ptr<State> state) : state_(std::move(state)) {}
  Timer(Timer&&) noexcept = default;
  Timer& operator=(Timer&& other) noexcept;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { cancel(); }

  void cancel() noexcept;

 private:
  std::shared_ptr<State> state_;
};

/// Interest in a descriptor. Destroying it ends the interest; a call that has
/// begun on another thread is not waited for.
class FdWatch {
 public:
  struct State;
  FdWatch() = default;
  explicit FdWatch(std::shared_ptr<State> state) : state_(std::move(state)) {}
  FdWatch(FdWatch&&) noexcept = default;
  FdWatch& operator=(FdWatch&& other) noexcept;
  FdWatch(const FdWatch&) = delete;
  FdWatch& operator=(const FdWatch&) = delete;
  ~FdWatch() { cancel(); }

  void cancel() noexcept;

 private:
  std::shared_ptr<State> state_;
};

/// The daemon's one event loop, with a few threads, and a bounded pool for
/// work that blocks. Thread safe.
///
/// Tasks are not expected to throw; what one throws goes to
/// Options::on_error and ends that task only.
class Executor {
 public:
  struct Options {
    unsigned threads = 2;            ///< of the event loop
    unsigned blocking_threads = 16;  ///< at most; made when first needed
    std::move_only_function<void(const std::string&)> on_error;
  };

  Executor();
  explicit Executor(Options options);
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  /// Runs soon, on the event loop: must not block.
  void post(Task task);

  /// Runs on the pool, in the order given as far as threads are free.
  void blocking(Task task);

  /// Runs on the event loop after `delay` of monotonic time.
  [[nodiscard]] Timer after(std::chrono::milliseconds delay, Task task);

  /// Calls `ready` on the event loop each time the descriptor has one of
  /// `events` (POLLIN or POLLOUT), until the watch is destroyed or `ready`
  /// returns false. The descriptor stays the caller's and must outlive it.
  [[nodiscard]] FdWatch watch(int fd, short events,
                              std::move_only_function<bool()> ready);

  /// Stops taking work, lets what has begun finish, and joins the threads.
  void stop() noexcept;

  /// For the code that speaks Asio itself: the socket layer.
  [[nodiscard]] boost::asio::io_context& context() noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace docker_cpp::daemon
