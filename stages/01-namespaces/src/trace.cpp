// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/sys/trace.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "trace_page.hpp"

#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::sys {

Trace::Trace() {
  void* memory =
      ::mmap(nullptr, sizeof(TraceStep::Page), PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    throw Error({.code = errno, .call = "mmap"}, "make room for the trace");
  }
  // Zeroed by the kernel, which is what an empty page is.
  page_ = static_cast<TraceStep::Page*>(memory);
  TraceStep::active = page_;
}

Trace::~Trace() {
  TraceStep::active = nullptr;
  ::munmap(page_, sizeof(TraceStep::Page));
}

std::vector<TraceRecord> Trace::records() const {
  const unsigned used = std::min(page_->used.load(), TraceStep::Page::capacity);
  std::vector<TraceRecord> all(page_->records.begin(),
                               page_->records.begin() + used);
  // One that was taken but not filled in belongs to a child that died.
  std::erase_if(all, [](const TraceRecord& one) { return one.began_ns == 0; });
  std::ranges::sort(all, [](const TraceRecord& a, const TraceRecord& b) {
    return std::pair(a.began_ns, a.depth) < std::pair(b.began_ns, b.depth);
  });
  return all;
}

unsigned Trace::lost() const {
  const unsigned used = page_->used.load();
  return used - std::min(used, TraceStep::Page::capacity);
}

}  // namespace docker_cpp::sys
