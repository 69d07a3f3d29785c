// SPDX-License-Identifier: Apache-2.0
// GET /system/df: what takes how much of the disk. What several images share
// counts once in the total and is named with each of them.
#include <algorithm>
#include <chrono>
#include <set>

#include <nlohmann/json.hpp>

#include "context.hpp"
#include "handlers.hpp"
#include "image_view.hpp"
#include "views.hpp"
#include "volume_view.hpp"

#include "docker_cpp/images/image_store.hpp"

namespace docker_cpp::daemon::api {
namespace {

using nlohmann::json;

/// Bytes of each layer, and how many images have it.
struct LayerUse {
  std::int64_t size = 0;
  int images = 0;
};
using Layers = std::map<std::string, LayerUse>;

Layers count_layers(const images::ImageStore& store,
                    const std::vector<images::Image>& all) {
  Layers layers;
  for (const auto& image : all) {
    const auto sizes = store.layer_sizes(image);
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      auto& layer = layers[image.chain_ids[i]];
      layer.size = sizes[i];
      ++layer.images;
    }
  }
  return layers;
}

json images_usage(const CallPtr& call, const std::vector<images::Image>& all,
                  const Layers& layers) {
  json out = json::array();
  const auto containers = call->context->runtime.list();
  for (const auto& image : all) {
    std::int64_t shared = 0;
    for (const auto& chain_id : image.chain_ids) {
      const auto& layer = layers.at(chain_id);
      shared += layer.images > 1 ? layer.size : 0;
    }
    json view = image_list_view(image, call->api_minor);
    view["SharedSize"] = shared;
    view["Containers"] = std::ranges::count_if(
        containers,
        [&](const ContainerPtr& one) { return one->image_id == image.id; });
    out.push_back(std::move(view));
  }
  return out;
}

json containers_usage(const Context& context) {
  json out = json::array();
  const auto now = std::chrono::system_clock::now();
  for (const auto& container : context.runtime.list()) {
    const auto own =
        layer_size(layer_folder(context.info.data_root, container->id));
    const auto image = context.images.find_held(container->image_id);
    json view = list_view(*container, now);
    view["SizeRw"] = own;
    view["SizeRootFs"] = own + (image ? image->size : 0);
    out.push_back(std::move(view));
  }
  return out;
}

json volumes_usage(const Context& context) {
  json out = json::array();
  const auto volumes = volumes_of(context);
  for (const auto& volume : volumes.list()) {
    json view = volume_view(volume);
    view["UsageData"] = {
        {"Size", volumes.size(volume)},
        {"RefCount", users_of_volume(context, volume.name).size()}};
    out.push_back(std::move(view));
  }
  return out;
}

void usage(const CallPtr& call) {
  static const std::set<std::string> known = {"container", "image", "volume",
                                              "build-cache"};
  const auto types = call->query().all("type");
  for (const auto& type : types) {
    if (!known.contains(type)) {
      throw ApiError(ErrorCode::invalid_argument,
                     "unknown object type: " + type);
    }
  }
  call->context->executor.blocking([call, types] {
    call->guard([&] {
      const auto wants = [&](const char* type) {
        return types.empty() || std::ranges::find(types, type) != types.end();
      };
      json out = {{"LayersSize", 0},       {"Images", nullptr},
                  {"Containers", nullptr}, {"Volumes", nullptr},
                  {"BuildCache", nullptr}, {"BuilderSize", 0}};
      if (wants("image")) {
        const auto all = call->context->images.list();
        const auto layers = count_layers(call->context->images, all);
        std::int64_t total = 0;
        for (const auto& [chain_id, layer] : layers) {
          total += layer.size;
        }
        out["LayersSize"] = total;
        out["Images"] = images_usage(call, all, layers);
      }
      if (wants("container")) {
        out["Containers"] = containers_usage(*call->context);
      }
      if (wants("volume")) {
        out["Volumes"] = volumes_usage(*call->context);
      }
      if (wants("build-cache")) {
        out["BuildCache"] = json::array();
      }
      call->reply(200, out);
    });
  });
}

}  // namespace

void add_disk_usage(Router& router) {
  router.add("GET", "/system/df", usage);
}

}  // namespace docker_cpp::daemon::api
