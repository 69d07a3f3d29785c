// SPDX-License-Identifier: Apache-2.0
#include "cache_mounts.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <thread>

#include "../folders.hpp"

#include "docker_cpp/daemon/host_config.hpp"
#include "docker_cpp/images/digest.hpp"
#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::daemon {
namespace {

constexpr std::chrono::milliseconds patience(50);

std::int64_t bytes_below(const rootfs::RootFd& root, const std::string& path) {
  std::int64_t bytes = 0;
  const auto names = root.list(path);
  for (const std::string& name : names ? *names : Strings()) {
    const std::string below = path + "/" + name;
    const auto status = root.stat(below);
    if (status && S_ISDIR(status->st_mode)) {
      bytes += bytes_below(root, below);
    } else if (status) {
      bytes += status->st_size;
    }
  }
  return bytes;
}

}  // namespace

CacheMounts::Lease::~Lease() {
  const std::lock_guard lock(of_.mutex_);
  if (--of_.held_[name_] == 0) {
    of_.held_.erase(name_);
  }
}

std::unique_ptr<CacheMounts::Lease> CacheMounts::take(
    const std::string& id, Use use, mode_t mode, rootfs::Owner owner,
    const std::function<void()>& while_waiting) {
  const std::string hash = images::Digest::of(id).hex().substr(0, 32);
  std::string name = hash;
  for (int number = 1;; ++number) {
    {
      const std::lock_guard lock(mutex_);
      if (use == Use::shared || !held_.contains(name)) {
        ++held_[name];
        break;
      }
    }
    if (use == Use::exclusive) {
      name = hash + "-" + std::to_string(number);
      continue;
    }
    std::this_thread::sleep_for(patience);
    while_waiting();
  }
  auto lease = std::make_unique<Lease>(*this, name, folder_ + "/" + name);
  make_folder(folder_, 0710);
  if (::access(lease->path().c_str(), F_OK) == -1) {
    make_folder(lease->path(), mode);
    const sys::UniqueFd folder = open_folder(lease->path());
    must(
        sys::check_void(::fchown(folder.get(), owner.uid, owner.gid), "fchown"),
        "make the cache " + id);
    must(sys::check_void(::fchmod(folder.get(), mode), "fchmod"),
         "make the cache " + id);
  }
  return lease;
}

std::int64_t CacheMounts::prune() {
  const std::lock_guard lock(mutex_);
  const auto root = rootfs::RootFd::of(folder_);
  if (!root) {
    return 0;
  }
  std::int64_t bytes = 0;
  const auto names = root->list("/");
  for (const std::string& name : names ? *names : Strings()) {
    if (!held_.contains(name)) {
      bytes += bytes_below(*root, "/" + name);
      remove_folder(folder_ + "/" + name);
    }
  }
  return bytes;
}

}  // namespace docker_cpp::daemon
