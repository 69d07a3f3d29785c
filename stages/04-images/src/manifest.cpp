// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/images/manifest.hpp"

#include <sys/utsname.h>

#include <array>
#include <utility>

#include "json_reader.hpp"

#include "docker_cpp/images/image_error.hpp"

namespace docker_cpp::images {
namespace {

std::optional<Platform> read_platform(const JsonObject& from) {
  const auto platform = from.object("platform");
  if (!platform) {
    return std::nullopt;
  }
  return Platform{.architecture = platform->text("architecture"),
                  .os = platform->text("os"),
                  .variant = platform->text("variant")};
}

Descriptor read_descriptor(const JsonObject& from) {
  auto digest = Digest::parse(from.text("digest"));
  if (!digest) {
    from.refuse("digest", digest.error());
  }
  const std::int64_t size = from.integer("size");
  if (size < 0) {
    from.refuse("size", "negative");
  }
  return {.media_type = from.text("mediaType"),
          .digest = *digest,
          .size = static_cast<std::uint64_t>(size),
          .annotations = from.text_map("annotations"),
          .platform = read_platform(from)};
}

/// A document may be only one of the two, or one digest would have two
/// meanings (CVE-2021-41190).
void refuse_both(const JsonObject& root, const char* foreign_key) {
  if (root.has(foreign_key)) {
    root.refuse(foreign_key, "a document is a manifest or an index, not both");
  }
}

void check_schema(const JsonObject& root) {
  if (root.integer("schemaVersion") != 2) {
    root.refuse("schemaVersion", "not 2");
  }
}

Json to_json(const Descriptor& descriptor) {
  Json json = {{"mediaType", descriptor.media_type},
               {"digest", descriptor.digest.text()},
               {"size", descriptor.size}};
  if (!descriptor.annotations.empty()) {
    json["annotations"] = descriptor.annotations;
  }
  if (descriptor.platform) {
    json["platform"] = {{"architecture", descriptor.platform->architecture},
                        {"os", descriptor.platform->os}};
    if (!descriptor.platform->variant.empty()) {
      json["platform"]["variant"] = descriptor.platform->variant;
    }
  }
  return json;
}

Json to_json(const std::vector<Descriptor>& descriptors) {
  Json all = Json::array();
  for (const Descriptor& descriptor : descriptors) {
    all.push_back(to_json(descriptor));
  }
  return all;
}

}  // namespace

namespace media_type {

bool is_index(std::string_view type) {
  return type == oci_index || type == docker_list;
}

bool is_manifest(std::string_view type) {
  return type == oci_manifest || type == docker_manifest;
}

bool is_layer(std::string_view type) {
  static constexpr std::array<std::string_view, 8> known = {
      oci_layer,
      oci_layer_gzip,
      oci_layer_zstd,
      "application/vnd.oci.image.layer.nondistributable.v1.tar",
      "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
      "application/vnd.docker.image.rootfs.diff.tar",
      "application/vnd.docker.image.rootfs.diff.tar.gzip",
      "application/vnd.docker.image.rootfs.diff.tar.zstd"};
  for (const std::string_view one : known) {
    if (type == one) {
      return true;
    }
  }
  return false;
}

}  // namespace media_type

const std::string& host_architecture() {
  static const std::string name = [] {
    utsname machine{};
    static_cast<void>(::uname(&machine));
    const std::string_view kernel = machine.machine;
    constexpr std::array<std::pair<std::string_view, const char*>, 4> names = {
        {{"x86_64", "amd64"},
         {"aarch64", "arm64"},
         {"i686", "386"},
         {"armv7l", "arm"}}};
    for (const auto& [theirs, oci] : names) {
      if (kernel == theirs) {
        return std::string(oci);
      }
    }
    return std::string(kernel);
  }();
  return name;
}

Manifest parse_manifest(std::string_view text) {
  const Json json = parse_json(text, "manifest", largest_manifest);
  const JsonObject root(json, "manifest");
  check_schema(root);
  refuse_both(root, "manifests");
  const std::string type = root.text("mediaType");
  if (!type.empty() && !media_type::is_manifest(type)) {
    root.refuse("mediaType", "'" + type + "' is not an image manifest");
  }
  const auto config = root.object("config");
  if (!config) {
    root.refuse("config", "missing");
  }
  Manifest manifest{
      .media_type = type, .config = read_descriptor(*config), .layers = {}};
  for (const JsonObject& layer : root.objects("layers")) {
    manifest.layers.push_back(read_descriptor(layer));
    if (!media_type::is_layer(manifest.layers.back().media_type)) {
      layer.refuse("mediaType", "'" + layer.text("mediaType") +
                                    "' is not a file system layer");
    }
  }
  if (manifest.layers.size() > most_layers) {
    root.refuse("layers", "more than 500");
  }
  return manifest;
}

Index parse_index(std::string_view text) {
  const Json json = parse_json(text, "index", largest_manifest);
  const JsonObject root(json, "index");
  check_schema(root);
  refuse_both(root, "config");
  refuse_both(root, "layers");
  Index index;
  for (const JsonObject& one : root.objects("manifests")) {
    index.manifests.push_back(read_descriptor(one));
  }
  return index;
}

std::vector<Descriptor> parse_artifact(std::string_view text) {
  const Json json = parse_json(text, "manifest", largest_manifest);
  const JsonObject root(json, "manifest");
  check_schema(root);
  refuse_both(root, "manifests");
  std::vector<Descriptor> blobs;
  if (const auto config = root.object("config")) {
    blobs.push_back(read_descriptor(*config));
  }
  for (const JsonObject& layer : root.objects("layers")) {
    blobs.push_back(read_descriptor(layer));
  }
  return blobs;
}

std::string print(const Manifest& manifest) {
  const Json json = {{"schemaVersion", 2},
                     {"mediaType", manifest.media_type},
                     {"config", to_json(manifest.config)},
                     {"layers", to_json(manifest.layers)}};
  return json.dump();
}

std::string print(const Index& index) {
  const Json json = {{"schemaVersion", 2},
                     {"mediaType", std::string(media_type::oci_index)},
                     {"manifests", to_json(index.manifests)}};
  return json.dump(2) + "\n";
}

std::vector<std::string> chain_ids(const std::vector<std::string>& diff_ids) {
  std::vector<std::string> chain;
  for (const std::string& diff_id : diff_ids) {
    chain.push_back(chain.empty()
                        ? diff_id
                        : Digest::of(chain.back() + " " + diff_id).text());
  }
  return chain;
}

}  // namespace docker_cpp::images
