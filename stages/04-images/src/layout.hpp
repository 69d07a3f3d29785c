// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/images/digest.hpp"
#include "docker_cpp/images/manifest.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::images {

/// The folder `<data_root>/images`: an OCI image layout that skopeo and umoci
/// read as it is. Blobs come in by rename only, verified and durable before.
/// Not thread safe where it changes anything.
/// \oci{image,image-layout}
class Layout {
 public:
  explicit Layout(int data_root);

  [[nodiscard]] bool has_blob(const Digest& digest) const;

  /// Nothing when it is not here.
  [[nodiscard]] std::optional<std::uint64_t> blob_size(
      const Digest& digest) const;

  /// A small blob, verified again.
  /// \throws ImageError when it is missing or is not what its name says
  [[nodiscard]] std::string read_blob(const Digest& digest, std::size_t limit,
                                      std::string_view what) const;

  /// Moves a staged file to its place; sync_blobs() makes that durable.
  void add_blob(int staging, const std::string& file, const Digest& digest);
  void sync_blobs();
  void remove_blob(const Digest& digest);
  [[nodiscard]] std::vector<Digest> blobs() const;

  /// \throws ImageError when damaged
  [[nodiscard]] Index read_index() const;
  void write_index(const Index& index);

  /// Moves a file of this folder, of `records/` too, out of the way.
  /// \returns its new name below images/
  std::string set_aside(int folder, const std::string& name);

  /// Whether a record of an image was set aside and not replaced since.
  [[nodiscard]] bool has_damaged_records() const;
  /// The image is here again: what was set aside of it is of no more use.
  void forget_damaged(const std::string& record);

  /// The folder of the blobs, for a worker to read.
  [[nodiscard]] sys::UniqueFd open_blobs() const;

  [[nodiscard]] int blob_folder() const { return blobs_.get(); }
  [[nodiscard]] int folder() const { return folder_.get(); }
  [[nodiscard]] int records() const { return records_.get(); }

 private:
  sys::UniqueFd folder_;
  sys::UniqueFd blobs_;  ///< blobs/sha256
  sys::UniqueFd records_;
};

}  // namespace docker_cpp::images
