// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "docker_cpp/cli/client_config.hpp"
#include "docker_cpp/cli/command.hpp"
#include "docker_cpp/cli/reference.hpp"
#include "docker_cpp/cli/value.hpp"

namespace docker_cpp::cli {

/// A manifest as a registry describes it, or as an entry of a list in the
/// making.
struct ManifestEntry {
  Reference reference;
  std::string media_type;
  std::string digest;
  std::int64_t size = 0;
  std::string architecture;
  std::string os;
  std::string variant;
  std::string os_version;
  std::vector<std::string> os_features;
  std::string text;
};

/// Asks the registry, by way of docker-cpp-worker: what strangers write is
/// parsed by a process without privileges. \throws Failure
[[nodiscard]] ManifestEntry fetch_manifest(const ClientConfig& config,
                                           const Reference& reference,
                                           bool insecure);

/// What refers to a manifest: signatures, bills of materials. Each has
/// mediaType, digest, size, artifactType and annotations. \throws Failure
[[nodiscard]] Value fetch_referrers(const ClientConfig& config,
                                    const Reference& reference,
                                    const std::string& artifact_type,
                                    bool insecure);

/// Lists in the making, in the docker client's folder: manifests/<list>/<entry>
class ManifestLists {
 public:
  explicit ManifestLists(const ClientConfig& config)
      : folder_(config.directory() + "/manifests") {}

  [[nodiscard]] bool has(const Reference& list) const;
  void put(const Reference& list, const ManifestEntry& entry) const;
  /// \throws Failure "No such manifest: …"
  [[nodiscard]] ManifestEntry get(const Reference& list,
                                  const Reference& entry) const;
  [[nodiscard]] std::vector<ManifestEntry> all(const Reference& list) const;
  void remove(const Reference& list) const;

 private:
  [[nodiscard]] std::string folder_of(const Reference& list) const;
  std::string folder_;
};

/// The document that a registry is sent.
[[nodiscard]] std::string print_list(const std::vector<ManifestEntry>& entries,
                                     std::string& media_type);

/// \returns the list's digest \throws Failure
[[nodiscard]] std::string push_list(const ClientConfig& config,
                                    const Reference& list,
                                    const std::vector<ManifestEntry>& entries,
                                    bool insecure);

}  // namespace docker_cpp::cli
