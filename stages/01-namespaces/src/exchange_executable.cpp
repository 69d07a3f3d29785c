// SPDX-License-Identifier: Apache-2.0
// What /proc/PID/exe leads to can be exchanged while a program runs, once no
// page of the old file is mapped any more: made for CRIU, which has to restore
// it. Less than an exec: no second start of the C library, which on a virtual
// machine costs more than the exec itself (each cpuid is a trap).
#include "exchange_executable.hpp"

#include <fcntl.h>
#include <link.h>
#include <linux/prctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <span>
#include <string>

#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::sys {
namespace {

struct Pages {
  std::uintptr_t begin;
  std::uintptr_t end;
  [[nodiscard]] std::size_t size() const { return end - begin; }
  [[nodiscard]] void* address() const {
    // The loader tells addresses as numbers: there is no pointer to keep.
    // NOLINTNEXTLINE(performance-no-int-to-ptr)
    return reinterpret_cast<void*>(begin);
  }
};

std::uintptr_t page_size() {
  return static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
}

std::uintptr_t page_of(std::uintptr_t address) {
  return address & ~(page_size() - 1);
}

/// The part of a segment that is mapped from the file.
Pages file_pages(const dl_phdr_info& program, const ElfW(Phdr) & segment) {
  const std::uintptr_t begin = program.dlpi_addr + segment.p_vaddr;
  return {.begin = page_of(begin),
          .end = page_of(begin + segment.p_filesz + page_size() - 1)};
}

/// The same bytes, so whoever executes them does not notice.
bool map_again(const dl_phdr_info& program, const ElfW(Phdr) & segment,
               int file) {
  const int protection = ((segment.p_flags & PF_R) != 0 ? PROT_READ : 0) |
                         ((segment.p_flags & PF_X) != 0 ? PROT_EXEC : 0);
  const Pages pages = file_pages(program, segment);
  return ::mmap(pages.address(), pages.size(), protection,
                MAP_PRIVATE | MAP_FIXED, file,
                static_cast<off_t>(page_of(segment.p_offset))) != MAP_FAILED;
}

/// Data that has been written to since: becomes memory of no file. Nothing may
/// be written to it in between, which holds for what is called here; the
/// kernel copies, as a sanitizer's memcpy would look at what it must not.
bool make_anonymous(const Pages& pages) {
  void* const copy = ::mmap(nullptr, pages.size(), PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (copy == MAP_FAILED) {
    return false;
  }
  const iovec from{.iov_base = pages.address(), .iov_len = pages.size()};
  const iovec to{.iov_base = copy, .iov_len = pages.size()};
  if (::process_vm_readv(::getpid(), &to, 1, &from, 1, 0) !=
      static_cast<ssize_t>(pages.size())) {
    ::munmap(copy, pages.size());
    return false;
  }
  return ::mremap(copy, pages.size(), pages.size(),
                  MREMAP_MAYMOVE | MREMAP_FIXED, pages.address()) != MAP_FAILED;
}

/// What the loader had made read-only once it had relocated it.
bool seal_relocated(const dl_phdr_info& program, const ElfW(Phdr) & relro) {
  const std::uintptr_t begin = program.dlpi_addr + relro.p_vaddr;
  const Pages pages{.begin = page_of(begin),
                    .end = page_of(begin + relro.p_memsz)};
  return pages.size() == 0 ||
         ::mprotect(pages.address(), pages.size(), PROT_READ) == 0;
}

struct Attempt {
  int file;
  bool done;
};

/// The first object that is told of is the program itself.
int leave_file(dl_phdr_info* program, std::size_t /*size*/, void* into) {
  auto& attempt = *static_cast<Attempt*>(into);
  attempt.done = true;
  const std::span segments(program->dlpi_phdr, program->dlpi_phnum);
  for (const ElfW(Phdr) & one : segments) {
    if (one.p_type == PT_LOAD && attempt.done) {
      attempt.done = (one.p_flags & PF_W) == 0
                         ? map_again(*program, one, attempt.file)
                         : make_anonymous(file_pages(*program, one));
    }
  }
  for (const ElfW(Phdr) & one : segments) {
    if (one.p_type == PT_GNU_RELRO && !seal_relocated(*program, one)) {
      attempt.done = false;
    }
  }
  return 1;
}

/// Fields of /proc/self/stat by their number. \man{proc_pid_stat,5}
class OwnStat {
 public:
  OwnStat() : text_(read_file("/proc/self/stat").value_or("")) {
    // The second is a name in parentheses, which may hold anything.
    std::size_t at = text_.rfind(')');
    for (std::size_t field = 3; field < at_.size(); ++field) {
      at = at == std::string::npos ? at : text_.find(' ', at) + 1;
      at_[field] = at;
    }
  }
  [[nodiscard]] std::uint64_t operator[](std::size_t field) const {
    std::uint64_t value = 0;
    if (at_[field] < text_.size()) {
      std::from_chars(text_.data() + at_[field], text_.data() + text_.size(),
                      value);
    }
    return value;
  }

 private:
  std::string text_;
  std::array<std::size_t, 52> at_{};
};

/// The call that takes the file takes all of this too: as it is.
prctl_mm_map current_map(int file) {
  const OwnStat own;
  prctl_mm_map map{};
  map.start_code = own[26];
  map.end_code = own[27];
  map.start_stack = own[28];
  map.start_data = own[45];
  map.end_data = own[46];
  map.start_brk = own[47];
  map.brk = reinterpret_cast<std::uintptr_t>(::sbrk(0));
  map.arg_start = own[48];
  map.arg_end = own[49];
  map.env_start = own[50];
  map.env_end = own[51];
  map.exe_fd = static_cast<std::uint32_t>(file);
  return map;
}

/// Other bytes than those that are mapped would be executed at once.
bool is_own(int file) {
  struct stat own{};
  struct stat given{};
  return ::stat("/proc/self/exe", &own) == 0 && ::fstat(file, &given) == 0 &&
         own.st_dev == given.st_dev && own.st_ino == given.st_ino;
}

}  // namespace

bool exchange_executable(int other) {
  const std::string path = "/proc/self/fd/" + std::to_string(other);
  const auto file = open(path.c_str(), O_RDONLY);
  if (!file || !is_own(file->get())) {
    return false;
  }
  Attempt attempt{.file = file->get(), .done = false};
  ::dl_iterate_phdr(leave_file, &attempt);
  if (!attempt.done) {
    return false;
  }
  const prctl_mm_map map = current_map(file->get());
  return ::prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof map, 0) == 0;
}

}  // namespace docker_cpp::sys
