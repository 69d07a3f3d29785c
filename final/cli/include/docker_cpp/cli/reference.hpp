// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "docker_cpp/cli/units.hpp"

namespace docker_cpp::cli {

/// An image's name, taken apart and completed as Docker does.
struct Reference {
  std::string familiar;  ///< "busybox", "127.0.0.1:5000/img"
  std::string full;      ///< "docker.io/library/busybox"
  std::string tag;       ///< empty if none was given
  std::string digest;    ///< "sha256:…", or empty

  /// "busybox:latest", or with the digest.
  [[nodiscard]] std::string shown() const;
};

/// \returns the reference, or Docker's "invalid reference format…"
[[nodiscard]] Parsed<Reference> parse_reference(std::string_view text);

/// Whether it is 64 hex digits, which no name may be.
[[nodiscard]] bool is_full_id(std::string_view text);

}  // namespace docker_cpp::cli
