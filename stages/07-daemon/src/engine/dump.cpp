// SPDX-License-Identifier: Apache-2.0
#include "dump.hpp"

#include <dirent.h>
#include <unistd.h>

#include <array>
#include <map>
#include <memory>

#include <climits>

#include "folders.hpp"

#include "docker_cpp/daemon/model_json.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::daemon {
namespace {

std::string containers_part(const ContainerRuntime& runtime) {
  std::string out = "== containers\n";
  for (const auto& one : runtime.list()) {
    out += one->id.substr(0, 12) + " " + one->name + " " +
           std::string(to_string(one->state)) +
           " pid=" + std::to_string(one->pid) +
           " exit=" + std::to_string(one->exit_code) +
           " restarts=" + std::to_string(one->restart_count) +
           " execs=" + std::to_string(one->exec_ids.size()) + " health=" +
           (one->health ? one->health->status : std::string("none")) +
           (one->error.empty() ? "" : " error=" + one->error) + "\n";
  }
  return out;
}

std::string events_part(const ContainerRuntime& runtime) {
  std::string out = "== the last events\n";
  const auto events = runtime.event_history();
  constexpr std::size_t most = 50;
  const std::size_t begin = events.size() > most ? events.size() - most : 0;
  for (std::size_t i = begin; i < events.size(); ++i) {
    out += format_time(events[i].time) + " " + events[i].type + " " +
           events[i].action + " " + events[i].actor_id.substr(0, 12) + "\n";
  }
  return out;
}

/// What each descriptor is, counted: "socket", "/var/lib/…".
std::string descriptors_part() {
  const std::unique_ptr<DIR, decltype(&::closedir)> dir(
      ::opendir("/proc/self/fd"), &::closedir);
  std::map<std::string, int> kinds;
  while (const dirent* one = dir ? ::readdir(dir.get()) : nullptr) {
    std::array<char, PATH_MAX> target{};
    const std::string link = std::string("/proc/self/fd/") + one->d_name;
    if (::readlink(link.c_str(), target.data(), target.size() - 1) > 0) {
      const std::string text = target.data();
      ++kinds[text.substr(0, text.find(":["))];
    }
  }
  std::string out = "== descriptors\n";
  for (const auto& [kind, count] : kinds) {
    out += std::to_string(count) + " " + kind + "\n";
  }
  return out;
}

}  // namespace

std::string write_dump(const std::string& exec_root,
                       const ContainerRuntime& runtime) {
  const std::string time = format_time(std::chrono::system_clock::now());
  const std::string path = exec_root + "/dump-" + time + ".txt";
  write_file(path,
             "docker-cppd " + std::to_string(::getpid()) + " at " + time +
                 "\n" + containers_part(runtime) + events_part(runtime) +
                 descriptors_part() + "== process\n" +
                 sys::read_file("/proc/self/status").value_or(""),
             0600);
  return path;
}

bool take_clean_marker(const std::string& data_root) {
  return ::unlink((data_root + "/clean").c_str()) == 0;
}

void leave_clean_marker(const std::string& data_root) {
  write_file(data_root + "/clean", "", 0600);
}

}  // namespace docker_cpp::daemon
