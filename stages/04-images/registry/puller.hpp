// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "layer_unpack.hpp"
#include "manifest_fetch.hpp"
#include "registry_work.hpp"

#include "docker_cpp/images/image.hpp"

namespace docker_cpp::images {

/// A layer of the images at hand, with all the places it has in them.
struct PulledLayer {
  struct Place {
    std::string chain_id;
    std::string diff_id;
    bool lowest;
  };
  Descriptor blob;
  std::vector<Place> places;
  std::string id;
};

struct LayerToUnpack {
  std::string tree;  ///< name of its folder in the staging folder
  std::string blob;  ///< digest of the compressed form
  std::string diff_id;
  std::string chain_id;
  bool lowest = false;
};

/// One pull, from names to what the staging folder holds when it is done.
class Puller {
 public:
  Puller(const RegistryJob& job, RegistrySession& session, int staging,
         int blobs, Reporter& reporter);

  void pull(const std::string& which);
  [[nodiscard]] LoadReport take_report() { return std::move(report_); }

 private:
  FetchedDocument choose_manifest(const FetchedDocument& top,
                                  LoadReport::Image& image);
  void keep_attestations(const Index& index, const Digest& of,
                         LoadReport::Image& image);
  std::string receive(const Descriptor& blob);
  std::string small_blob(const Descriptor& blob, std::size_t limit);
  void keep(const FetchedDocument& document);
  void keep_text(const Digest& digest, std::string_view text);
  void plan(const Manifest& manifest, const Image& config, bool had_image);
  [[nodiscard]] bool is_here(const PulledLayer& layer) const;
  void fetch_all();
  void fetch(PulledLayer& layer);
  void download(const PulledLayer& layer,
                const std::vector<PulledLayer::Place>& places);
  void unpack_here(const PulledLayer& layer, const PulledLayer::Place& place,
                   int folder, const std::string& file);
  LoadReport::Layer unpack(ByteSource& source, const LayerToUnpack& layer);
  LayerToUnpack to_unpack(const PulledLayer& layer,
                          const PulledLayer::Place& place);
  void remember(LoadReport::Layer layer);
  void remember_blob(const Descriptor& blob);

  const RegistryJob& job_;
  RegistrySession& session_;
  int staging_;
  int blobs_;
  Reporter& reporter_;
  std::set<std::string> have_layers_;
  std::set<std::string> have_blobs_;
  std::vector<PulledLayer> layers_;
  std::mutex mutex_;  ///< of what follows, and of the two sets
  LoadReport report_;
  std::atomic<int> trees_ = 0;
  std::atomic<int> files_ = 0;
};

}  // namespace docker_cpp::images
