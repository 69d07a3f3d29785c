// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace docker_cpp::images {

/// What the worker tells of a load: which files and trees it left in the
/// staging folder, and what they are. Travels as JSON lines, one per value;
/// the last line is `{"type":"done"}`, or `{"type":"error","message":...}`.
/// See docs/formats/image-store.md.
struct LoadReport {
  struct Blob {
    std::string file;  ///< "b" and a number, or "p" and its digest's digits
    std::string digest;
    std::uint64_t size = 0;
  };
  struct Layer {
    std::string tree;  ///< "t" and a number; holds fs/ and opaque
    std::string chain_id;
    std::string diff_id;
    std::string blob;  ///< digest
    std::int64_t size = 0;
    std::int64_t files = 0;
  };
  struct Image {
    std::string manifest;            ///< digest
    std::vector<std::string> names;  ///< as the archive has them
    /// "host/path@sha256:…": what a registry calls it.
    std::vector<std::string> digests{};
    std::vector<std::string> kept{};  ///< digests of blobs to keep beside
  };

  std::vector<Blob> blobs;
  std::vector<Layer> layers;
  std::vector<Image> images;
};

[[nodiscard]] std::string print(const LoadReport& report);

/// Whose fault it is that a load failed.
enum class LoadFailure : std::uint8_t { archive, machine, absent };
[[nodiscard]] std::string print_load_error(std::string_view message,
                                           LoadFailure failure);

/// \throws ImageError with the worker's message, or saying that the report is
///   not a whole and proper one
[[nodiscard]] LoadReport parse_load_report(std::string_view lines);

/// The chain ids in a text of one per line, as the worker is given those that
/// need not be unpacked.
inline constexpr const char* have_file = "have";

}  // namespace docker_cpp::images
