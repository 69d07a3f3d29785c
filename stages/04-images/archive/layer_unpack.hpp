// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "byte_source.hpp"
#include "layer_apply.hpp"

namespace docker_cpp::images {

struct UnpackedLayer {
  std::string diff_id;
  std::int64_t size = 0;
  std::int64_t files = 0;
};

/// Unpacks a layer, compressed or not, into `staging/<tree>`: its files in fs/
/// and the list of its opaque folders. `what` names it in errors.
/// \throws ImageError, Error
[[nodiscard]] UnpackedLayer unpack_layer(ByteSource& source, int staging,
                                         const std::string& tree,
                                         const std::string& what,
                                         LayerApply::Position position);

}  // namespace docker_cpp::images
