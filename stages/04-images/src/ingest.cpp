// SPDX-License-Identifier: Apache-2.0
#include "ingest.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <exception>
#include <string>

#include "files.hpp"

#include "docker_cpp/images/digest.hpp"

namespace docker_cpp::images {
namespace {

constexpr std::time_t kept_seconds = std::time_t{24} * 60 * 60;
constexpr const char* folder_name = "ingest";

bool is_partial(const std::string& name) {
  return name.starts_with('p') &&
         is_sha256_hex(std::string_view(name).substr(1));
}

bool describe(int folder, const std::string& name, struct stat& status) {
  return ::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISREG(status.st_mode) && status.st_nlink == 1;
}

/// The longer one stays where two pulls left the same blob.
void move_partials(int from, int to) {
  for (const std::string& name : list_folder(from)) {
    struct stat ours{};
    struct stat theirs{};
    if (!is_partial(name) || !describe(from, name, ours) ||
        (describe(to, name, theirs) && theirs.st_size >= ours.st_size)) {
      continue;
    }
    static_cast<void>(::renameat(from, name.c_str(), to, name.c_str()));
  }
}

}  // namespace

Ingest::Ingest(int data_root, int staging)
    : folder_(open_folder(data_root, folder_name)), staging_(staging) {
  move_partials(folder_.get(), staging_);
}

Ingest::~Ingest() {
  try {
    move_partials(staging_, folder_.get());
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
    // The next pull begins anew.
  }
}

void Ingest::rescue(int data_root, int staging) {
  const sys::UniqueFd folder = open_folder(data_root, folder_name);
  move_partials(staging, folder.get());
}

void Ingest::clean(int data_root) {
  const sys::UniqueFd folder = open_folder(data_root, folder_name);
  const std::time_t now = std::time(nullptr);
  for (const std::string& name : list_folder(folder.get())) {
    struct stat status{};
    const bool young = is_partial(name) &&
                       describe(folder.get(), name, status) &&
                       status.st_mtime > now - kept_seconds;
    if (!young) {
      remove_tree(folder.get(), name);
    }
  }
}

}  // namespace docker_cpp::images
