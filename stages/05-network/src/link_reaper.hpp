// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "docker_cpp/network/links.hpp"

namespace docker_cpp::network {

/// Removes links without anybody waiting for it.
///
/// Deleting a link takes the kernel 10 to 35 ms (it waits for every CPU to
/// have let go of it), but a container's link mostly goes by itself, along
/// with the container's network namespace. So a link is given some time, and
/// deleted only if it is still there. Thread safe.
class LinkReaper {
 public:
  /// Works in the calling thread's network namespace.
  LinkReaper();
  LinkReaper(const LinkReaper&) = delete;
  LinkReaper& operator=(const LinkReaper&) = delete;
  ~LinkReaper();  ///< after the last one is gone

  void add(std::string name);

  /// Returns when all that was added is gone.
  void settle();

 private:
  void run();

  Links links_;
  std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable idle_;
  std::vector<std::string> queue_;
  bool busy_ = false;
  bool hurry_ = false;
  bool stop_ = false;
  std::thread thread_;  ///< last: it uses all the others
};

}  // namespace docker_cpp::network
