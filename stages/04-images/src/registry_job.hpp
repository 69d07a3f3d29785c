// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/images/registry.hpp"

namespace docker_cpp::images {

/// What the store asks of a worker that talks to a registry. Travels as one
/// JSON document on the worker's standard input, for credentials have no place
/// in arguments or environments, which others may read.
struct RegistryJob {
  /// A blob to push, and where the same registry may have it already.
  struct Blob {
    std::string digest;
    std::uint64_t size = 0;
    std::string id;                  ///< shown; empty for what is not shown
    std::vector<std::string> mount;  ///< repositories: "library/busybox"
  };
  /// A manifest to push, after its blobs.
  struct Manifest {
    std::string digest;
    std::string media_type;
    std::uint64_t size = 0;
    std::string tag;   ///< empty: by its digest
    std::string text;  ///< of what is in no store; else empty
  };

  /// pull, push, put, login, distribution, referrers, search
  std::string operation;
  std::string reference;
  std::string platform;
  bool all_tags = false;
  Credentials credentials;
  RegistryOptions options;
  std::vector<Blob> blobs;
  std::vector<Manifest> manifests;
  std::string term;  ///< of a search; the type of referrers
  int limit = 25;
};

[[nodiscard]] std::string print(const RegistryJob& job);
/// \throws ImageError
[[nodiscard]] RegistryJob parse_registry_job(std::string_view json);

/// The digests of the blobs that need not be fetched, one per line.
inline constexpr const char* have_blobs_file = "have-blobs";

}  // namespace docker_cpp::images
