// SPDX-License-Identifier: Apache-2.0
#include "push_plan.hpp"

#include <algorithm>
#include <utility>

#include "json_reader.hpp"

#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/images/manifest.hpp"

namespace docker_cpp::images {
namespace {

constexpr std::size_t short_digits = 12;

}  // namespace

PushedImage PushPlan::add(const Image& image, const ImageRecord& record,
                          const std::string& tag) {
  for (const std::string& kept : record.kept) {
    // An image that registries know by other digests, too, has had its names
    // from elsewhere: what they name is the image alone.
    const bool only_so =
        !record.digests.empty() &&
        std::ranges::all_of(record.digests, [&](const std::string& digest) {
          return digest.ends_with("@" + kept);
        });
    if (const auto index = only_so ? whole_index(kept) : std::nullopt) {
      add_index(*index, image);
      return put(kept, std::string(media_type::oci_index), tag);
    }
  }
  add_blobs(record.manifest, image);
  return put(record.manifest, record.manifest_type, tag);
}

std::optional<Index> PushPlan::whole_index(const std::string& digest) const {
  Index index;
  try {
    index = parse_index(read(digest));
  } catch (const ImageError&) {
    return std::nullopt;  // an attestation, say
  }
  if (index.manifests.empty()) {
    return std::nullopt;
  }
  const bool whole =
      std::ranges::all_of(index.manifests, [&](const Descriptor& one) {
        return layout_.has_blob(one.digest) && has_all_of(one);
      });
  return whole ? std::optional(std::move(index)) : std::nullopt;
}

bool PushPlan::has_all_of(const Descriptor& manifest) const {
  return std::ranges::all_of(
      parse_artifact(read(manifest.digest.text())),
      [&](const Descriptor& blob) { return layout_.has_blob(blob.digest); });
}

std::string PushPlan::read(const std::string& digest) const {
  return layout_.read_blob(*Digest::parse(digest), largest_manifest,
                           "manifest");
}

void PushPlan::add_index(const Index& index, const Image& image) {
  for (const Descriptor& one : index.manifests) {
    add_blobs(one.digest.text(), image);
    job_.manifests.push_back({.digest = one.digest.text(),
                              .media_type = one.media_type,
                              .size = one.size,
                              .tag = ""});
  }
}

void PushPlan::add_blobs(const std::string& manifest, const Image& image) {
  const auto blobs = parse_artifact(read(manifest));
  for (std::size_t i = blobs.size(); i-- > 0;) {
    RegistryJob::Blob blob{.digest = blobs[i].digest.text(),
                           .size = blobs[i].size,
                           .id = "",
                           .mount = {}};
    const bool layer = i > 0 && i <= image.diff_ids.size() &&
                       media_type::is_layer(blobs[i].media_type);
    if (layer) {
      blob.id = image.diff_ids[i - 1].substr(7, short_digits);
    }
    const bool known = std::ranges::any_of(
        job_.blobs, [&](const auto& one) { return one.digest == blob.digest; });
    if (!known) {
      job_.blobs.push_back(std::move(blob));
    }
  }
}

PushedImage PushPlan::put(const std::string& digest, std::string type,
                          const std::string& tag) {
  const std::string text = read(digest);
  const Json json = parse_json(text, "manifest", largest_manifest);
  const std::string own = JsonObject(json, "manifest").text("mediaType");
  type = own.empty() ? type : own;
  job_.manifests.push_back({.digest = digest,
                            .media_type = std::move(type),
                            .size = text.size(),
                            .tag = tag});
  return {.tag = tag, .digest = digest, .size = text.size()};
}

void add_mounts(RegistryJob& job, const Reference& target,
                const std::vector<std::string>& digests,
                const std::set<std::string>& blobs) {
  constexpr std::size_t most_mounts = 3;
  for (const std::string& digest : digests) {
    const auto source = Reference::parse(digest);
    if (!source || source->domain() != target.domain() ||
        source->path() == target.path()) {
      continue;
    }
    for (RegistryJob::Blob& blob : job.blobs) {
      const bool fresh =
          std::ranges::find(blob.mount, source->path()) == blob.mount.end();
      if (blobs.contains(blob.digest) && fresh &&
          blob.mount.size() < most_mounts) {
        blob.mount.push_back(source->path());
      }
    }
  }
}

}  // namespace docker_cpp::images
