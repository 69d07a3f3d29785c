// SPDX-License-Identifier: Apache-2.0
#include "data_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <stdexcept>
#include <utility>

#include "folders.hpp"

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::daemon {

FolderLock::FolderLock(const std::string& folder) {
  const std::string path = folder + "/lock";
  file_ = must(sys::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW, 0600),
               "open the lock " + path);
  if (::flock(file_.get(), LOCK_EX | LOCK_NB) == -1) {
    const int why = errno;
    if (why != EWOULDBLOCK) {
      throw Error({.code = why, .call = "flock"}, "lock " + folder);
    }
    const auto owner = sys::read_all(file_.get());
    throw std::runtime_error(
        "another docker-cppd (pid " +
        (owner && !owner->empty() ? owner->substr(0, owner->find('\n'))
                                  : std::string("unknown")) +
        ") uses " + folder +
        ": stop it, or give this one its own --data-root and --exec-root");
  }
  must(sys::check_void(::ftruncate(file_.get(), 0), "ftruncate"),
       "write the lock " + path);
  must(sys::write_all(file_.get(), std::to_string(::getpid()) + "\n"),
       "write the lock " + path);
}

PidFile::PidFile(std::string path) : path_(std::move(path)) {
  // A stale one is just overwritten: the locks have told that nobody else runs.
  write_file(path_, std::to_string(::getpid()));
}

PidFile::~PidFile() {
  ::unlink(path_.c_str());
}

}  // namespace docker_cpp::daemon
