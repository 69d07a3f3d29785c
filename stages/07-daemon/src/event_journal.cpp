// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/daemon/event_journal.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "docker_cpp/daemon/model_json.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::daemon {
namespace {

using nlohmann::json;
using std::chrono::nanoseconds;

constexpr off_t longest = 1 << 20;
constexpr std::size_t remembered = 1000;

std::string line_of(const Event& event) {
  const auto time =
      std::chrono::duration_cast<nanoseconds>(event.time.time_since_epoch());
  return dump({{"type", event.type},
               {"action", event.action},
               {"id", event.actor_id},
               {"attributes", event.attributes},
               {"time", time.count()}}) +
         "\n";
}

bool read_line(std::string_view line, Event& event) {
  const json value = json::parse(line, nullptr, false);
  if (!value.is_object()) {
    return false;
  }
  try {
    event.type = value.at("type").get<std::string>();
    event.action = value.at("action").get<std::string>();
    event.actor_id = value.at("id").get<std::string>();
    event.attributes =
        value.at("attributes").get<std::map<std::string, std::string>>();
    event.time = std::chrono::system_clock::time_point(
        std::chrono::duration_cast<std::chrono::system_clock::duration>(
            nanoseconds(value.at("time").get<std::int64_t>())));
  } catch (const json::exception&) {
    return false;
  }
  // One from the future would push all that follow there.
  return event.time <= std::chrono::system_clock::now();
}

void read_events(const std::string& path, std::vector<Event>& into) {
  const auto text = sys::read_file(path.c_str());
  std::string_view rest = text ? std::string_view(*text) : std::string_view();
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    Event event;
    if (end != std::string_view::npos &&
        read_line(rest.substr(0, end), event)) {
      into.push_back(std::move(event));
    }
    rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
  }
}

}  // namespace

struct EventJournal::Impl {
  explicit Impl(std::string where) : path(std::move(where)) { open(); }

  void open() {
    file = must(sys::open(path.c_str(),
                          O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0600),
                "open the journal of events " + path);
    struct stat info{};
    size = ::fstat(file.get(), &info) == 0 ? info.st_size : 0;
  }

  /// What the disk does not take is not remembered.
  void write(const Event& event) {
    const std::lock_guard lock(mutex);
    const std::string line = line_of(event);
    if (size > longest && ::rename(path.c_str(), (path + ".1").c_str()) == 0) {
      open();
    }
    if (sys::write_all(file.get(), line)) {
      size += static_cast<off_t>(line.size());
    }
  }

  std::mutex mutex;
  std::string path;
  sys::UniqueFd file;
  off_t size = 0;
};

EventJournal::EventJournal(const std::string& path, EventSystem& events) {
  std::vector<Event> past;
  read_events(path + ".1", past);
  read_events(path, past);
  const std::size_t known = std::min(past.size(), remembered);
  std::for_each(past.end() - static_cast<std::ptrdiff_t>(known), past.end(),
                [&](Event& event) { events.publish(std::move(event)); });
  impl_ = std::make_shared<Impl>(path);
  subscription_ = events.subscribe(
      nullptr, [impl = impl_](const Event& event) { impl->write(event); });
}

EventJournal::~EventJournal() = default;

}  // namespace docker_cpp::daemon
