// SPDX-License-Identifier: Apache-2.0
#include "staging.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <exception>

#include "files.hpp"
#include "ingest.hpp"

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

std::string fresh_name() {
  std::uint64_t number = 0;
  static_cast<void>(::getrandom(&number, sizeof number, 0));
  return std::to_string(number);
}

/// A lock on the folder of staging folders: makers share it, who cleans has it
/// alone. It is given up by name, since a child that is being started may
/// share the descriptor for a moment. \man{flock,2}
class ParentLock {
 public:
  ParentLock(int parent, int how) : parent_(parent) {
    int locked = 0;
    do {
      locked = ::flock(parent_, how);
    } while (locked == -1 && errno == EINTR);
    must(sys::check_void(locked, "flock"), "lock the folder of staging");
  }
  ~ParentLock() { ::flock(parent_, LOCK_UN); }
  ParentLock(const ParentLock&) = delete;
  ParentLock& operator=(const ParentLock&) = delete;

 private:
  int parent_;
};

}  // namespace

Staging::Staging(int data_root)
    : parent_(open_folder(data_root, "staging")), name_(fresh_name()) {
  // Between its making and its lock a folder looks like a leftover.
  const ParentLock making(parent_.get(), LOCK_SH);
  folder_ = open_folder(parent_.get(), name_);
  must(sys::check_void(::flock(folder_.get(), LOCK_EX | LOCK_NB), "flock"),
       "lock the staging folder");
}

Staging::~Staging() {
  try {
    remove_tree(parent_.get(), name_);
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
    // The next start-up deletes it.
  }
}

void Staging::clean(int data_root) {
  const sys::UniqueFd parent = open_folder(data_root, "staging");
  const ParentLock cleaning(parent.get(), LOCK_EX);
  for (const std::string& name : list_folder(parent.get())) {
    const auto folder = sys::open_at(parent.get(), name.c_str(),
                                     O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (folder && ::flock(folder->get(), LOCK_EX | LOCK_NB) == -1) {
      continue;  // somebody is at work in it
    }
    if (folder) {
      Ingest::rescue(data_root, folder->get());
    }
    remove_tree(parent.get(), name);
  }
  Ingest::clean(data_root);
}

}  // namespace docker_cpp::images
