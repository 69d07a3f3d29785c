// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "docker_cpp/rootfs/root_fd.hpp"

namespace docker_cpp::daemon {

/// What outlives one build: the folders of RUN --mount=type=cache, and who
/// holds them.
class CacheMounts {
 public:
  explicit CacheMounts(std::string folder) : folder_(std::move(folder)) {}

  /// A folder of the host for as long as the lease lives.
  class Lease {
   public:
    Lease(CacheMounts& of, std::string name, std::string path)
        : of_(of), name_(std::move(name)), path_(std::move(path)) {}
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }

   private:
    CacheMounts& of_;
    std::string name_;
    std::string path_;
  };
  enum class Use : std::uint8_t { shared, exclusive, locked };
  /// Waits for a locked one. \throws Error
  [[nodiscard]] std::unique_ptr<Lease> take(
      const std::string& id, Use use, mode_t mode, rootfs::Owner owner,
      const std::function<void()>& while_waiting);
  /// Removes those that nobody holds. \returns the bytes of their files
  std::int64_t prune();

 private:
  std::string folder_;
  std::mutex mutex_;
  std::map<std::string, int> held_;
};

}  // namespace docker_cpp::daemon
