// SPDX-License-Identifier: Apache-2.0
#include "staging.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

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

}  // namespace

Staging::Staging(int data_root)
    : parent_(open_folder(data_root, "staging")),
      name_(fresh_name()),
      folder_(open_folder(parent_.get(), name_)) {
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
