// SPDX-License-Identifier: Apache-2.0
#include "container_layers.hpp"

#include "folders.hpp"

#include "docker_cpp/daemon/api_error.hpp"
#include "docker_cpp/images/image_store.hpp"
#include "docker_cpp/rootfs/init_layer.hpp"
#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::daemon {

std::vector<std::string> container_layers(const images::ImageStore& images,
                                          const std::string& data_root,
                                          const Container& container) {
  const auto image = images.find_stored(container.image_id);
  if (!image) {
    throw ApiError(ErrorCode::not_found,
                   "No such image: " + container.config.image);
  }
  std::vector<std::string> layers = {data_root + "/init"};
  const auto below = images.layer_directories(*image);
  layers.insert(layers.end(), below.begin(), below.end());
  return layers;
}

void make_init_folder(const std::string& data_root) {
  const std::string folder = data_root + "/init";
  make_folder(folder, 0755);
  rootfs::make_init_layer(
      must(rootfs::RootFd::of(folder), "open the folder " + folder));
}

}  // namespace docker_cpp::daemon
