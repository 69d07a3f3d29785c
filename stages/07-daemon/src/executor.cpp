// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/daemon/executor.hpp"

#include <poll.h>

#include <atomic>
#include <exception>
#include <mutex>
#include <utility>

#include "thread_pool.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace docker_cpp::daemon {

namespace asio = boost::asio;
using asio::posix::stream_descriptor;

/// Asio's objects are not thread safe, and a handle may be destroyed on any
/// thread: each is touched under the lock of its state.
struct Timer::State {
  State(asio::io_context& context, Task task)
      : timer(context), work(std::move(task)) {}

  std::mutex mutex;
  asio::steady_timer timer;
  Task work;

  Task take() {
    const std::lock_guard lock(mutex);
    return std::exchange(work, nullptr);
  }
};

struct FdWatch::State : std::enable_shared_from_this<FdWatch::State> {
  State(asio::io_context& context, int fd, short wanted,
        std::move_only_function<bool()> call)
      : descriptor(context, fd),
        kind((wanted & POLLOUT) != 0 ? stream_descriptor::wait_write
                                     : stream_descriptor::wait_read),
        ready(std::move(call)) {}

  ~State() { release(); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  /// The descriptor is the caller's: give it back instead of closing it.
  void release() noexcept {
    if (descriptor.is_open()) {
      descriptor.release();
    }
  }

  void arm() {
    const std::lock_guard lock(mutex);
    if (ended) {
      return;
    }
    descriptor.async_wait(
        kind, [self = shared_from_this()](const boost::system::error_code& e) {
          self->fire(e);
        });
  }

  void fire(const boost::system::error_code& error) {
    {
      const std::lock_guard lock(mutex);
      if (ended || error) {
        return;
      }
    }
    // Only one fire() at a time: the next wait begins after this one.
    if (ready()) {
      arm();
    } else {
      cancel();
      ready = nullptr;  // it may hold the watch's own owner
    }
  }

  void cancel() noexcept {
    const std::lock_guard lock(mutex);
    ended = true;
    release();
  }

  std::mutex mutex;
  stream_descriptor descriptor;
  stream_descriptor::wait_type kind;
  std::move_only_function<bool()> ready;
  bool ended = false;
};

Timer& Timer::operator=(Timer&& other) noexcept {
  if (this != &other) {
    cancel();
    state_ = std::move(other.state_);
  }
  return *this;
}

void Timer::cancel() noexcept {
  if (const auto state = std::exchange(state_, nullptr)) {
    const Task dropped = state->take();
    const std::lock_guard lock(state->mutex);
    state->timer.cancel();
  }
}

FdWatch& FdWatch::operator=(FdWatch&& other) noexcept {
  if (this != &other) {
    cancel();
    state_ = std::move(other.state_);
  }
  return *this;
}

void FdWatch::cancel() noexcept {
  if (const auto state = std::exchange(state_, nullptr)) {
    state->cancel();
  }
}

struct Executor::Impl {
  explicit Impl(Options given)
      : options(std::move(given)),
        context(static_cast<int>(options.threads)),
        guard(context.get_executor()),
        pool(options.blocking_threads) {
    for (unsigned i = 0; i < options.threads; ++i) {
      threads.emplace_back([this] { context.run(); });
    }
  }

  void run(Task& task) noexcept {
    try {
      task();
    } catch (const std::exception& error) {
      report(error.what());
    } catch (...) {
      report("a task threw something that is no exception");
    }
  }

  void report(const std::string& what) noexcept {
    const std::lock_guard lock(error_mutex);
    if (options.on_error) {
      options.on_error(what);
    }
  }

  void stop() noexcept {
    if (stopped.exchange(true)) {
      return;
    }
    pool.stop();
    guard.reset();
    context.stop();
    for (std::thread& thread : threads) {
      thread.join();
    }
  }

  Options options;
  std::mutex error_mutex;
  asio::io_context context;
  asio::executor_work_guard<asio::io_context::executor_type> guard;
  ThreadPool pool;
  std::vector<std::thread> threads;
  std::atomic<bool> stopped = false;
};

Executor::Executor() : Executor(Options{}) {}

Executor::Executor(Options options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}

Executor::~Executor() {
  impl_->stop();
}

void Executor::post(Task task) {
  asio::post(impl_->context,
             [impl = impl_.get(), work = std::move(task)]() mutable {
               impl->run(work);
             });
}

void Executor::blocking(Task task) {
  impl_->pool.post([impl = impl_.get(), work = std::move(task)]() mutable {
    impl->run(work);
  });
}

Timer Executor::after(std::chrono::milliseconds delay, Task task) {
  const auto state =
      std::make_shared<Timer::State>(impl_->context, std::move(task));
  const std::lock_guard lock(state->mutex);
  state->timer.expires_after(delay);
  state->timer.async_wait(
      [impl = impl_.get(), state](const boost::system::error_code& error) {
        if (Task work = state->take(); work && !error) {
          impl->run(work);
        }
      });
  return Timer(state);
}

FdWatch Executor::watch(int fd, short events,
                        std::move_only_function<bool()> ready) {
  const auto state = std::make_shared<FdWatch::State>(impl_->context, fd,
                                                      events, std::move(ready));
  state->arm();
  return FdWatch(state);
}

void Executor::stop() noexcept {
  impl_->stop();
}

asio::io_context& Executor::context() noexcept {
  return impl_->context;
}

}  // namespace docker_cpp::daemon
