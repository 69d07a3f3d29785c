// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "docker_cpp/daemon/events.hpp"

namespace docker_cpp::daemon {

/// Keeps the last events over restarts, so that `docker events --since` knows
/// what happened before: one JSON object per line, in two files of at most
/// 1 MiB each. Not synced: a power cut may take the last of them.
class EventJournal {
 public:
  /// Tells `events` what it holds, then writes what comes. A line that is
  /// damaged is left out. `events` must outlive it.
  EventJournal(const std::string& path, EventSystem& events);
  ~EventJournal();
  EventJournal(const EventJournal&) = delete;
  EventJournal& operator=(const EventJournal&) = delete;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
  Subscription subscription_;
};

}  // namespace docker_cpp::daemon
