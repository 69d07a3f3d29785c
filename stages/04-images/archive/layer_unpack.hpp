// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "byte_source.hpp"

#include "docker_cpp/images/load_report.hpp"

namespace docker_cpp::images {

struct LayerToUnpack {
  std::string tree;  ///< name of its folder in the staging folder
  std::string blob;  ///< digest of the compressed form
  std::string diff_id;
  std::string chain_id;
  bool lowest = false;
};

/// Unpacks a layer, as it comes, into `staging/<tree>/fs`, and what is opaque
/// into `staging/<tree>/opaque`.
/// \throws ImageError naming the layer and the entry
[[nodiscard]] LoadReport::Layer unpack_layer(ByteSource& compressed,
                                             int staging,
                                             const LayerToUnpack& layer);

}  // namespace docker_cpp::images
