// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/images/build_cache.hpp"
#include "docker_cpp/images/image.hpp"
#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/images/new_image.hpp"
#include "docker_cpp/images/registry.hpp"
#include "docker_cpp/images/store_results.hpp"
#include "docker_cpp/images/worker_task.hpp"

namespace docker_cpp::images {

/// The images of one data root.
///
/// `<data_root>/images` is an OCI image layout that other tools can read;
/// `<data_root>/layers/<chain id>/fs` holds each layer unpacked, in the form
/// overlayfs stacks. Foreign bytes are never parsed here: the worker does
/// that, confined, and this class verifies what the worker left (see
/// docs/formats/image-store.md). What a call has returned from is on disk.
///
/// Thread safe; loads block for as long as the unpacking takes, and nobody
/// else. One process at a time may own a data root.
/// \stage{04} \oci{image,image-layout}
class ImageStore {
 public:
  struct Options {
    std::string data_root;
    /// Path of docker-cpp-worker.
    std::string worker;
    RegistryOptions registry{};
  };

  class State;  ///< of no concern outside this stage

  /// Makes what is missing, removes what an interrupted operation left, sets
  /// aside what is damaged (see problems()).
  /// \throws Error when the data root cannot be used at all
  explicit ImageStore(Options options);
  ~ImageStore();

  ImageStore(const ImageStore&) = delete;
  ImageStore& operator=(const ImageStore&) = delete;

  /// Reads what `docker save` or an OCI tool wrote, plain or compressed, from
  /// any readable descriptor. All of its images or none.
  /// \returns what Docker prints after "Loaded image: ", each once: the names
  ///   ("busybox:latest"), for an image without one its id ("sha256:...")
  /// \throws ImageError naming what is wrong in the archive
  std::vector<std::string> load(int archive_fd);

  /// Fetches from a registry and keeps all of it or nothing. What was received
  /// before a failure is not asked for again by the next pull.
  /// \returns each image, of all tags or the one asked for
  /// \throws ImageError in Docker's words
  std::vector<PulledImage> pull(const PullRequest& request);

  /// Sends the name (or all names of its repository) as it is here, byte by
  /// byte: the digests do not change.
  std::vector<PushedImage> push(const PushRequest& request);

  /// Tries credentials on the registry of a reference.
  /// \returns an identity token to use instead of the password, or nothing
  /// \throws ImageError denied
  std::string log_in(const RegistryRequest& request);

  /// What a registry has under a name.
  [[nodiscard]] Distribution distribution(const RegistryRequest& request);

  /// Names at the hub, or for "host/term" in that registry's catalogue. The
  /// term is the request's reference.
  [[nodiscard]] std::vector<FoundRepository> search(
      const RegistryRequest& request, int limit);

  /// Makes an image out of a parent's and a directory of changes, as commit
  /// and build do, or out of an archive of files, as import does.
  /// \returns its id
  /// \throws ImageError not_found for the parent, invalid for the archive or
  ///   a name
  std::string create(const NewImage& image);

  /// Begins to write images to a descriptor as `docker save` does: an OCI
  /// layout with manifest.json. A name without a tag means all of its tags.
  /// The caller finishes the task. \throws ImageError not_found
  [[nodiscard]] WorkerTask save(const std::vector<std::string>& refs,
                                int output) const;

  /// Path of docker-cpp-worker.
  [[nodiscard]] const std::string& worker() const;

  /// By name[:tag][@digest], id, or unique prefix of an id. A name that is not
  /// here but comes with the engine (busybox, hello-world) is loaded first.
  [[nodiscard]] std::optional<Image> find(std::string_view ref);

  /// The same, but not of what comes with the engine.
  [[nodiscard]] std::optional<Image> find_stored(std::string_view ref) const;

  /// By whole id: also one that was removed from under a container.
  [[nodiscard]] std::optional<Image> find_held(const std::string& id) const;

  /// All images, newest first.
  [[nodiscard]] std::vector<Image> list() const;

  /// Gives the image that `ref` finds the name `target`, taking it from
  /// whichever image had it.
  /// \throws ImageError not_found, invalid
  void tag(std::string_view ref, std::string_view target);

  /// Removes a name, and with the last name the image and those of its layers
  /// that no other image has. What containers stand on stays until
  /// release_held() finds it unused.
  /// \throws ImageError not_found, conflict
  RemoveResult remove(std::string_view ref, RemoveOptions options = {});

  void release_held(const UseOf& use);

  /// The directories to give overlayfs as lowerdir, top layer first.
  [[nodiscard]] std::vector<std::string> layer_directories(
      const Image& image) const;

  /// The steps of builds that need not be done again.
  [[nodiscard]] std::vector<BuildCacheEntry> build_cache() const;
  /// Forgets them, and the layers that nothing else needs.
  /// \returns the bytes of files that went
  std::int64_t prune_build_cache(const std::vector<std::string>& keys);

  /// Reads every blob and looks for everything that images rely on. Repairing
  /// takes away what is damaged and sets aside the images that relied on it, so
  /// that a pull or load brings them again; layers that containers may stand on
  /// stay.
  CheckReport check(Repair repair);

  /// Bytes of each layer's files, lowest layer first.
  [[nodiscard]] std::vector<std::int64_t> layer_sizes(const Image& image) const;

  /// What was found damaged at start-up and set aside, a sentence each.
  [[nodiscard]] std::vector<std::string> problems() const;

 private:
  friend class BuildSession;
  std::unique_ptr<State> state_;
};

}  // namespace docker_cpp::images
