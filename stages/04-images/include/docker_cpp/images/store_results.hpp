// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace docker_cpp::images {

/// What `docker rmi` prints.
struct RemoveResult {
  std::vector<std::string> untagged;  ///< "busybox:latest"
  std::vector<std::string> deleted;   ///< "sha256:...": image, then layers
};

/// Who stands on an image's layers.
enum class ImageUse : std::uint8_t {
  none,
  stopped,  ///< containers that do not run: what they need of it stays
  running,  ///< it only loses its names
};
using UseOf = std::function<ImageUse(const std::string& id)>;

struct RemoveOptions {
  bool force = false;  ///< an id with several names loses all of them
  bool prune = true;   ///< false leaves the image when its last name goes
  /// Asked when nobody can find the image any more, just before it goes, so
  /// that nobody who has found it is missed; empty: nobody uses images.
  UseOf use = {};
};

/// What a check of the whole store has found.
struct CheckReport {
  std::size_t checked = 0;  ///< blobs
  std::vector<std::string> problems;
  std::vector<std::string> repaired;
};
enum class Repair : bool { no, yes };

}  // namespace docker_cpp::images
