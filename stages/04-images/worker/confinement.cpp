// SPDX-License-Identifier: Apache-2.0
#include "confinement.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>

#include <seccomp.h>

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::images {
namespace {

/// What unpacking takes. CAP_SYS_ADMIN is not among them: opaque folders are
/// marked by the daemon.
constexpr std::array kept = {CAP_CHOWN,  CAP_DAC_OVERRIDE, CAP_FOWNER,
                             CAP_FSETID, CAP_MKNOD,        CAP_SETFCAP};

constexpr rlim_t most_memory = rlim_t{1} << 30;
/// Of address space: threads reserve much more of it than they touch.
constexpr rlim_t most_memory_of_threads = rlim_t{3} << 30;

std::uint64_t kept_mask() {
  std::uint64_t mask = 0;
  for (const int capability : kept) {
    mask |= std::uint64_t{1} << capability;
  }
  return mask;
}

void drop_capabilities(std::uint64_t mask) {
  for (int capability = 0; capability <= 63; ++capability) {
    if ((mask >> capability & 1U) == 0 &&
        ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == -1 &&
        errno != EINVAL) {
      // Started without CAP_SETPCAP: then exec gains nothing either, because
      // of no_new_privs and the system call filter.
      break;
    }
  }
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3,
                                  .pid = 0};
  std::array<__user_cap_data_struct, 2> sets{};
  must(sys::check_void(::syscall(SYS_capget, &header, sets.data()), "capget"),
       "read own capabilities");
  for (std::size_t half = 0; half < sets.size(); ++half) {
    const auto bits = static_cast<std::uint32_t>(mask >> (32 * half));
    sets[half].permitted &= bits;
    sets[half].effective = sets[half].permitted;
    sets[half].inheritable = 0;
  }
  must(sys::check_void(::syscall(SYS_capset, &header, sets.data()), "capset"),
       "drop capabilities");
}

/// All rights that this kernel can govern. \man{landlock,7}
std::uint64_t known_rights(long abi) {
  constexpr unsigned first_abi = 13;  // EXECUTE ... MAKE_SYM
  constexpr std::array<unsigned, 6> by_abi = {first_abi,     first_abi + 1,
                                              first_abi + 2, first_abi + 2,
                                              first_abi + 3, first_abi + 3};
  const std::size_t index =
      std::min<std::size_t>(static_cast<std::size_t>(abi), by_abi.size()) - 1;
  return (std::uint64_t{1} << by_abi[index]) - 1;
}

void allow(int ruleset, int beneath, std::uint64_t rights) {
  landlock_path_beneath_attr rule{};
  rule.allowed_access = rights;
  rule.parent_fd = beneath;
  must(sys::check_void(::syscall(SYS_landlock_add_rule, ruleset,
                                 LANDLOCK_RULE_PATH_BENEATH, &rule, 0),
                       "landlock_add_rule"),
       "restrict files");
}

void allow_reading(int ruleset, int beneath) {
  struct stat status{};
  must(sys::check_void(::fstat(beneath, &status), "fstat"), "restrict files");
  allow(ruleset, beneath,
        LANDLOCK_ACCESS_FS_READ_FILE |
            (S_ISDIR(status.st_mode) ? LANDLOCK_ACCESS_FS_READ_DIR : 0U));
}

void restrict_files(std::span<const int> folders, const Reach& reach) {
  const long abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0,
                             LANDLOCK_CREATE_RULESET_VERSION);
  if (abi <= 0) {
    return;
  }
  landlock_ruleset_attr rules{};
  constexpr std::uint64_t reading = LANDLOCK_ACCESS_FS_EXECUTE |
                                    LANDLOCK_ACCESS_FS_READ_FILE |
                                    LANDLOCK_ACCESS_FS_READ_DIR;
  const bool programs = reach.programs == Reach::Programs::of_the_host;
  rules.handled_access_fs = known_rights(abi) & ~(programs ? reading : 0);
  const sys::UniqueFd ruleset(
      static_cast<int>(must(sys::check(::syscall(SYS_landlock_create_ruleset,
                                                 &rules, sizeof rules, 0),
                                       "landlock_create_ruleset"),
                            "restrict files")));
  for (const int folder : folders) {
    allow(ruleset.get(), folder,
          rules.handled_access_fs & ~std::uint64_t{LANDLOCK_ACCESS_FS_EXECUTE});
  }
  if (programs) {
    const sys::UniqueFd null(::open("/dev/null", O_PATH | O_CLOEXEC));
    allow(ruleset.get(), null.get(), LANDLOCK_ACCESS_FS_WRITE_FILE);
  }
  for (const int folder : reach.readable_folders) {
    allow_reading(ruleset.get(), folder);
  }
  for (const std::string& path : reach.readable) {
    const sys::UniqueFd file(::open(path.c_str(), O_PATH | O_CLOEXEC));
    if (file) {
      allow_reading(ruleset.get(), file.get());
    }
  }
  must(sys::check_void(::syscall(SYS_landlock_restrict_self, ruleset.get(), 0),
                       "landlock_restrict_self"),
       "restrict files");
}

