// SPDX-License-Identifier: Apache-2.0
#include "thread_pool.hpp"

#include <system_error>
#include <utility>

namespace docker_cpp::daemon {

void ThreadPool::post(Task task) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      return;
    }
    queue_.push_back(std::move(task));
    grow();
  }
  wake_.notify_one();
}

void ThreadPool::grow() {
  if (queue_.size() <= idle_ || threads_.size() >= limit_) {
    return;
  }
  try {
    threads_.emplace_back([this] { work(); });
  } catch (const std::system_error&) {
    if (threads_.empty()) {  // else those there are do it, later
      queue_.pop_back();
      throw;
    }
  }
}

void ThreadPool::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    wake_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
    --idle_;
    if (queue_.empty()) {
      return;
    }
    Task task = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    task();
    task = nullptr;  // what it holds goes without the lock
    lock.lock();
  }
}

void ThreadPool::stop() noexcept {
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    threads.swap(threads_);
  }
  wake_.notify_all();
  for (std::thread& thread : threads) {
    thread.join();
  }
}

}  // namespace docker_cpp::daemon
