// SPDX-License-Identifier: Apache-2.0
#include "log.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>

#include "flags.hpp"

#include "docker_cpp/oci/json_view.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::runtime {

void Log::configure(const std::string& file, const std::string& format,
                    const std::string& level) {
  if (format != "text" && format != "json" && !format.empty()) {
    throw UsageError("invalid log-format: " + format);
  }
  constexpr std::array levels = {"",     "trace", "debug", "info", "warning",
                                 "warn", "error", "fatal", "panic"};
  const auto* known = std::ranges::find(levels, level);
  if (known == levels.end()) {
    throw UsageError("invalid log-level: " + level);
  }
  warnings_ = known < levels.begin() + 6;
  json_ = format == "json";
  if (!file.empty()) {
    auto opened =
        must(sys::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644),
             "open the log " + file);
    fd_ = opened.release();  // for as long as the program runs
  }
}

void Log::write(std::string_view level, std::string_view message) const {
  const std::string time = timestamp(Precision::seconds);
  const std::string quoted = oci::json_quote(message);
  const std::string line =
      json_ ? R"({"level":")" + std::string(level) + R"(","msg":)" + quoted +
                  R"(,"time":")" + time + "\"}\n"
            : "time=\"" + time + "\" level=" + std::string(level) +
                  " msg=" + quoted + "\n";
  static_cast<void>(sys::write_all(fd_, line));
  if (fd_ != 2 && level == "error") {  // as runc does: for the human
    static_cast<void>(sys::write_all(2, std::string(message) + "\n"));
  }
}

std::string timestamp(Precision precision) {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  // Not gmtime_r(3) or strftime(3), which read the time zone's file first.
  using std::chrono::days;
  const std::chrono::sys_seconds second{std::chrono::seconds(now.tv_sec)};
  const auto midnight = std::chrono::floor<days>(second);
  const std::chrono::year_month_day date(midnight);
  const std::chrono::hh_mm_ss time(second - midnight);
  char text[64];
  int length = std::snprintf(
      text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d",
      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
      static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
      static_cast<int>(time.minutes().count()),
      static_cast<int>(time.seconds().count()));
  if (precision == Precision::nanoseconds) {
    const auto used = static_cast<std::size_t>(length);
    length +=
        std::snprintf(text + used, sizeof text - used, ".%09ld", now.tv_nsec);
  }
  return std::string(text, static_cast<std::size_t>(length)) + "Z";
}

}  // namespace docker_cpp::runtime
