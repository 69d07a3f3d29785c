// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include "archive_load.hpp"
#include "json_reader.hpp"

#include "docker_cpp/images/image.hpp"
#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/images/reference.hpp"

namespace docker_cpp::images {
namespace {

[[noreturn]] void refuse(const std::string& sentence) {
  throw ImageError(ImageError::Reason::invalid, sentence);
}

/// The blob of a descriptor, checked against its path, size and digest; or
/// nullptr when the archive does not have it.
const StagedArchive::File* blob_of(const StagedArchive& staged,
                                   const Descriptor& descriptor,
                                   std::string_view what) {
  const std::string name = std::string(what) + " " + descriptor.digest.text();
  const StagedArchive::File* file =
      staged.find("blobs/sha256/" + descriptor.digest.hex());
  if (file == nullptr) {
    return nullptr;
  }
  if (file->size != descriptor.size) {
    refuse(name + " is damaged: it has " + std::to_string(file->size) +
           " bytes instead of " + std::to_string(descriptor.size));
  }
  if (file->digest != descriptor.digest) {
    refuse(name + " is damaged: its content has the digest " +
           file->digest.text());
  }
  return file;
}

std::string read_blob(const StagedArchive& staged, const Descriptor& descriptor,
                      std::size_t limit, std::string_view what) {
  const StagedArchive::File* file = blob_of(staged, descriptor, what);
  if (file == nullptr) {
    refuse(std::string(what) + " " + descriptor.digest.text() +
           " is missing from the archive");
  }
  return staged.read(*file, limit, what);
}

/// The name that the annotations give; a bare tag ("latest") is none, for it
/// does not say of what.
std::optional<std::string> name_of(const Descriptor& descriptor) {
  for (const char* key : {annotation::image_name, annotation::ref_name}) {
    const auto found = descriptor.annotations.find(key);
    if (found != descriptor.annotations.end() &&
        found->second.find_first_of(":/") != std::string::npos) {
      const auto name = Reference::parse(found->second);
      if (name && name->digest().empty()) {
        return name->canonical();
      }
    }
  }
  return std::nullopt;
}

class OciArchive {
 public:
  explicit OciArchive(const StagedArchive& staged) : staged_(staged) {}

  std::vector<FoundImage> read() {
    const Index index = parse_index(staged_.read(
        *staged_.find("index.json"), largest_manifest, "index.json"));
    for (const Descriptor& descriptor : index.manifests) {
      add(descriptor);
    }
    return std::move(images_);
  }

 private:
  void add(const Descriptor& descriptor) {
    FoundImage image = image_of(resolve(descriptor, 0));
    if (auto name = name_of(descriptor)) {
      image.names.push_back(*std::move(name));
    }
    const auto same = std::ranges::find_if(images_, [&](const auto& other) {
      return other.manifest_digest == image.manifest_digest;
    });
    if (same == images_.end()) {
      images_.push_back(std::move(image));
    } else {
      same->names.insert(same->names.end(), image.names.begin(),
                         image.names.end());
    }
  }

  /// Through indices to the manifest for this machine. Where there is none
  /// for it, the first that the archive really holds.
  Descriptor resolve(const Descriptor& descriptor, int depth) {
    if (!media_type::is_index(descriptor.media_type)) {
      return descriptor;
    }
    if (depth == deepest_index) {
      refuse("index " + descriptor.digest.text() + " is nested too deeply");
    }
    const Index index =
        parse_index(read_blob(staged_, descriptor, largest_manifest, "index"));
    const Descriptor* chosen = nullptr;
    for (const Descriptor& one : index.manifests) {
      if (blob_of(staged_, one, "manifest") == nullptr) {
        continue;
      }
      const bool ours = one.platform && one.platform->os == "linux" &&
                        one.platform->architecture == host_architecture();
      if (ours) {
        return resolve(one, depth + 1);
      }
      chosen = chosen == nullptr ? &one : chosen;
    }
    if (chosen == nullptr) {
      refuse("index " + descriptor.digest.text() +
             " has no manifest in the archive");
    }
    return resolve(*chosen, depth + 1);
  }

  FoundImage image_of(const Descriptor& descriptor) {
    if (!media_type::is_manifest(descriptor.media_type)) {
      refuse("index.json: '" + descriptor.media_type +
             "' is not an image manifest");
    }
    const Manifest manifest = parse_manifest(
        read_blob(staged_, descriptor, largest_manifest, "manifest"));
    const Image config = parse_image_config(
        read_blob(staged_, manifest.config, largest_config, "configuration"));
    if (config.diff_ids.size() != manifest.layers.size()) {
      refuse("manifest " + descriptor.digest.text() + " has " +
             std::to_string(manifest.layers.size()) +
             " layers, its configuration " +
             std::to_string(config.diff_ids.size()));
    }
    for (const Descriptor& layer : manifest.layers) {
      static_cast<void>(blob_of(staged_, layer, "layer"));
    }
    return {.manifest_digest = descriptor.digest,
            .manifest = manifest,
            .diff_ids = config.diff_ids,
            .names = {}};
  }

  const StagedArchive& staged_;
  std::vector<FoundImage> images_;
};

}  // namespace

std::vector<FoundImage> read_oci_archive(const StagedArchive& staged) {
  return OciArchive(staged).read();
}

}  // namespace docker_cpp::images
