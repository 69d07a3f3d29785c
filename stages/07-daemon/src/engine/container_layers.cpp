// SPDX-License-Identifier: Apache-2.0
#include "container_layers.hpp"

#include <algorithm>

#include "folders.hpp"

#include "docker_cpp/daemon/api_error.hpp"
#include "docker_cpp/images/image_store.hpp"
#include "docker_cpp/rootfs/init_layer.hpp"
#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::daemon {

std::vector<std::string> container_layers(const images::ImageStore& images,
                                          const std::string& data_root,
                                          const Container& container) {
  const auto image = images.find_held(container.image_id);
  if (!image) {
    throw ApiError(ErrorCode::not_found,
                   "No such image: " + container.config.image);
  }
  std::vector<std::string> layers;
  for (const std::string& id : container.frozen) {
    layers.push_back(data_root + "/snapshots/" + id + "/fs");
  }
  layers.push_back(data_root + "/init");
  const auto below = images.layer_directories(*image);
  layers.insert(layers.end(), below.begin(), below.end());
  return layers;
}

OwnRoot container_root(const images::ImageStore& images,
                       const std::string& data_root, const std::string& home,
                       const Container& container) {
  if (container.own_root) {
    return *container.own_root;
  }
  return {.image_id = container.image_id,
          .lower = container_layers(images, data_root, container),
          .upper = home + "/fs/upper",
          .work = home + "/fs/work"};
}

images::ImageUse use_of_image(
    const std::string& image_id,
    const std::vector<std::shared_ptr<const Container>>& containers) {
  auto use = images::ImageUse::none;
  for (const auto& container : containers) {
    if (container->image_id == image_id) {
      const bool up = container->state == State::running ||
                      container->state == State::paused ||
                      container->state == State::restarting;
      use = std::max(
          use, up ? images::ImageUse::running : images::ImageUse::stopped);
    }
  }
  return use;
}

void make_init_folder(const std::string& data_root) {
  const std::string folder = data_root + "/init";
  make_folder(folder, 0755);
  rootfs::make_init_layer(
      must(rootfs::RootFd::of(folder), "open the folder " + folder));
}

}  // namespace docker_cpp::daemon
