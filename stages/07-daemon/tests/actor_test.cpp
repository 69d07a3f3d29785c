// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/daemon/actor.hpp"

#include <chrono>
#include <future>
#include <latch>
#include <numeric>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace docker_cpp::daemon {
namespace {

using namespace std::chrono_literals;

/// Its state has no lock: TSan, and lost counts, would tell of two messages at
/// a time.
class Counter final : public Actor {
 public:
  using Actor::Actor;

  void add(std::latch& done) {
    tell([this, &done] {
      ++count_;
      done.count_down();
    });
  }
  void add_later(std::promise<int>& seen) {
    timer_ = tell_after(10ms, [this, &seen] { seen.set_value(count_); });
  }
  int count_ = 0;
  Timer timer_;
};

TEST(Actor, OneMessageAtATimeFromManyThreads) {
  Executor executor;
  const auto counter = std::make_shared<Counter>(executor);
  std::latch done(4000);
  {
    std::vector<std::jthread> senders;
    for (int i = 0; i < 4; ++i) {
      senders.emplace_back([&] {
        for (int n = 0; n < 1000; ++n) {
          counter->add(done);
        }
      });
    }
  }
  done.wait();
  EXPECT_EQ(counter->count_, 4000);
}

TEST(Actor, KeepsTheOrderOfOneSender) {
  Executor executor;
  const auto actor = std::make_shared<Counter>(executor);
  std::vector<int> order;
  std::promise<void> last;
  for (int i = 0; i < 500; ++i) {
    actor->tell([&order, i] { order.push_back(i); });
  }
  actor->tell([&] { last.set_value(); });
  last.get_future().wait();
  std::vector<int> wanted(500);
  std::iota(wanted.begin(), wanted.end(), 0);
  EXPECT_EQ(order, wanted);
}

TEST(Actor, LivesUntilItsMessagesHaveRun) {
  Executor executor;
  std::promise<void> ran;
  std::weak_ptr<Counter> weak;
  {
    const auto actor = std::make_shared<Counter>(executor);
    weak = actor;
    actor->tell([] { std::this_thread::sleep_for(10ms); });
    actor->tell([&] { ran.set_value(); });
  }
  EXPECT_EQ(ran.get_future().wait_for(1s), std::future_status::ready);
  for (int i = 0; i < 100 && !weak.expired(); ++i) {
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_TRUE(weak.expired());
}

TEST(Actor, ThrowingMessageDoesNotBlockTheMailbox) {
  Executor executor;
  const auto actor = std::make_shared<Counter>(executor);
  std::promise<void> next;
  actor->tell([] { throw std::runtime_error("oh"); });
  actor->tell([&] { next.set_value(); });
  EXPECT_EQ(next.get_future().wait_for(1s), std::future_status::ready);
}

TEST(Actor, TellsItselfLater) {
  Executor executor;
  const auto actor = std::make_shared<Counter>(executor);
  std::promise<int> seen;
  actor->add_later(seen);
  std::latch one(1);
  actor->add(one);
  EXPECT_EQ(seen.get_future().get(), 1);
}

}  // namespace
}  // namespace docker_cpp::daemon
