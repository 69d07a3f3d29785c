// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// What happens in a container's start, and when, on both sides of the clone.
///
/// Code says `const sys::TraceStep step("mount proc on /proc");` around what
/// it does. As long as nobody has begun a trace, that is a look at one pointer.
/// With a trace, parent and child write records of a fixed size into a page
/// that they share; the child needs neither heap nor locks for it, and nothing
/// is left of it after execve(2). Only the parent formats.
namespace docker_cpp::sys {

/// Where a step belongs: the moments of an Isolation, or none of them.
enum class TraceMoment : std::uint8_t {
  none,
  prepare,
  from_parent,
  in_child,
  at_exec
};

struct TraceRecord {
  std::int64_t began_ns = 0;  ///< CLOCK_MONOTONIC
  std::int64_t ended_ns = 0;  ///< 0: never, such as execve(2)
  std::uint8_t depth = 0;     ///< within how many other steps
  bool in_child = false;
  TraceMoment moment = TraceMoment::none;
  char text[93] = {};  ///< what is done; cut where it is longer
};

/// One step: from its construction to its end.
class TraceStep {
 public:
  explicit TraceStep(const char* text,
                     TraceMoment moment = TraceMoment::none) noexcept
      : record_(active == nullptr ? nullptr : begin(text, moment)) {}
  ~TraceStep() {
    if (record_ != nullptr) {
      end(*record_);
    }
  }
  TraceStep(const TraceStep&) = delete;
  TraceStep& operator=(const TraceStep&) = delete;
  TraceStep(TraceStep&&) = delete;
  TraceStep& operator=(TraceStep&&) = delete;

  struct Page;

 private:
  friend class Trace;
  friend void trace_in_child() noexcept;
  static TraceRecord* begin(const char* text, TraceMoment moment) noexcept;
  static void end(TraceRecord& record) noexcept;

  static Page* active;

  TraceRecord* record_;
};

/// Called by the child, so that its steps are told from its parent's.
void trace_in_child() noexcept;

/// While it lives, steps are recorded. One at a time; for programs with one
/// thread.
class Trace {
 public:
  /// \throws Error
  Trace();
  ~Trace();
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;
  Trace(Trace&&) = delete;
  Trace& operator=(Trace&&) = delete;

  /// In the order in which they began.
  [[nodiscard]] std::vector<TraceRecord> records() const;
  /// How many did not fit any more.
  [[nodiscard]] unsigned lost() const;

 private:
  TraceStep::Page* page_;
};

}  // namespace docker_cpp::sys
