// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/daemon/events.hpp"

#include <atomic>
#include <filesystem>
#include <future>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace docker_cpp::daemon {
namespace {

using namespace std::chrono_literals;

bool eventually(const std::function<bool()>& holds) {
  for (int i = 0; i < 500 && !holds(); ++i) {
    std::this_thread::sleep_for(10ms);
  }
  return holds();
}

TEST(Events, ReachEverySubscriberInOrderAndByItsFilter) {
  EventSystem events;
  std::mutex mutex;
  std::vector<std::string> all;
  std::vector<std::string> starts;
  const auto first = events.subscribe(nullptr, [&](const Event& event) {
    const std::lock_guard lock(mutex);
    all.push_back(event.actor_id);
  });
  const auto second = events.subscribe(
      [](const Event& event) { return event.action == "start"; },
      [&](const Event& event) {
        const std::lock_guard lock(mutex);
        starts.push_back(event.actor_id);
      });
  std::vector<std::string> expected;
  for (int i = 0; i < 500; ++i) {
    events.publish({.type = "container",
                    .action = i % 2 == 0 ? "start" : "die",
                    .actor_id = std::to_string(i)});
    expected.push_back(std::to_string(i));
  }
  EXPECT_TRUE(eventually([&] {
    const std::lock_guard lock(mutex);
    return all.size() == 500 && starts.size() == 250;
  }));
  const std::lock_guard lock(mutex);
  EXPECT_EQ(all, expected);
  EXPECT_EQ(starts.at(1), "2");
}

TEST(Events, RemembersTheLastThousandEachAtATimeOfItsOwn) {
  EventSystem events;
  for (int i = 0; i < 1'200; ++i) {
    events.publish({.type = "container", .actor_id = std::to_string(i)});
  }
  const auto history = events.history();
  ASSERT_EQ(history.size(), 1'000U);
  EXPECT_EQ(history.front().actor_id, "200");
  EXPECT_EQ(history.back().actor_id, "1199");
  for (std::size_t i = 1; i < history.size(); ++i) {
    ASSERT_LT(history[i - 1].time, history[i].time);
  }
}

TEST(Events, ASubscriptionThatIsGoneHearsNothing) {
  EventSystem events;
  std::atomic<int> heard = 0;
  auto subscription = events.subscribe(nullptr, [&](const Event&) { ++heard; });
  events.publish({.action = "one"});
  EXPECT_TRUE(eventually([&] { return heard == 1; }));
  subscription = Subscription{};
  events.publish({.action = "two"});
  std::this_thread::sleep_for(50ms);
  EXPECT_EQ(heard, 1);
}

TEST(Events, AStuckSubscriberIsDroppedAndDelaysNobody) {
  EventSystem events;
  std::promise<void> release;
  auto wait = release.get_future().share();
  std::atomic<int> heard = 0;
  const auto stuck =
      events.subscribe(nullptr, [wait](const Event&) { wait.wait(); });
  const auto healthy =
      events.subscribe(nullptr, [&](const Event&) { ++heard; });
  int told = 0;
  for (int round = 0; round < 20 && !stuck.dropped(); ++round) {
    for (int i = 0; i < 1'000; ++i, ++told) {
      events.publish({.action = "x"});
    }
    // No faster than who listens: the queue of each is bounded.
    ASSERT_TRUE(eventually([&] { return heard == told; })) << round;
  }
  EXPECT_TRUE(stuck.dropped());
  EXPECT_FALSE(healthy.dropped());
  release.set_value();
}

// Nothing else comes that could show that the first is stuck.
TEST(Events, ASingleEventReachesTheOthersPastAStuckSubscriber) {
  EventSystem events;
  std::promise<void> release;
  auto wait = release.get_future().share();
  std::atomic<int> heard = 0;
  const auto stuck =
      events.subscribe(nullptr, [wait](const Event&) { wait.wait(); });
  const auto healthy =
      events.subscribe(nullptr, [&](const Event&) { ++heard; });
  events.publish({.action = "x"});
  EXPECT_TRUE(eventually([&] { return heard == 1; }));
  release.set_value();
}

TEST(Events, ASlowSubscriberGetsAllAndThreadsDoNotPileUp) {
  EventSystem events;
  std::atomic<int> slow_heard = 0;
  const auto slow = events.subscribe(nullptr, [&](const Event&) {
    std::this_thread::sleep_for(150ms);
    ++slow_heard;
  });
  for (int i = 0; i < 6; ++i) {
    events.publish({.action = "x"});
    EXPECT_TRUE(eventually([&] { return slow_heard == i + 1; }));
  }
  const auto tasks =
      std::distance(std::filesystem::directory_iterator("/proc/self/task"),
                    std::filesystem::directory_iterator());
  EXPECT_LE(tasks, 5);  // this one, the deputy, the dispatcher, one that ends
}

TEST(Events, AListenerMayPublishAndSubscribe) {
  EventSystem events;
  std::atomic<int> second = 0;
  Subscription inner;
  const auto outer = events.subscribe(
      [](const Event& event) { return event.action == "first"; },
      [&](const Event&) {
        inner = events.subscribe(nullptr, [&](const Event& event) {
          second += event.action == "second" ? 1 : 0;
        });
        events.publish({.action = "second"});
      });
  events.publish({.action = "first"});
  EXPECT_TRUE(eventually([&] { return second == 1; }));
}

}  // namespace
}  // namespace docker_cpp::daemon
