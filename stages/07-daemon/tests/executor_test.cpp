// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/daemon/executor.hpp"

#include <poll.h>

#include <atomic>
#include <chrono>
#include <future>
#include <latch>
#include <stdexcept>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::daemon {
namespace {

using namespace std::chrono_literals;

TEST(Executor, RunsWhatIsPosted) {
  Executor executor;
  std::latch all(200);
  for (int i = 0; i < 100; ++i) {
    executor.post([&] { all.count_down(); });
    executor.blocking([&] { all.count_down(); });
  }
  all.wait();
}

TEST(Executor, BlockingWorkIsBoundedAndDoesNotStopTheLoop) {
  Executor executor({.threads = 1, .blocking_threads = 3, .on_error = {}});
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  std::latch all(12);
  for (int i = 0; i < 12; ++i) {
    executor.blocking([&] {
      const int now = ++inside;
      for (int seen = most; seen < now;) {
        most.compare_exchange_weak(seen, now);
      }
      std::this_thread::sleep_for(5ms);
      --inside;
      all.count_down();
    });
  }
  std::promise<void> loop;
  executor.post([&] { loop.set_value(); });
  EXPECT_EQ(loop.get_future().wait_for(1s), std::future_status::ready);
  all.wait();
  EXPECT_EQ(most, 3);
}

TEST(Executor, TimerFiresOnceAndNotBefore) {
  Executor executor;
  std::promise<std::chrono::steady_clock::time_point> fired;
  const auto begin = std::chrono::steady_clock::now();
  const Timer timer = executor.after(
      20ms, [&] { fired.set_value(std::chrono::steady_clock::now()); });
  EXPECT_GE(fired.get_future().get() - begin, 20ms);
}

TEST(Executor, CancelledTimerDoesNotFire) {
  Executor executor;
  std::atomic<bool> fired = false;
  Timer timer = executor.after(20ms, [&] { fired = true; });
  timer.cancel();
  std::this_thread::sleep_for(60ms);
  EXPECT_FALSE(fired);
}

TEST(Executor, WatchCallsForEachByteUntilTold) {
  const sys::Pipe pipe = must(sys::pipe_cloexec(), "open a pipe");
  Executor executor;
  std::atomic<int> seen = 0;
  std::promise<void> third;
  const FdWatch watch = executor.watch(pipe.read_end.get(), POLLIN, [&] {
    std::byte byte{};
    static_cast<void>(sys::read_full(pipe.read_end.get(), {&byte, 1}));
    if (++seen == 3) {
      third.set_value();
    }
    return seen < 3;
  });
  for (int i = 0; i < 5; ++i) {
    must(sys::write_byte(pipe.write_end.get()), "write");
  }
  third.get_future().wait();
  std::this_thread::sleep_for(20ms);
  EXPECT_EQ(seen, 3);
}

TEST(Executor, DestroyedWatchIsSilentAndLeavesTheDescriptorOpen) {
  const sys::Pipe pipe = must(sys::pipe_cloexec(), "open a pipe");
  Executor executor;
  std::atomic<int> seen = 0;
  {
    const FdWatch watch = executor.watch(pipe.read_end.get(), POLLIN, [&] {
      ++seen;
      return true;
    });
  }
  must(sys::write_byte(pipe.write_end.get()), "write");
  std::this_thread::sleep_for(30ms);
  EXPECT_EQ(seen, 0);
  pollfd still{pipe.read_end.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&still, 1, 0), 1);
}

TEST(Executor, ThrowingTaskIsReportedAndTheNextRuns) {
  std::promise<std::string> told;
  Executor executor({.threads = 1,
                     .blocking_threads = 1,
                     .on_error = [&](const std::string& what) {
                       told.set_value(what);
                     }});
  std::promise<void> next;
  executor.blocking([] { throw std::runtime_error("oh"); });
  executor.blocking([&] { next.set_value(); });
  EXPECT_EQ(told.get_future().get(), "oh");
  EXPECT_EQ(next.get_future().wait_for(1s), std::future_status::ready);
}

TEST(Executor, StopFinishesQueuedBlockingWork) {
  std::atomic<int> done = 0;
  Executor executor({.threads = 1, .blocking_threads = 1, .on_error = {}});
  for (int i = 0; i < 20; ++i) {
    executor.blocking([&] { ++done; });
  }
  executor.stop();
  EXPECT_EQ(done, 20);
}

}  // namespace
}  // namespace docker_cpp::daemon
