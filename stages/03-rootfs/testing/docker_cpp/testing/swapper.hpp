// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>

namespace docker_cpp::testing {

/// A process that exchanges two names (a directory and a symbolic link, say)
/// as fast as it can, for as long as this object lives: the attacker of every
/// path that is looked up twice.
class Swapper {
 public:
  Swapper(const std::string& first, const std::string& second) {
    void* page = ::mmap(nullptr, sizeof(Count), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) {
      throw std::runtime_error("mmap");
    }
    count_ = new (page) Count(0);
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ == -1) {
      throw std::runtime_error("fork");
    }
    if (pid_ == 0) {
      swap_for_ever(first.c_str(), second.c_str(), parent);
    }
    while (swaps() == 0) {  // the race is on before the test begins
      if (::waitpid(pid_, nullptr, WNOHANG) == pid_) {
        throw std::runtime_error("cannot exchange " + first + ", " + second);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  ~Swapper() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    ::munmap(count_, sizeof(Count));
  }
  Swapper(const Swapper&) = delete;
  Swapper& operator=(const Swapper&) = delete;

  [[nodiscard]] unsigned long swaps() const { return count_->load(); }

 private:
  using Count = std::atomic<unsigned long>;

  [[noreturn]] void swap_for_ever(const char* first, const char* second,
                                  pid_t parent) const {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (::getppid() == parent) {
      if (::syscall(SYS_renameat2, AT_FDCWD, first, AT_FDCWD, second,
                    RENAME_EXCHANGE) != 0) {
        ::_exit(1);
      }
      count_->fetch_add(1);
    }
    ::_exit(0);
  }

  pid_t pid_ = -1;
  Count* count_ = nullptr;
};

}  // namespace docker_cpp::testing
