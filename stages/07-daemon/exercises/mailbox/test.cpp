// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "exercise.hpp"

/// Four threads.
class Threads {
 public:
  Threads() {
    for (int i = 0; i < 4; ++i) {
      threads_.emplace_back([this] { work(); });
    }
  }
  ~Threads() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    wake_.notify_all();
    for (auto& one : threads_) {
      one.join();
    }
  }
  void put(Message message) {
    {
      const std::lock_guard lock(mutex_);
      work_.push_back(std::move(message));
    }
    wake_.notify_one();
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [this] { return stop_ || !work_.empty(); });
      if (work_.empty()) {
        return;
      }
      const Message message = std::move(work_.front());
      work_.pop_front();
      lock.unlock();
      message();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Message> work_;
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

TEST(Mailbox, LetsInOneAtATime) {
  std::atomic<int> inside = 0;
  std::atomic<bool> two = false;
  std::vector<int> order;  // no lock: that is the point
  std::mutex order_mutex;  // of the test's own reading
  std::atomic<int> ran = 0;
  auto threads = std::make_unique<Threads>();
  Mailbox mailbox([&](Message work) { threads->put(std::move(work)); });
  for (int i = 0; i < 200; ++i) {
    mailbox.tell([&, i] {
      two = two || inside.fetch_add(1) != 0;
      std::this_thread::sleep_for(std::chrono::microseconds(50));
      {
        const std::lock_guard lock(order_mutex);
        order.push_back(i);
      }
      inside.fetch_sub(1);
      ran.fetch_add(1);
    });
  }
  for (int i = 0; i < 2'000 && ran < 200; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  threads.reset();  // joined: the last turn has left the mailbox
  EXPECT_EQ(ran, 200)
      << "messages were forgotten: who schedules the next turn?";
  EXPECT_FALSE(two) << "two threads were in the mailbox at once: a turn was "
                       "asked for while there was one";
  const std::lock_guard lock(order_mutex);
  EXPECT_TRUE(std::ranges::is_sorted(order)) << "in the order told";
}
