// SPDX-License-Identifier: Apache-2.0
#include "link_reaper.hpp"

#include <chrono>
#include <utility>

#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::network {
namespace {

/// What a dying namespace needs, several times over, on a busy machine.
constexpr std::chrono::milliseconds grace{100};

}  // namespace

LinkReaper::LinkReaper() : links_(Links::open()) {}

LinkReaper::~LinkReaper() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  work_.notify_one();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void LinkReaper::add(std::string name) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(name));
    // Not before: most networks wait for their first container for long.
    if (!thread_.joinable()) {
      thread_ = std::thread([this] { run(); });
    }
  }
  work_.notify_one();
}

void LinkReaper::settle() {
  std::unique_lock lock(mutex_);
  hurry_ = true;
  work_.notify_one();
  idle_.wait(lock, [&] { return queue_.empty() && !busy_; });
  hurry_ = false;
}

void LinkReaper::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    work_.wait(lock, [&] { return stop_ || !queue_.empty(); });
    if (queue_.empty()) {
      return;
    }
    work_.wait_for(lock, grace, [&] { return stop_ || hurry_; });
    const std::vector<std::string> names = std::exchange(queue_, {});
    busy_ = true;
    lock.unlock();
    for (const std::string& name : names) {
      try {
        links_.remove(name);
      } catch (const Error&) {
        // It stays a port of the bridge that nobody knows, and the next
        // reconcile() finds it as such.
      }
    }
    lock.lock();
    busy_ = false;
    idle_.notify_all();
  }
}

}  // namespace docker_cpp::network
