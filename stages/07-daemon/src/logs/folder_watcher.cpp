// SPDX-License-Identifier: Apache-2.0
#include "folder_watcher.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::daemon {

FolderWatcher::Interest& FolderWatcher::Interest::operator=(
    Interest&& other) noexcept {
  if (this != &other) {
    end();
    watcher_ = std::exchange(other.watcher_, {});
    watch_ = other.watch_;
    id_ = other.id_;
  }
  return *this;
}

void FolderWatcher::Interest::end() noexcept {
  if (const auto watcher = std::exchange(watcher_, {}).lock()) {
    watcher->forget(watch_, id_);
  }
}

FolderWatcher::FolderWatcher(Executor& executor)
    : executor_(executor),
      inotify_(must(sys::check(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK),
                               "inotify_init1"),
                    "watch folders for changes")) {}

FolderWatcher::~FolderWatcher() = default;

void FolderWatcher::start() {
  ready_ = executor_.watch(inotify_.get(), POLLIN, [weak = weak_from_this()] {
    const auto self = weak.lock();
    return self && self->read_events();
  });
}

FolderWatcher::Interest FolderWatcher::watch(const std::string& folder,
                                             Callback callback) {
  const std::lock_guard lock(mutex_);
  const int watch =
      must(sys::check(::inotify_add_watch(inotify_.get(), folder.c_str(),
                                          IN_MODIFY | IN_CREATE | IN_MOVED_TO |
                                              IN_DELETE_SELF | IN_ONLYDIR),
                      "inotify_add_watch"),
           "watch folder " + folder);
  const auto id = ++next_id_;
  callbacks_[watch].emplace(id, std::move(callback));
  return {weak_from_this(), watch, id};
}

void FolderWatcher::forget(int watch, unsigned id) noexcept {
  const std::lock_guard lock(mutex_);
  const auto found = callbacks_.find(watch);
  if (found != callbacks_.end() && found->second.erase(id) > 0 &&
      found->second.empty()) {
    callbacks_.erase(found);
    ::inotify_rm_watch(inotify_.get(), watch);
  }
}

bool FolderWatcher::read_events() {
  alignas(inotify_event) std::array<char, 16U << 10> bytes;
  const auto got = ::read(inotify_.get(), bytes.data(), bytes.size());
  std::vector<Callback> calls;
  for (std::size_t at = 0; got > 0 && at < static_cast<std::size_t>(got);) {
    inotify_event event{};
    std::memcpy(&event, bytes.data() + at, sizeof event);
    at += sizeof event + event.len;
    const std::lock_guard lock(mutex_);
    // Events were lost: anything may have happened, to all.
    const bool overflow = (event.mask & IN_Q_OVERFLOW) != 0;
    for (const auto& [watch, interested] : callbacks_) {
      if (watch == event.wd || overflow) {
        for (const auto& [id, call] : interested) {
          calls.push_back(call);
        }
      }
    }
  }
  for (const auto& call : calls) {
    call();
  }
  return true;
}

}  // namespace docker_cpp::daemon
