// SPDX-License-Identifier: Apache-2.0
#include "reload.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <string_view>

namespace docker_cpp::daemon {
namespace {

constexpr std::uint32_t finished = IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE;

bool is_configuration(std::string_view name, std::string_view file) {
  return name == file || name.ends_with(".yaml") || name.ends_with(".yml") ||
         name.ends_with(".json");
}

/// Whether one of the events that wait is about a file of ours.
bool concerns_us(int inotify, std::string_view file) {
  alignas(inotify_event) std::array<char, 4096> bytes{};
  bool ours = false;
  for (ssize_t got = 0;
       (got = ::read(inotify, bytes.data(), bytes.size())) > 0;) {
    for (ssize_t at = 0; at < got;) {
      inotify_event event{};
      std::memcpy(&event, bytes.data() + at, sizeof event);
      const char* name = bytes.data() + at + sizeof event;
      ours = ours || (event.len > 0 && is_configuration(name, file));
      at += static_cast<ssize_t>(sizeof event + event.len);
    }
  }
  return ours;
}

}  // namespace

void reload_configuration(const DaemonOptions& options, Engine& engine,
                          EventSystem& events, const std::string& id,
                          const Log& log) {
  if (!options.reload) {
    return;
  }
  Reloaded reloaded = options.reload();
  if (!reloaded.error.empty()) {
    log(LogLevel::error, "the configuration stays as it is: " + reloaded.error);
    return;
  }
  engine.set_defaults(std::move(reloaded.defaults));
  for (const std::string& text : reloaded.changed) {
    log(LogLevel::info, "configuration: " + text);
  }
  for (const std::string& text : reloaded.needs_restart) {
    log(LogLevel::warn, "configuration: " + text + " (with the next start)");
  }
  log(LogLevel::info, "Reloaded configuration");
  events.publish({.type = "daemon", .action = "reload", .actor_id = id});
}

ConfigurationWatch::ConfigurationWatch(Executor& executor,
                                       const std::string& file)
    : inotify_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
  const std::size_t slash = file.rfind('/');
  if (slash == std::string::npos || !inotify_) {
    return;
  }
  name_ = file.substr(slash + 1);
  const std::string folder = file.substr(0, slash + 1);
  ::inotify_add_watch(inotify_.get(), folder.c_str(), finished);
  ::inotify_add_watch(inotify_.get(), (folder + "conf.d").c_str(), finished);
  watch_ = executor.watch(inotify_.get(), POLLIN, [this] {
    if (concerns_us(inotify_.get(), name_)) {
      ::kill(::getpid(), SIGHUP);
    }
    return true;
  });
}

}  // namespace docker_cpp::daemon
