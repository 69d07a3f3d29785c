// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/sys/startup_pages.hpp"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <memory>

#include <climits>

namespace docker_cpp::sys {
namespace {

/// Only segments that were never writable are the file's bytes for certain:
/// what the loader relocated is this process's own and would be lost.
int forget_object(dl_phdr_info* object, std::size_t /*size*/,
                  void* /*unused*/) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) {
      continue;
    }
    const std::uintptr_t from =
        (object->dlpi_addr + segment.p_vaddr) & ~(page - 1);
    const std::uintptr_t to =
        object->dlpi_addr + segment.p_vaddr + segment.p_memsz;
    // The loader tells addresses as numbers: there is no pointer to keep.
    // NOLINTNEXTLINE(performance-no-int-to-ptr)
    ::madvise(reinterpret_cast<void*>(from), to - from, MADV_DONTNEED);
  }
  return 0;
}

}  // namespace

void forget_startup_pages() noexcept {
  ::malloc_trim(0);
  ::dl_iterate_phdr(forget_object, nullptr);
}

void prepare_heap(std::size_t bytes) {
  ::mallopt(M_TRIM_THRESHOLD, INT_MAX);
  ::mallopt(M_TOP_PAD, static_cast<int>(bytes));
  const auto first = std::make_unique<char>();  // the first piece of it
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto from =
      (reinterpret_cast<std::uintptr_t>(first.get()) + page) & ~(page - 1);
  const auto to = reinterpret_cast<std::uintptr_t>(::sbrk(0));
  if (from < to && to - from <= 2 * bytes) {
    // Unknown before Linux 5.14: then page by page, as ever.
    // NOLINTNEXTLINE(performance-no-int-to-ptr)
    ::madvise(reinterpret_cast<void*>(from), to - from, MADV_POPULATE_WRITE);
  }
}

}  // namespace docker_cpp::sys
