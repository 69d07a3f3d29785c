// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/images/digest.hpp"

/// Manifests and indices, in the OCI's words and in Docker's, which differ
/// only in their media types. Everything here reads foreign JSON: size and
/// depth are bounded, and every error names the property.
namespace docker_cpp::images {

namespace media_type {
inline constexpr std::string_view oci_index =
    "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view oci_manifest =
    "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view oci_config =
    "application/vnd.oci.image.config.v1+json";
inline constexpr std::string_view oci_layer =
    "application/vnd.oci.image.layer.v1.tar";
inline constexpr std::string_view oci_layer_gzip =
    "application/vnd.oci.image.layer.v1.tar+gzip";
inline constexpr std::string_view oci_layer_zstd =
    "application/vnd.oci.image.layer.v1.tar+zstd";
inline constexpr std::string_view docker_list =
    "application/vnd.docker.distribution.manifest.list.v2+json";
inline constexpr std::string_view docker_manifest =
    "application/vnd.docker.distribution.manifest.v2+json";

[[nodiscard]] bool is_index(std::string_view type);
[[nodiscard]] bool is_manifest(std::string_view type);
/// A layer that belongs to a file system: tar, with any compression known.
[[nodiscard]] bool is_layer(std::string_view type);
}  // namespace media_type

namespace annotation {
inline constexpr const char* ref_name = "org.opencontainers.image.ref.name";
inline constexpr const char* image_name = "io.containerd.image.name";
}  // namespace annotation

/// What every registry accepts as the most.
/// \oci{distribution,pushing-manifests}
inline constexpr std::size_t largest_manifest = std::size_t{4} << 20;
inline constexpr std::size_t largest_config = std::size_t{8} << 20;
/// Indices within indices.
inline constexpr int deepest_index = 4;
inline constexpr std::size_t most_layers = 500;  ///< overlayfs's own limit

struct Platform {
  std::string architecture;
  std::string os;
  std::string variant;
};

/// This machine's, in the words of the OCI ("amd64").
[[nodiscard]] const std::string& host_architecture();

/// \oci{image,descriptor}
struct Descriptor {
  std::string media_type;
  Digest digest;
  std::uint64_t size = 0;
  std::map<std::string, std::string> annotations;
  std::optional<Platform> platform;
};

/// \oci{image,manifest}
struct Manifest {
  std::string media_type;
  Descriptor config;
  std::vector<Descriptor> layers;
};

/// \oci{image,image-index}
struct Index {
  std::vector<Descriptor> manifests;
};

/// \throws ImageError naming the property
[[nodiscard]] Manifest parse_manifest(std::string_view json);
[[nodiscard]] Index parse_index(std::string_view json);
/// The blobs of any manifest, whatever their types: attestations, signatures.
[[nodiscard]] std::vector<Descriptor> parse_artifact(std::string_view json);

/// Canonical text: the same value gives the same bytes.
[[nodiscard]] std::string print(const Manifest& manifest);
[[nodiscard]] std::string print(const Index& index);

/// The chain ids of layers given their diff ids, lowest first.
/// \oci{image,config,layer-chainid}
[[nodiscard]] std::vector<std::string> chain_ids(
    const std::vector<std::string>& diff_ids);

}  // namespace docker_cpp::images
