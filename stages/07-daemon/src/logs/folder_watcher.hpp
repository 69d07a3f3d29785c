// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "docker_cpp/daemon/executor.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::daemon {

/// Calls back when something in a folder is written or renamed. One inotify
/// instance serves all: the kernel allows a user 128 of them.
/// Thread safe. \man{inotify,7}
class FolderWatcher : public std::enable_shared_from_this<FolderWatcher> {
 public:
  using Callback = std::function<void()>;

  /// Ends the interest when it goes; a call that has begun is not waited for.
  class Interest {
   public:
    Interest() = default;
    Interest(std::weak_ptr<FolderWatcher> watcher, int watch, unsigned id)
        : watcher_(std::move(watcher)), watch_(watch), id_(id) {}
    Interest(Interest&& other) noexcept
        : watcher_(std::exchange(other.watcher_, {})),
          watch_(other.watch_),
          id_(other.id_) {}
    Interest& operator=(Interest&& other) noexcept;
    ~Interest() { end(); }

   private:
    void end() noexcept;

    std::weak_ptr<FolderWatcher> watcher_;
    int watch_ = -1;
    unsigned id_ = 0;
  };

  /// \throws Error
  explicit FolderWatcher(Executor& executor);
  FolderWatcher(const FolderWatcher&) = delete;
  FolderWatcher& operator=(const FolderWatcher&) = delete;
  ~FolderWatcher();

  void start();
  /// \throws Error
  [[nodiscard]] Interest watch(const std::string& folder, Callback callback);

 private:
  bool read_events();
  void forget(int watch, unsigned id) noexcept;

  Executor& executor_;
  sys::UniqueFd inotify_;
  FdWatch ready_;
  std::mutex mutex_;
  unsigned next_id_ = 0;
  std::map<int, std::map<unsigned, Callback>> callbacks_;
};

}  // namespace docker_cpp::daemon
