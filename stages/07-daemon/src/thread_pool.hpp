// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace docker_cpp::daemon {

/// A bounded number of threads for work that blocks. Threads are made when
/// work finds none idle, so that a daemon at rest has few.
class ThreadPool {
 public:
  using Task = std::move_only_function<void()>;

  explicit ThreadPool(unsigned limit) : limit_(limit) {}
  ~ThreadPool() { stop(); }
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  void post(Task task);

  /// Runs what is queued, then joins the threads. Later posts are dropped.
  void stop() noexcept;

 private:
  void grow();  ///< with the lock held
  void work();

  const unsigned limit_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Task> queue_;
  std::vector<std::thread> threads_;
  unsigned idle_ = 0;
  bool stopping_ = false;
};

}  // namespace docker_cpp::daemon