constexpr std::array allowed_calls = {SCMP_SYS(read),
                                      SCMP_SYS(write),
                                      SCMP_SYS(pread64),
                                      SCMP_SYS(pwrite64),
                                      SCMP_SYS(readv),
                                      SCMP_SYS(writev),
                                      SCMP_SYS(lseek),
                                      SCMP_SYS(close),
                                      SCMP_SYS(close_range),
                                      SCMP_SYS(openat),
                                      SCMP_SYS(openat2),
                                      SCMP_SYS(fstat),
                                      SCMP_SYS(newfstatat),
                                      SCMP_SYS(statx),
                                      SCMP_SYS(getdents64),
                                      SCMP_SYS(mkdirat),
                                      SCMP_SYS(mknodat),
                                      SCMP_SYS(symlinkat),
                                      SCMP_SYS(linkat),
                                      SCMP_SYS(unlinkat),
                                      SCMP_SYS(renameat),
                                      SCMP_SYS(renameat2),
                                      SCMP_SYS(readlinkat),
                                      SCMP_SYS(faccessat),
                                      SCMP_SYS(faccessat2),
                                      SCMP_SYS(fchown),
                                      SCMP_SYS(fchownat),
                                      SCMP_SYS(fchmod),
                                      SCMP_SYS(fchmodat),
                                      SCMP_SYS(utimensat),
                                      SCMP_SYS(ftruncate),
                                      SCMP_SYS(fallocate),
                                      SCMP_SYS(fsetxattr),
                                      SCMP_SYS(fgetxattr),
                                      SCMP_SYS(flistxattr),
                                      SCMP_SYS(fstatfs),
                                      SCMP_SYS(sendfile),
                                      SCMP_SYS(fcntl),
                                      SCMP_SYS(dup),
                                      SCMP_SYS(fadvise64),
                                      SCMP_SYS(copy_file_range),
                                      SCMP_SYS(mmap),
                                      SCMP_SYS(munmap),
                                      SCMP_SYS(mremap),
                                      SCMP_SYS(mprotect),
                                      SCMP_SYS(madvise),
                                      SCMP_SYS(brk),
                                      SCMP_SYS(futex),
                                      SCMP_SYS(getrandom),
                                      SCMP_SYS(clock_gettime),
                                      SCMP_SYS(clock_nanosleep),
                                      SCMP_SYS(nanosleep),
                                      SCMP_SYS(sysinfo),
                                      SCMP_SYS(getpid),
                                      SCMP_SYS(gettid),
                                      SCMP_SYS(tgkill),
                                      SCMP_SYS(kill),
                                      SCMP_SYS(rt_sigaction),
                                      SCMP_SYS(rt_sigprocmask),
                                      SCMP_SYS(rt_sigreturn),
                                      SCMP_SYS(sigaltstack),
                                      SCMP_SYS(rseq),
                                      SCMP_SYS(sched_yield),
                                      SCMP_SYS(sched_getaffinity),
                                      SCMP_SYS(prlimit64),
                                      SCMP_SYS(exit),
                                      SCMP_SYS(exit_group),
                                      SCMP_SYS(restart_syscall)};

