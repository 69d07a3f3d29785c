// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <vector>

#include "byte_source.hpp"
#include "staged_archive.hpp"

#include "docker_cpp/images/load_report.hpp"
#include "docker_cpp/images/manifest.hpp"

namespace docker_cpp::images {

/// An image as an archive describes it, whatever its format: an OCI manifest
/// of blobs that are staged (or already in the store).
struct FoundImage {
  Digest manifest_digest;
  Manifest manifest;
  std::vector<std::string> diff_ids;
  std::vector<std::string> names;
};

/// The three formats. Each makes sure that what it names is in the archive
/// and is what its digest says, or throws ImageError naming it.
[[nodiscard]] std::vector<FoundImage> read_oci_archive(
    const StagedArchive& staged);
[[nodiscard]] std::vector<FoundImage> read_docker_archive(
    StagedArchive& staged);
/// Before Docker 1.10 (2016): no digests at all.
[[nodiscard]] std::vector<FoundImage> read_ancient_archive(
    StagedArchive& staged);

/// A manifest for blobs that came without one, staged; for the two Docker
/// formats. `layers` are files of the archive, lowest first.
[[nodiscard]] FoundImage make_manifest(
    StagedArchive& staged, const StagedArchive::File& config,
    const std::vector<const StagedArchive::File*>& layers);

/// Reads an archive to its end and unpacks, into the staging folder, the
/// layers that `have` there does not list. This is what the worker is for.
/// \throws ImageError, Error
[[nodiscard]] LoadReport load_archive(ByteSource& source, int staging);

}  // namespace docker_cpp::images
