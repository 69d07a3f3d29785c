// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace docker_cpp::images {

/// A HEALTHCHECK, as Docker keeps it beside the OCI's own keys.
struct Healthcheck {
  std::vector<std::string> test;  ///< {"CMD", ...}, {"CMD-SHELL", ...}
  std::int64_t interval = 0;      ///< nanoseconds; 0: Docker's default
  std::int64_t timeout = 0;
  std::int64_t start_period = 0;
  std::int64_t start_interval = 0;
  int retries = 0;
};

/// What an image says about containers made of it: inert data, never a path
/// or a program of the host. \oci{image,config,properties}
struct ImageConfig {
  std::vector<std::string> env;
  std::optional<std::vector<std::string>> cmd;
  std::optional<std::vector<std::string>> entrypoint;
  std::string working_dir;
  std::string user;
  std::map<std::string, std::string> labels;
  std::vector<std::string> exposed_ports;  ///< "80/tcp", sorted
  std::vector<std::string> volumes;        ///< container paths, sorted
  std::string stop_signal;
  std::optional<int> stop_timeout;
  std::vector<std::string> shell;
  std::vector<std::string> on_build;
  std::optional<Healthcheck> healthcheck;
};

/// One line of `docker history`.
struct HistoryEntry {
  std::string created;  ///< RFC 3339, as written
  std::string created_by;
  std::string author;
  std::string comment;
  bool empty_layer = false;
};

/// An image of this store, whole. A value: it does not change under its
/// reader.
struct Image {
  std::string id;               ///< "sha256:..." of the configuration
  std::string manifest_digest;  ///< "sha256:..." of the manifest kept here
  std::vector<std::string> repo_tags;     ///< "busybox:latest", sorted
  std::vector<std::string> repo_digests;  ///< "busybox@sha256:...", sorted
  std::int64_t size = 0;         ///< bytes of all unpacked regular files
  std::int64_t created = 0;      ///< seconds since the epoch; 0 when not said
  std::string created_text;      ///< RFC 3339, as the configuration has it
  std::int64_t last_tagged = 0;  ///< seconds since the epoch; 0 for never
  std::string architecture;
  std::string variant;
  std::string os;
  std::string author;
  std::string comment;
  std::string docker_version;
  std::string raw_config;  ///< the JSON text that `id` is the digest of
  ImageConfig config;
  std::vector<std::string> diff_ids;      ///< lowest layer first
  std::vector<std::string> chain_ids;     ///< of the same layers
  std::vector<std::int64_t> layer_sizes;  ///< bytes each adds, unpacked
  std::vector<HistoryEntry> history;
};

/// Reads an image configuration (OCI or Docker, they are the same JSON); fills
/// everything that follows from it alone: id, platform, config, diff and chain
/// ids, history.
/// \throws ImageError naming the property
[[nodiscard]] Image parse_image_config(std::string_view json);

/// The image configuration that the parsed parts of `image` make, but for
/// `rootfs`: what a build writes. The same image gives the same bytes.
[[nodiscard]] std::string print_image_config(const Image& image);

}  // namespace docker_cpp::images
