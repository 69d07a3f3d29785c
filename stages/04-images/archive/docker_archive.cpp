// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <array>

#include "archive_load.hpp"
#include "json_reader.hpp"

#include "docker_cpp/images/image.hpp"
#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::images {
namespace {

[[noreturn]] void refuse(const std::string& sentence) {
  throw ImageError(ImageError::Reason::invalid, sentence);
}

/// What a layer is compressed with, by its first bytes.
std::string_view layer_type(const StagedArchive& staged,
                            const StagedArchive::File& file) {
  std::array<unsigned char, 4> magic{};
  const sys::UniqueFd fd = staged.open(file);
  must(sys::check(::pread(fd.get(), magic.data(), magic.size(), 0), "pread"),
       "read a staged layer");
  if (magic[0] == 0x1f && magic[1] == 0x8b) {
    return media_type::oci_layer_gzip;
  }
  if (magic == std::array<unsigned char, 4>{0x28, 0xb5, 0x2f, 0xfd}) {
    return media_type::oci_layer_zstd;
  }
  return media_type::oci_layer;
}

const StagedArchive::File& needed(const StagedArchive& staged,
                                  const std::string& name) {
  const StagedArchive::File* file = staged.find(name);
  if (file == nullptr) {
    refuse("'" + name + "' is missing from the archive");
  }
  return *file;
}

/// The name of a configuration is its digest: "<hex>.json", or
/// "blobs/sha256/<hex>".
void check_config_name(const std::string& name,
                       const StagedArchive::File& file) {
  std::string_view stem = name;
  stem.remove_prefix(stem.rfind('/') + 1);  // npos + 1 is 0
  if (stem.ends_with(".json")) {
    stem.remove_suffix(5);
  }
  if (is_sha256_hex(stem) && stem != file.digest.hex()) {
    refuse("configuration '" + name +
           "' is damaged: its content has the digest " + file.digest.text());
  }
}

FoundImage read_image(StagedArchive& staged, const JsonObject& from) {
  const std::string config_name = from.text("Config");
  const StagedArchive::File& config = needed(staged, config_name);
  check_config_name(config_name, config);
  std::vector<const StagedArchive::File*> layers;
  for (const std::string& name : from.texts("Layers")) {
    layers.push_back(&needed(staged, name));
  }
  FoundImage image = make_manifest(staged, config, layers);
  if (image.diff_ids.size() != layers.size()) {
    refuse("'" + config_name + "' names " +
           std::to_string(image.diff_ids.size()) + " layers, manifest.json " +
           std::to_string(layers.size()));
  }
  image.names = from.texts("RepoTags");
  return image;
}

}  // namespace

FoundImage make_manifest(
    StagedArchive& staged, const StagedArchive::File& config,
    const std::vector<const StagedArchive::File*>& layers) {
  const Image image = parse_image_config(
      staged.read(config, largest_config, "image configuration"));
  Manifest manifest{
      .media_type = std::string(media_type::oci_manifest),
      .config = {.media_type = std::string(media_type::oci_config),
                 .digest = config.digest,
                 .size = config.size,
                 .annotations = {},
                 .platform = {}},
      .layers = {}};
  for (const StagedArchive::File* layer : layers) {
    manifest.layers.push_back(
        {.media_type = std::string(layer_type(staged, *layer)),
         .digest = layer->digest,
         .size = layer->size,
         .annotations = {},
         .platform = {}});
  }
  const StagedArchive::File& file = staged.add(print(manifest));
  return {.manifest_digest = file.digest,
          .manifest = std::move(manifest),
          .diff_ids = image.diff_ids,
          .names = {}};
}

std::vector<FoundImage> read_docker_archive(StagedArchive& staged) {
  const Json json = parse_json(staged.read(*staged.find("manifest.json"),
                                           largest_manifest, "manifest.json"),
                               "manifest.json", largest_manifest);
  if (!json.is_array()) {
    refuse("manifest.json is damaged: it is not a list");
  }
  std::vector<FoundImage> images;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const std::string where = "manifest.json[" + std::to_string(i) + "]";
    images.push_back(read_image(staged, JsonObject(json[i], where)));
  }
  return images;
}

}  // namespace docker_cpp::images
