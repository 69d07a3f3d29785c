// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace docker_cpp::images {

/// What `docker rmi` prints.
struct RemoveResult {
  std::vector<std::string> untagged;  ///< "busybox:latest"
  std::vector<std::string> deleted;   ///< "sha256:...": image, then layers
};

struct RemoveOptions {
  bool force = false;  ///< an id with several names loses all of them
  bool prune = true;   ///< false leaves the image when its last name goes
};

/// What a check of the whole store has found.
struct CheckReport {
  std::size_t checked = 0;  ///< blobs
  std::vector<std::string> problems;
  std::vector<std::string> repaired;
};
enum class Repair : bool { no, yes };

}  // namespace docker_cpp::images
