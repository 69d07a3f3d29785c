// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::images {

/// A step of a build that need not be done again.
struct BuildCacheEntry {
  std::string key;           ///< 64 hex digits: of all that decides its result
  std::string chain_id;      ///< of the layers after it; may be empty
  std::string description;   ///< "RUN make"
  std::int64_t created = 0;  ///< seconds since the epoch
  std::int64_t last_used = 0;
  std::int64_t uses = 0;
  std::int64_t size = 0;  ///< bytes of its own layer's files
};

/// The entries, a record each in `<data_root>/build/cache`. What they name is
/// not collected. Thread safe. See docs/formats/build-cache.md.
class BuildCache {
 public:
  explicit BuildCache(int data_root);

  [[nodiscard]] std::optional<BuildCacheEntry> find(
      const std::string& key) const;
  [[nodiscard]] std::vector<BuildCacheEntry> list() const;
  /// Durable when it returns.
  void add(BuildCacheEntry entry);
  /// In memory only: written when it is added to next, lost in a crash.
  void touch(const std::string& key);
  void remove(const std::string& key);

 private:
  void read(const std::string& name);
  void write(const BuildCacheEntry& entry) const;

  sys::UniqueFd folder_;
  mutable std::mutex mutex_;
  std::map<std::string, BuildCacheEntry> entries_;
};

}  // namespace docker_cpp::images
