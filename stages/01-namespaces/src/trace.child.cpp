// SPDX-License-Identifier: Apache-2.0
#include <ctime>

#include "trace_page.hpp"

namespace docker_cpp::sys {
namespace {

// Of this process alone: the child begins with a copy.
// NOLINTBEGIN(cppcoreguidelines-avoid-non-const-global-variables)
std::uint8_t depth = 0;
bool is_child = false;
// NOLINTEND(cppcoreguidelines-avoid-non-const-global-variables)

std::int64_t now() noexcept {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

TraceStep::Page* TraceStep::active = nullptr;

TraceRecord* TraceStep::begin(const char* text, TraceMoment moment) noexcept {
  const unsigned index = active->used.fetch_add(1);
  if (index >= Page::capacity) {
    return nullptr;
  }
  TraceRecord& record = active->records[index];
  std::size_t i = 0;
  for (; i + 1 < sizeof record.text && text[i] != '\0'; ++i) {
    record.text[i] = text[i];
  }
  record.text[i] = '\0';
  record.depth = depth++;
  record.in_child = is_child;
  record.moment = moment;
  record.began_ns = now();
  return &record;
}

void TraceStep::end(TraceRecord& record) noexcept {
  // The clone's step is ended on both sides: the parent's word counts.
  if (record.in_child == is_child) {
    record.ended_ns = now();
  }
  --depth;
}

void trace_in_child() noexcept {
  is_child = true;
  depth = 0;
}

}  // namespace docker_cpp::sys
