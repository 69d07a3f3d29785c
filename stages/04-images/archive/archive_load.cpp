// SPDX-License-Identifier: Apache-2.0
#include "archive_load.hpp"

#include <algorithm>
#include <utility>

#include "layer_unpack.hpp"

#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

constexpr std::size_t largest_have = std::size_t{64} << 20;

std::set<std::string> read_have(int staging) {
  std::set<std::string> have;
  const std::string lines =
      must(sys::read_file_at(staging, have_file, largest_have),
           "read which layers are here");
  for (std::size_t start = 0; start < lines.size();) {
    const std::size_t end = std::min(lines.find('\n', start), lines.size());
    have.insert(lines.substr(start, end - start));
    start = end + 1;
  }
  return have;
}

std::vector<FoundImage> read_images(StagedArchive& staged) {
  if (staged.has("oci-layout") && staged.has("index.json")) {
    return read_oci_archive(staged);
  }
  if (staged.has("manifest.json")) {
    return read_docker_archive(staged);
  }
  if (staged.has("repositories")) {
    return read_ancient_archive(staged);
  }
  throw ImageError(ImageError::Reason::invalid,
                   "the archive is neither of `docker save` nor an OCI image "
                   "layout: it has no manifest.json, index.json or "
                   "repositories");
}

/// Unpacks the layers of one load, each once.
class Unpacker {
 public:
  Unpacker(const StagedArchive& staged, int staging, LoadReport& report)
      : staged_(staged),
        staging_(staging),
        report_(report),
        done_(read_have(staging)) {}

  void unpack(const FoundImage& image) {
    const std::vector<std::string> chain = chain_ids(image.diff_ids);
    for (std::size_t i = 0; i < chain.size(); ++i) {
      if (done_.insert(chain[i]).second) {
        unpack_layer(image, i, chain[i]);
      }
    }
  }

 private:
  void unpack_layer(const FoundImage& image, std::size_t i,
                    const std::string& chain_id) {
    const Digest& blob = image.manifest.layers[i].digest;
    const std::string what = "layer " + blob.text();
    const StagedArchive::File* file = staged_.find(blob);
    if (file == nullptr) {
      throw ImageError(ImageError::Reason::invalid,
                       what + " is missing from the archive");
    }
    const std::string tree = "t" + std::to_string(report_.layers.size());
    const sys::UniqueFd fd = staged_.open(*file);
    FileSource compressed(fd.get());
    const UnpackedLayer layer = images::unpack_layer(
        compressed, staging_, tree, what,
        i == 0 ? LayerApply::Position::lowest : LayerApply::Position::upper);
    if (layer.diff_id != image.diff_ids[i]) {
      throw ImageError(ImageError::Reason::invalid,
                       what + " is damaged: it unpacks to " + layer.diff_id +
                           ", not to " + image.diff_ids[i]);
    }
    report_.layers.push_back({.tree = tree,
                              .chain_id = chain_id,
                              .diff_id = image.diff_ids[i],
                              .blob = blob.text(),
                              .size = layer.size,
                              .files = layer.files});
  }

  const StagedArchive& staged_;
  int staging_;
  LoadReport& report_;
  std::set<std::string> done_;
};

void report_blob(const StagedArchive& staged, const Digest& digest,
                 LoadReport& report) {
  const std::string text = digest.text();
  const bool known = std::ranges::any_of(
      report.blobs, [&](const auto& blob) { return blob.digest == text; });
  const StagedArchive::File* file = staged.find(digest);
  if (file != nullptr && !known) {
    report.blobs.push_back(
        {.file = file->name, .digest = text, .size = file->size});
  }
}

}  // namespace

LoadReport load_archive(ByteSource& source, int staging) {
  StagedArchive staged(source, staging);
  const std::vector<FoundImage> images = read_images(staged);
  LoadReport report;
  Unpacker unpacker(staged, staging, report);
  for (const FoundImage& image : images) {
    unpacker.unpack(image);
    report_blob(staged, image.manifest_digest, report);
    report_blob(staged, image.manifest.config.digest, report);
    for (const Descriptor& layer : image.manifest.layers) {
      report_blob(staged, layer.digest, report);
    }
    report.images.push_back(
        {.manifest = image.manifest_digest.text(), .names = image.names});
  }
  return report;
}

}  // namespace docker_cpp::images
