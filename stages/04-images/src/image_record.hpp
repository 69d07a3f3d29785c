// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace docker_cpp::images {

/// What the store keeps of one image beside its blobs, in
/// `images/records/<hex of the id>`. `index.json` is what counts; the names
/// here let it be made again when it is damaged.
struct ImageRecord {
  std::string id;
  std::string manifest;  ///< digest
  std::uint64_t manifest_size = 0;
  std::string manifest_type;
  std::vector<std::string> names;  ///< docker.io/library/busybox:latest
  /// docker.io/library/busybox@sha256:..., as registries know it.
  std::vector<std::string> digests;
  /// Blobs beside the manifest's own: the index it was chosen from, and what
  /// that index says of it (attestations).
  std::vector<std::string> kept;
  std::int64_t size = 0;
  std::int64_t last_tagged = 0;  ///< seconds since the epoch
  std::int64_t sequence = 0;     ///< grows with every record written
  bool held = false;  ///< removed, but containers stand on its layers
};

[[nodiscard]] std::string print(const ImageRecord& record);
[[nodiscard]] std::expected<ImageRecord, std::string> parse_image_record(
    std::string_view file);

/// As Docker prints them: busybox@sha256:..., sorted.
[[nodiscard]] std::vector<std::string> familiar_digests(
    const std::vector<std::string>& digests);

}  // namespace docker_cpp::images
