// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "docker_cpp/images/image.hpp"

namespace docker_cpp::images {

/// An image to be made here: a parent's layers, and at most one more.
struct NewImage {
  std::string parent;  ///< id of an image of the store; empty: from nothing
  /// Where the new layer comes from: the handle of an overlay's upper
  /// directory, or of an archive of a file system (plain or compressed).
  /// Neither: only the configuration is new.
  int changes = -1;
  int archive = -1;
  /// The image configuration's JSON; the store fills in `rootfs` and
  /// `history`. \oci{image,config,properties}
  std::string config;
  HistoryEntry history;            ///< the line that is added to the parent's
  std::vector<std::string> names;  ///< "busybox:latest"; may be empty
};

}  // namespace docker_cpp::images
