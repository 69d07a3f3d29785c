// SPDX-License-Identifier: Apache-2.0
// The format of `docker save` before 1.10: a folder per layer, named by a
// random id, with `json` (the configuration of the image that ends there, and
// the id of its parent) and `layer.tar`. Digests are computed here, and a
// configuration in today's form is made from what the folders say.
#include <algorithm>
#include <utility>

#include "archive_load.hpp"
#include "json_reader.hpp"

#include "docker_cpp/images/image_error.hpp"

namespace docker_cpp::images {
namespace {

constexpr std::size_t largest_document = largest_config;

[[noreturn]] void refuse(const std::string& sentence) {
  throw ImageError(ImageError::Reason::invalid, sentence);
}

struct AncientLayer {
  Json json;
  const StagedArchive::File* file;
};

const StagedArchive::File& needed(const StagedArchive& staged,
                                  const std::string& name) {
  const StagedArchive::File* file = staged.find(name);
  if (file == nullptr) {
    refuse("'" + name + "' is missing from the archive");
  }
  return *file;
}

/// From the image's own layer down to the lowest, then turned over.
std::vector<AncientLayer> layers_of(const StagedArchive& staged,
                                    std::string id) {
  std::vector<AncientLayer> layers;
  while (!id.empty()) {
    if (!is_sha256_hex(id)) {
      refuse("layer id '" + id.substr(0, 80) + "' is not 64 hex digits");
    }
    if (layers.size() == most_layers) {
      refuse("image " + id + " has more than 500 layers");
    }
    const std::string name = id + "/json";
    Json json =
        parse_json(staged.read(needed(staged, name), largest_document, name),
                   name, largest_document);
    id = JsonObject(json, name).text("parent");
    layers.push_back(
        {std::move(json), &needed(staged, name.substr(0, 65) + "layer.tar")});
  }
  std::ranges::reverse(layers);
  return layers;
}

std::string diff_id_of(const StagedArchive& staged,
                       const StagedArchive::File& layer) {
  const sys::UniqueFd fd = staged.open(layer);
  FileSource source(fd.get());
  return Decompressed(source, "a layer of the archive").finish().text();
}

Json history_of(const Json& layer) {
  Json entry = {{"created", layer.value("created", Json())}};
  const auto container = layer.find("container_config");
  if (container != layer.end() && container->is_object() &&
      container->contains("Cmd") && (*container)["Cmd"].is_array()) {
    std::string command;
    for (const Json& word : (*container)["Cmd"]) {
      command += (command.empty() ? "" : " ") +
                 (word.is_string() ? word.get<std::string>() : "");
    }
    entry["created_by"] = command;
  }
  return entry;
}

std::string config_of(const StagedArchive& staged,
                      const std::vector<AncientLayer>& layers) {
  Json config = Json::object();
  for (const char* key : {"architecture", "os", "created", "author", "config",
                          "container_config", "docker_version"}) {
    if (layers.back().json.contains(key)) {
      config[key] = layers.back().json[key];
    }
  }
  config["rootfs"] = {{"type", "layers"}, {"diff_ids", Json::array()}};
  config["history"] = Json::array();
  for (const AncientLayer& layer : layers) {
    config["rootfs"]["diff_ids"].push_back(diff_id_of(staged, *layer.file));
    config["history"].push_back(history_of(layer.json));
  }
  return config.dump();
}

FoundImage read_image(StagedArchive& staged, const std::string& id,
                      std::string name) {
  const std::vector<AncientLayer> layers = layers_of(staged, id);
  if (layers.empty()) {
    refuse("repositories: '" + name + "' has no layer");
  }
  const StagedArchive::File& config = staged.add(config_of(staged, layers));
  std::vector<const StagedArchive::File*> files;
  for (const AncientLayer& layer : layers) {
    files.push_back(layer.file);
  }
  FoundImage image = make_manifest(staged, config, files);
  image.names.push_back(std::move(name));
  return image;
}

}  // namespace

std::vector<FoundImage> read_ancient_archive(StagedArchive& staged) {
  const Json json = parse_json(staged.read(*staged.find("repositories"),
                                           largest_manifest, "repositories"),
                               "repositories", largest_manifest);
  std::vector<FoundImage> images;
  const JsonObject root(json, "repositories");
  for (const auto& [repository, tags] : json.items()) {
    for (const auto& [tag, id] : root.text_map(repository.c_str())) {
      images.push_back(read_image(staged, id, repository + ":" + tag));
    }
  }
  return images;
}

}  // namespace docker_cpp::images
