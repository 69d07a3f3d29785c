// SPDX-License-Identifier: Apache-2.0
// What the build cache keeps alive, and letting it go.
#include <utility>

#include "store_state.hpp"

namespace docker_cpp::images {

void ImageStore::State::hold_for_builds(std::set<std::string>& layers,
                                        std::set<std::string>& blobs) const {
  for (const BuildCacheEntry& entry : cache_.list()) {
    std::string chain_id = entry.chain_id;
    while (!chain_id.empty() && !layers.contains(chain_id)) {
      layers.insert(chain_id);
      const auto record = layers_.read(chain_id);
      if (!record) {
        break;
      }
      blobs.insert(record->blob);
      chain_id = record->parent;
    }
  }
}

std::int64_t ImageStore::State::prune_build_cache(
    const std::vector<std::string>& keys) {
  const std::lock_guard lock(writer_);
  std::map<std::string, std::int64_t> sizes;
  for (const std::string& key : keys) {
    if (const auto entry = cache_.find(key)) {
      sizes[entry->chain_id] = entry->size;
      cache_.remove(key);
    }
  }
  std::int64_t reclaimed = 0;
  for (const std::string& chain_id : collect_garbage()) {
    const auto found = sizes.find(chain_id);
    reclaimed += found == sizes.end() ? 0 : found->second;
  }
  return reclaimed;
}

}  // namespace docker_cpp::images