/// What a client of registries needs besides, and its threads.
constexpr std::array network_calls = {SCMP_SYS(socket),
                                      SCMP_SYS(connect),
                                      SCMP_SYS(bind),
                                      SCMP_SYS(getsockname),
                                      SCMP_SYS(getpeername),
                                      SCMP_SYS(getsockopt),
                                      SCMP_SYS(setsockopt),
                                      SCMP_SYS(sendto),
                                      SCMP_SYS(recvfrom),
                                      SCMP_SYS(sendmsg),
                                      SCMP_SYS(recvmsg),
                                      SCMP_SYS(sendmmsg),
                                      SCMP_SYS(shutdown),
                                      SCMP_SYS(socketpair),
                                      SCMP_SYS(poll),
                                      SCMP_SYS(ppoll),
                                      SCMP_SYS(select),
                                      SCMP_SYS(pselect6),
                                      SCMP_SYS(epoll_create1),
                                      SCMP_SYS(epoll_ctl),
                                      SCMP_SYS(epoll_wait),
                                      SCMP_SYS(eventfd2),
                                      SCMP_SYS(pipe2),
                                      SCMP_SYS(ioctl),
                                      SCMP_SYS(uname),
                                      SCMP_SYS(getuid),
                                      SCMP_SYS(geteuid),
                                      SCMP_SYS(gettimeofday),
                                      SCMP_SYS(set_robust_list),
                                      SCMP_SYS(sched_getparam),
                                      SCMP_SYS(sync_file_range),
                                      SCMP_SYS(sched_getscheduler)};

int allow_network(scmp_filter_ctx filter) {
  int code = 0;
  for (const int call : network_calls) {
    code =
        code == 0 ? ::seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0) : code;
  }
  // Threads, not processes. What clone3 is asked for is behind a pointer, so
  // it does not exist, and the C library takes clone.
  const scmp_arg_cmp thread =
      SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD);
  if (code == 0) {
    code = ::seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                                    &thread);
  }
  if (code == 0) {
    code =
        ::seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
  }
  return code;
}

void filter_calls(const Reach& reach) {
  const scmp_filter_ctx filter = ::seccomp_init(SCMP_ACT_ERRNO(EPERM));
  int code = filter == nullptr ? -ENOMEM : 0;
  if (code == 0 && reach.network == Reach::Network::client) {
    code = allow_network(filter);
  }
  for (const int call : allowed_calls) {
    if (code == 0) {
      code = ::seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0);
    }
  }
  if (code == 0) {
    code = ::seccomp_load(filter);
  }
  ::seccomp_release(filter);
  if (code < 0) {
    throw Error({.code = -code, .call = "seccomp"}, "filter system calls");
  }
}

void limit_memory([[maybe_unused]] rlim_t most) {
  // A sanitizer reserves terabytes of address space.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  const rlimit limit{.rlim_cur = most, .rlim_max = most};
  must(sys::check_void(::setrlimit(RLIMIT_AS, &limit), "setrlimit"),
       "limit the worker's memory");
#endif
}

}  // namespace

void confine(std::span<const int> folders, const Reach& reach) {
  must(sys::check_void(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl"),
       "set no_new_privs");
  must(sys::check_void(::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "prctl"),
       "set not dumpable");
  limit_memory(reach.network == Reach::Network::none ? most_memory
                                                     : most_memory_of_threads);
  drop_capabilities(reach.files == Reach::Files::own ? 0 : kept_mask());
  restrict_files(folders, reach);
  if (reach.programs == Reach::Programs::none) {
    filter_calls(reach);
  }
}

}  // namespace docker_cpp::images
