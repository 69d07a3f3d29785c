// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "json_reader.hpp"
#include "registry_work.hpp"

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

constexpr std::chrono::milliseconds often{100};

}  // namespace

void Reporter::line(std::string_view text) {
  const std::lock_guard lock(mutex_);
  must(sys::write_all(fd_, std::string(text) + "\n"), "report");
}

void Reporter::progress(const Progress& step) {
  const Json json = {{"type", "progress"},
                     {"id", step.id},
                     {"status", step.status},
                     {"current", step.current},
                     {"total", step.total}};
  line(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void Reporter::moving(const Progress& step) {
  {
    const std::lock_guard lock(mutex_);
    const auto now = Clock::now();
    auto& last = last_[step.id];
    if (now - last < often) {
      return;
    }
    last = now;
  }
  progress(step);
}

}  // namespace docker_cpp::images
