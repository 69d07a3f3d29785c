// SPDX-License-Identifier: Apache-2.0
#include "build_documents.hpp"

#include "json_reader.hpp"

#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/images/manifest.hpp"

namespace docker_cpp::images {

void run_tree(const TreeRun& run) {
  const std::string last = start_tree_worker(run).finish();
  const Json said = parse_json(last, "worker's report", largest_config);
  if (JsonObject(said, "worker's report").text("type") != "done") {
    throw ImageError(ImageError::Reason::invalid,
                     JsonObject(said, "worker's report").text("message"));
  }
}

std::string with_layers(const std::string& config, const BuildLayers& layers) {
  Json json = parse_json(config, "image configuration", largest_config);
  Json diff_ids = Json::array();
  for (const BuildLayer& layer : layers) {
    diff_ids.push_back(layer.diff_id);
  }
  json["rootfs"] = {{"type", "layers"}, {"diff_ids", diff_ids}};
  return json.dump();
}

}  // namespace docker_cpp::images
