// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/images/image_store.hpp"

namespace docker_cpp::images {

/// One layer of what is being built.
struct BuildLayer {
  std::string chain_id;
  std::string diff_id;
  std::string blob;  ///< digest
  std::string media_type;
  std::uint64_t blob_size = 0;
};

/// Lowest first.
using BuildLayers = std::vector<BuildLayer>;

/// The chain id of all of them; empty for none.
[[nodiscard]] std::string chain_of(const BuildLayers& layers);

/// A build's place in the store: a folder of its own, in which its steps leave
/// what they change, and through which that becomes layers, an image, and
/// entries of the build cache.
///
/// Nothing of it is in the store before keep(); a build that crashes leaves
/// nothing. While it lives no layer is collected. Thread safe: stages run in
/// parallel.
class BuildSession {
 public:
  explicit BuildSession(ImageStore& store);
  ~BuildSession();
  BuildSession(const BuildSession&) = delete;
  BuildSession& operator=(const BuildSession&) = delete;

  /// The session's folder, on the file system of the layers.
  [[nodiscard]] int folder() const;
  [[nodiscard]] const std::string& path() const;

  /// Where a step writes: `fs` is an overlay's upper directory and looks like
  /// the top of `below` does.
  struct Step {
    std::string name;  ///< in the session's folder
    std::string upper;
    std::string work;
  };
  [[nodiscard]] Step begin_step(const BuildLayers& below);

  /// The directories for overlayfs, top layer first.
  [[nodiscard]] std::vector<std::string> directories(
      const BuildLayers& layers) const;

  [[nodiscard]] BuildLayers layers_of(const Image& image) const;

  /// What the step left becomes a layer on `below`; a step that changed
  /// nothing adds none. `latest`: no file is younger (seconds since the
  /// epoch), for builds that are to be repeated byte by byte.
  /// \throws ImageError
  [[nodiscard]] BuildLayers seal(const Step& step, BuildLayers below,
                                 std::optional<std::int64_t> latest);

  struct Recalled {
    BuildLayers layers;
    std::int64_t created = 0;  ///< when it was done; seconds since the epoch
  };
  /// What a step with this key left before, on the same layers.
  [[nodiscard]] std::optional<Recalled> recall(const std::string& key,
                                               const BuildLayers& below);
  /// To be found by recall(), in other builds once it is kept.
  void remember(const std::string& key, const std::string& description,
                const Recalled& result);

  /// The id that an image would have.
  [[nodiscard]] static std::string image_id(const std::string& config,
                                            const BuildLayers& layers);

  /// Unpacks a foreign archive (tar, plain or compressed) into `folder` of a
  /// tree, by a worker. \throws ImageError for what is wrong in it
  void unpack(int archive, int tree, const std::string& folder) const;

  /// Fetches an URL into `folder/name`, by a worker.
  /// \param checksum "sha256:…" that it must have; empty: any
  /// \throws ImageError
  void download(const std::string& url, int folder, const std::string& name,
                const std::string& checksum) const;
  /// Fetches a repository ("https://host/x.git#ref:folder") into a folder, by
  /// a worker that runs git. \throws ImageError
  void clone(const std::string& url, int folder, bool keep_git_folder) const;

  /// Makes the layers and what is remembered of them durable.
  void keep();
  /// The same, and an image. `config` is its JSON but for `rootfs`.
  /// \returns its id
  std::string keep_image(const std::string& config, const BuildLayers& layers,
                         const std::vector<std::string>& names);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace docker_cpp::images
