// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/daemon/registry.hpp"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "docker_cpp/daemon/api_error.hpp"

namespace docker_cpp::daemon {
namespace {

using testing::HasSubstr;

Container container(const std::string& id, const std::string& name) {
  Container made;
  made.id = id;
  made.name = name;
  return made;
}

/// What find() says when it refuses.
std::string refusal(const Registry& registry, const std::string& ref) {
  try {
    static_cast<void>(registry.find(ref));
  } catch (const ApiError& error) {
    return std::to_string(error.status()) + " " + error.what();
  }
  return "found";
}

TEST(Registry, FindsByIdNameAndUniquePrefix) {
  Registry registry;
  registry.insert(container("aa11", "web"));
  registry.insert(container("aa22", "aa"));
  EXPECT_EQ(registry.find("aa11")->name, "web");
  EXPECT_EQ(registry.find("web")->id, "aa11");
  EXPECT_EQ(registry.find("/web")->id, "aa11");
  EXPECT_EQ(registry.find("aa1")->id, "aa11");
  EXPECT_EQ(registry.find("aa")->id, "aa22") << "a name goes before a prefix";
}

TEST(Registry, RefusesInDockersWords) {
  Registry registry;
  registry.insert(container("aa11", "one"));
  registry.insert(container("aa22", "two"));
  EXPECT_EQ(refusal(registry, "zz"), "404 No such container: zz");
  EXPECT_EQ(refusal(registry, ""), "404 No such container: ");
  EXPECT_EQ(refusal(registry, "aa"),
            "400 multiple IDs found with provided prefix: aa");
}

TEST(Registry, NameHasOneOwner) {
  Registry registry;
  registry.insert(container("aa11", "web"));
  try {
    registry.insert(container("bb22", "web"));
    FAIL() << "the name was given twice";
  } catch (const ApiError& error) {
    EXPECT_EQ(error.code(), ErrorCode::conflict);
    EXPECT_THAT(error.what(),
                HasSubstr("The container name \"/web\" is already in use by "
                          "container \"aa11\""));
  }
  EXPECT_EQ(registry.by_id("bb22"), nullptr);
  registry.erase("aa11");
  registry.insert(container("bb22", "web"));
  EXPECT_EQ(registry.find("web")->id, "bb22");
}

TEST(Registry, RenameFreesTheOldName) {
  Registry registry;
  registry.insert(container("aa11", "old"));
  registry.insert(container("bb22", "other"));
  EXPECT_THROW(registry.rename("aa11", "other"), ApiError);
  registry.rename("aa11", "new");
  EXPECT_EQ(registry.find("new")->id, "aa11");
  EXPECT_THROW(static_cast<void>(registry.find("old")), ApiError);
}

TEST(Registry, SnapshotStaysAsItWas) {
  Registry registry;
  registry.insert(container("aa11", "web"));
  const auto before = registry.find("web");
  Container next = *before;
  next.exit_code = 3;
  registry.publish(next);
  EXPECT_EQ(before->exit_code, 0);
  EXPECT_EQ(registry.find("web")->exit_code, 3);
}

TEST(Registry, PublishOfAnErasedContainerDoesNotBringItBack) {
  Registry registry;
  registry.insert(container("aa11", "web"));
  const Container kept = *registry.find("web");
  registry.erase("aa11");
  registry.publish(kept);
  EXPECT_TRUE(registry.list().empty());
}

TEST(Registry, ListsNewestFirst) {
  Registry registry;
  Container first = container("bb", "first");
  Container second = container("aa", "second");
  first.created = Time(std::chrono::seconds(1));
  second.created = Time(std::chrono::seconds(2));
  registry.insert(first);
  registry.insert(second);
  EXPECT_EQ(registry.list().at(0)->name, "second");
}

TEST(Registry, ManyReadersAndWritersAtOnce) {
  Registry registry;
  registry.insert(container("aa11", "web"));
  std::atomic<bool> stop = false;
  std::atomic<int> wins = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      while (!stop) {
        EXPECT_EQ(registry.find("web")->id, "aa11");
      }
    });
  }
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&, i] {
      const std::string id = "cc" + std::to_string(i);
      for (int n = 0; n < 300; ++n) {
        try {
          registry.insert(container(id, "contested"));
          ++wins;
          registry.erase(id);
        } catch (const ApiError&) {
        }
        registry.publish(container("aa11", "web"));
      }
    });
  }
  for (std::size_t i = 2; i < threads.size(); ++i) {
    threads.at(i).join();
  }
  stop = true;
  threads.clear();
  EXPECT_GE(wins, 1);
  EXPECT_EQ(registry.list().size(), 1U);
}

}  // namespace
}  // namespace docker_cpp::daemon
