// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "registry_session.hpp"

#include "docker_cpp/images/manifest.hpp"

namespace docker_cpp::images {

/// A manifest or index as a registry gave it, its digest verified.
struct FetchedDocument {
  Digest digest;
  std::string media_type;
  std::string text;
};

/// By tag, or "sha256:…", which then is verified.
/// \throws RegistryError in Docker's words
[[nodiscard]] FetchedDocument fetch_document(RegistrySession& session,
                                             const std::string& which);

/// Of what is asked for: "linux/arm64/v8"; empty is this machine.
/// \throws ImageError
[[nodiscard]] Platform parse_platform(const std::string& text);
[[nodiscard]] std::string print(const Platform& platform);

/// The manifest of an index that suits best; nullptr when none does.
[[nodiscard]] const Descriptor* choose(const Index& index,
                                       const Platform& platform);

/// All tags of the repository, over as many pages as there are.
[[nodiscard]] std::vector<std::string> fetch_tags(RegistrySession& session);

/// Adds a page to what a listing has cost until now. A registry that goes on
/// for ever with large pages is not listened to for ever.
/// \throws ImageError above 32 MiB
void count_page(std::size_t& bytes, std::size_t page);

/// The path of the next page that a Link header names; empty: none.
[[nodiscard]] std::string next_page(const std::string& link);

}  // namespace docker_cpp::images
