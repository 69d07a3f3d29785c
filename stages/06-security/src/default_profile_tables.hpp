// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

/// The facts of Docker's default profile: which system calls a container may
/// make, and which ones a capability adds. A test compares the decisions of the
/// finished filter with Docker's own, call by call.
namespace docker_cpp::security::tables {

inline constexpr std::string_view always_allowed =
    "_llseek _newselect accept accept4 access adjtimex alarm arch_prctl bind "
    "brk cachestat capget capset chdir chmod chown chown32 clock_adjtime "
    "clock_adjtime64 clock_getres clock_getres_time64 clock_gettime "
    "clock_gettime64 clock_nanosleep clock_nanosleep_time64 close close_range "
    "connect copy_file_range creat dup dup2 dup3 epoll_create epoll_create1 "
    "epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait "
    "epoll_wait_old eventfd eventfd2 execve execveat exit exit_group "
    "faccessat faccessat2 fadvise64 fadvise64_64 fallocate fanotify_mark "
    "fchdir fchmod fchmodat fchmodat2 fchown fchown32 fchownat fcntl fcntl64 "
    "fdatasync fgetxattr flistxattr flock fork fremovexattr fsetxattr fstat "
    "fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 futex "
    "futex_requeue futex_time64 futex_wait futex_waitv futex_wake futimesat "
    "get_robust_list get_thread_area getcpu getcwd getdents getdents64 "
    "getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups "
    "getgroups32 getitimer getpeername getpgid getpgrp getpid getppid "
    "getpriority getrandom getresgid getresgid32 getresuid getresuid32 "
    "getrlimit getrusage getsid getsockname getsockopt gettid gettimeofday "
    "getuid getuid32 getxattr getxattrat inotify_add_watch inotify_init "
    "inotify_init1 inotify_rm_watch io_cancel io_destroy io_getevents "
    "io_pgetevents io_pgetevents_time64 io_setup io_submit ioctl ioprio_get "
    "ioprio_set ipc kill landlock_add_rule landlock_create_ruleset "
    "landlock_restrict_self lchown lchown32 lgetxattr link linkat listen "
    "listmount listxattr listxattrat llistxattr lremovexattr lseek lsetxattr "
    "lstat lstat64 madvise map_shadow_stack membarrier memfd_create "
    "memfd_secret mincore mkdir mkdirat mknod mknodat mlock mlock2 mlockall "
    "mmap mmap2 modify_ldt mprotect mq_getsetattr mq_notify mq_open "
    "mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 "
    "mq_unlink mremap mseal msgctl msgget msgrcv msgsnd msync munlock "
    "munlockall munmap name_to_handle_at nanosleep newfstatat open openat "
    "openat2 pause pidfd_open pidfd_send_signal pipe pipe2 pkey_alloc "
    "pkey_free pkey_mprotect poll ppoll ppoll_time64 prctl pread64 preadv "
    "preadv2 prlimit64 process_mrelease process_vm_readv process_vm_writev "
    "pselect6 pselect6_time64 ptrace pwrite64 pwritev pwritev2 read readahead "
    "readlink readlinkat readv recv recvfrom recvmmsg recvmmsg_time64 recvmsg "
    "remap_file_pages removexattr removexattrat rename renameat renameat2 "
    "restart_syscall riscv_hwprobe rmdir rseq rt_sigaction rt_sigpending "
    "rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend "
    "rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo "
    "sched_get_priority_max sched_get_priority_min sched_getaffinity "
    "sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval "
    "sched_rr_get_interval_time64 sched_setaffinity sched_setattr "
    "sched_setparam sched_setscheduler sched_yield seccomp select semctl "
    "semget semop semtimedop semtimedop_time64 send sendfile sendfile64 "
    "sendmmsg sendmsg sendto set_robust_list set_thread_area set_tid_address "
    "setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups "
    "setgroups32 setitimer setpgid setpriority setregid setregid32 setresgid "
    "setresgid32 setresuid setresuid32 setreuid setreuid32 setrlimit setsid "
    "setsockopt setuid setuid32 setxattr setxattrat shmat shmctl shmdt shmget "
    "shutdown sigaltstack signalfd signalfd4 sigprocmask sigreturn socketcall "
    "socketpair splice stat stat64 statfs statfs64 statmount statx symlink "
    "symlinkat sync sync_file_range syncfs sysinfo tee tgkill time "
    "timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64 "
    "timer_settime timer_settime64 timerfd_create timerfd_gettime "
    "timerfd_gettime64 timerfd_settime timerfd_settime64 times tkill truncate "
    "truncate64 ugetrlimit umask uname unlink unlinkat uretprobe utime "
    "utimensat utimensat_time64 utimes vfork vmsplice wait4 waitid waitpid "
    "write writev";

struct CapabilityCalls {
  std::string_view capability;
  std::string_view calls;  ///< separated by blanks
};

/// Allowed to a container that holds the capability.
inline constexpr std::array with_capability = {
    CapabilityCalls{"CAP_DAC_READ_SEARCH", "open_by_handle_at"},
    CapabilityCalls{"CAP_SYS_ADMIN",
                    "bpf clone clone3 fanotify_init fsconfig fsmount fsopen "
                    "fspick lookup_dcookie lsm_get_self_attr lsm_list_modules "
                    "lsm_set_self_attr mount mount_setattr move_mount "
                    "open_tree perf_event_open quotactl quotactl_fd "
                    "setdomainname sethostname setns syslog umount umount2 "
                    "unshare"},
    CapabilityCalls{"CAP_SYS_BOOT", "reboot"},
    CapabilityCalls{"CAP_SYS_CHROOT", "chroot"},
    CapabilityCalls{"CAP_SYS_MODULE", "delete_module finit_module init_module"},
    CapabilityCalls{"CAP_SYS_PACCT", "acct"},
    CapabilityCalls{"CAP_SYS_PTRACE",
                    "kcmp pidfd_getfd process_madvise process_vm_readv "
                    "process_vm_writev ptrace"},
    CapabilityCalls{"CAP_SYS_RAWIO", "ioperm iopl"},
    CapabilityCalls{"CAP_SYS_TIME",
                    "clock_settime clock_settime64 settimeofday stime"},
    CapabilityCalls{"CAP_SYS_TTY_CONFIG", "vhangup"},
    CapabilityCalls{"CAP_SYS_NICE",
                    "get_mempolicy mbind set_mempolicy "
                    "set_mempolicy_home_node"},
    CapabilityCalls{"CAP_SYSLOG", "syslog"},
    CapabilityCalls{"CAP_BPF", "bpf"},
    CapabilityCalls{"CAP_PERFMON", "perf_event_open"},
};

/// System calls younger than the C library this is built with: the same number
/// on every architecture, as all since Linux 5.1 have.
struct YoungCall {
  std::string_view name;
  unsigned number;
};

inline constexpr std::array young_calls = {
    YoungCall{"cachestat", 451},         YoungCall{"fchmodat2", 452},
    YoungCall{"map_shadow_stack", 453},  YoungCall{"futex_wake", 454},
    YoungCall{"futex_wait", 455},        YoungCall{"futex_requeue", 456},
    YoungCall{"statmount", 457},         YoungCall{"listmount", 458},
    YoungCall{"lsm_get_self_attr", 459}, YoungCall{"lsm_set_self_attr", 460},
    YoungCall{"lsm_list_modules", 461},  YoungCall{"mseal", 462},
    YoungCall{"setxattrat", 463},        YoungCall{"getxattrat", 464},
    YoungCall{"listxattrat", 465},       YoungCall{"removexattrat", 466},
    YoungCall{"open_tree_attr", 467},
};

}  // namespace docker_cpp::security::tables
