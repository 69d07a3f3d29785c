// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "store_state.hpp"

namespace docker_cpp::images {

/// Takes over what a worker left in a staging folder.
///
/// The worker read foreign bytes and may have been turned against us, so its
/// report is only a hint where to look: every blob is hashed again, and what
/// goes into the store follows from the verified manifests alone. Then all of
/// it is made durable from the bottom up (docs/formats/image-store.md), and
/// index.json, written last, makes it count.
class LoadCommit {
 public:
  LoadCommit(ImageStore::State& store, int staging, LoadReport report);

  /// Writes nothing. \throws ImageError naming what does not agree
  void verify();
  /// The store's `writer_` is held. \returns the names Docker prints
  std::vector<std::string> commit();

 private:
  struct Planned {
    ImageStore::State::Entry entry;
    std::vector<std::string> names;    ///< canonical
    std::vector<std::string> digests;  ///< canonical, too
    std::vector<Digest> blobs;
  };

  void verify_blob(const LoadReport::Blob& blob);
  void verify_image(const LoadReport::Image& reported);
  void verify_beside(const LoadReport::Image& reported, Planned& planned);
  void verify_layers(const Manifest& manifest, const Image& image);
  [[nodiscard]] std::string read(const Digest& digest, std::size_t limit,
                                 std::string_view what) const;
  [[nodiscard]] LayerRecord record_of(const Image& image, std::size_t layer,
                                      const Digest& blob) const;
  void make_durable();
  void keep_blobs();
  void keep_layers();
  void keep_images();
  static void add_beside(ImageStore::State::Content& content,
                         const std::string& id, const Planned& planned);

  ImageStore::State& store_;
  int staging_;
  LoadReport report_;
  std::map<std::string, std::string> file_of_;               ///< by digest
  std::map<std::string, const LoadReport::Layer*> tree_of_;  ///< by chain id
  std::map<std::string, LayerRecord> new_layers_;            ///< by tree
  std::vector<std::string> tree_order_;                      ///< lowest first
  std::vector<Planned> images_;
};

}  // namespace docker_cpp::images
