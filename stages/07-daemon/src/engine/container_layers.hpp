// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "docker_cpp/daemon/model.hpp"
#include "docker_cpp/images/store_results.hpp"

namespace docker_cpp::images {
class ImageStore;
}

namespace docker_cpp::daemon {

/// The folders below a container's writable layer, top first: those that were
/// frozen (see Snapshots), the places that
/// its mounts need (<data-root>/init, see rootfs::make_init_layer), then the
/// image's layers. \throws ApiError when the image is gone
[[nodiscard]] std::vector<std::string> container_layers(
    const images::ImageStore& images, const std::string& data_root,
    const Container& container);

/// All of its root: that of a step of a build, or layers and `home`'s own.
[[nodiscard]] OwnRoot container_root(const images::ImageStore& images,
                                     const std::string& data_root,
                                     const std::string& home,
                                     const Container& container);

/// Who of these stands on an image.
[[nodiscard]] images::ImageUse use_of_image(
    const std::string& image_id,
    const std::vector<std::shared_ptr<const Container>>& containers);

/// Makes <data-root>/init when it is not there. \throws Error
void make_init_folder(const std::string& data_root);

}  // namespace docker_cpp::daemon
