// SPDX-License-Identifier: Apache-2.0
// Layers come in parallel; each is received, hashed, kept, inflated, hashed and
// unpacked by one thread in one pass, piece by piece, so that memory does not
// depend on sizes and no byte is read twice.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <set>
#include <thread>

#include "blob_download.hpp"
#include "files.hpp"
#include "puller.hpp"
#include "worker_process.hpp"

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

using Reason = ImageError::Reason;

constexpr std::size_t largest_have = std::size_t{64} << 20;
constexpr std::size_t short_digits = 12;

std::set<std::string> read_lines(int staging, const char* file) {
  std::set<std::string> all;
  const std::string text = must(sys::read_file_at(staging, file, largest_have),
                                "read what is here already");
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    all.insert(text.substr(start, end - start));
    start = end + 1;
  }
  return all;
}

}  // namespace

Puller::Puller(const RegistryJob& job, RegistrySession& session, int staging,
               int blobs, Reporter& reporter)
    : job_(job),
      session_(session),
      staging_(staging),
      blobs_(blobs),
      reporter_(reporter),
      have_layers_(read_lines(staging, have_file)),
      have_blobs_(read_lines(staging, have_blobs_file)) {}

void Puller::pull(const std::string& which) {
  const FetchedDocument top = fetch_document(session_, which);
  LoadReport::Image image;
  const FetchedDocument found = choose_manifest(top, image);
  const Manifest manifest = parse_manifest(found.text);
  const bool had_image = have_blobs_.contains(manifest.config.digest.text());
  keep(found);
  const std::string text = small_blob(manifest.config, largest_config);
  const Image config = parse_image_config(text);
  if (config.diff_ids.size() != manifest.layers.size()) {
    throw ImageError(Reason::invalid,
                     "manifest " + found.digest.text() + " has " +
                         std::to_string(manifest.layers.size()) +
                         " layers, its configuration " +
                         std::to_string(config.diff_ids.size()));
  }
  const bool by_digest = which.starts_with("sha256:");
  reporter_.progress(
      {.id = which, .status = "Pulling from " + session_.reference().path()});
  plan(manifest, config, had_image);
  fetch_all();
  const std::string repository = session_.reference().repository();
  image.manifest = found.digest.text();
  image.digests = {repository + "@" + top.digest.text()};
  if (!by_digest) {
    image.names = {repository + ":" + which};
  }
  report_.images.push_back(std::move(image));
  reporter_.progress({.id = "", .status = "Digest: " + top.digest.text()});
}

/// One entry per blob, whatever number of places it has.
void Puller::plan(const Manifest& manifest, const Image& config,
                  bool had_image) {
  layers_.clear();
  for (std::size_t i = 0; i < manifest.layers.size(); ++i) {
    const Descriptor& blob = manifest.layers[i];
    auto found = std::ranges::find_if(layers_, [&](const PulledLayer& one) {
      return one.blob.digest == blob.digest;
    });
    if (found == layers_.end()) {
      layers_.push_back({.blob = blob,
                         .places = {},
                         .id = blob.digest.hex().substr(0, short_digits)});
      found = layers_.end() - 1;
    }
    found->places.push_back({.chain_id = config.chain_ids[i],
                             .diff_id = config.diff_ids[i],
                             .lowest = i == 0});
  }
  if (had_image && std::ranges::all_of(layers_, [&](const PulledLayer& one) {
        return is_here(one);
      })) {
    return;  // nothing to tell of, as Docker has it
  }
  for (const PulledLayer& layer : layers_) {
    const bool here = is_here(layer);
    reporter_.progress(
        {.id = layer.id,
         .status = here ? "Already exists" : "Pulling fs layer"});
  }
}

bool Puller::is_here(const PulledLayer& layer) const {
  return have_blobs_.contains(layer.blob.digest.text()) &&
         std::ranges::all_of(layer.places,
                             [&](const PulledLayer::Place& place) {
                               return have_layers_.contains(place.chain_id);
                             });
}

void Puller::fetch_all() {
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> stop = false;
  std::exception_ptr failure;
  std::mutex failed;
  const auto work = [&] {
    for (std::size_t i = next++; i < layers_.size() && !stop; i = next++) {
      try {
        fetch(layers_[i]);
      } catch (...) {
        stop = true;
        const std::lock_guard lock(failed);
        failure = failure ? failure : std::current_exception();
      }
    }
  };
  {
    std::vector<std::jthread> threads;
    const auto wanted =
        static_cast<std::size_t>(std::clamp(job_.options.parallel, 1, 16));
    while (threads.size() + 1 < std::min(wanted, layers_.size())) {
      threads.emplace_back(work);
    }
    work();
  }
  if (failure) {
    std::rethrow_exception(failure);
  }
}

void Puller::fetch(PulledLayer& layer) {
  std::vector<PulledLayer::Place> missing;
  bool have_blob = false;
  {
    const std::lock_guard lock(mutex_);
    have_blob = have_blobs_.contains(layer.blob.digest.text());
    std::ranges::copy_if(layer.places, std::back_inserter(missing),
                         [&](const PulledLayer::Place& place) {
                           return !have_layers_.contains(place.chain_id);
                         });
  }
  if (have_blob && missing.empty()) {
    return;
  }
  DOCKER_CPP_FAILPOINT("image.pull.layer");
  const bool fetched = !have_blob;
  if (fetched) {
    download(layer, missing);
    missing.erase(missing.begin(), missing.begin() + (missing.empty() ? 0 : 1));
  }
  for (const PulledLayer::Place& place : missing) {
    const auto in_staging = BlobDownload::file_name(layer.blob.digest);
    struct stat status{};
    const bool staged = ::fstatat(staging_, in_staging.c_str(), &status,
                                  AT_SYMLINK_NOFOLLOW) == 0;
    unpack_here(layer, place, staged ? staging_ : blobs_,
                staged ? in_staging : layer.blob.digest.hex());
  }
  reporter_.progress({.id = layer.id, .status = "Pull complete"});
}

/// Receives the blob, unpacking it for the first place on the way.
void Puller::download(const PulledLayer& layer,
                      const std::vector<PulledLayer::Place>& places) {
  const auto told = [&](std::uint64_t received) {
    reporter_.moving({.id = layer.id,
                      .status = "Downloading",
                      .current = received,
                      .total = layer.blob.size});
  };
  for (bool again = false;; again = true) {
    BlobDownload source(session_, layer.blob, staging_, told);
    try {
      std::optional<LoadReport::Layer> unpacked;
      if (!places.empty()) {
        unpacked = unpack(source, to_unpack(layer, places[0]));
      }
      source.finish();
      reporter_.progress({.id = layer.id, .status = "Verifying Checksum"});
      reporter_.progress({.id = layer.id, .status = "Download complete"});
      reporter_.progress({.id = layer.id,
                          .status = "Extracting",
                          .current = layer.blob.size,
                          .total = layer.blob.size});
      remember_blob(layer.blob);
      if (unpacked) {
        remember(*std::move(unpacked));
      }
      return;
    } catch (const ImageError&) {
      if (!source.resumed() || again) {
        source.rethrow();
        throw;
      }
      // What an earlier pull left may be to blame: once more from the start.
      remove_tree(staging_, BlobDownload::file_name(layer.blob.digest));
    }
  }
}

/// Unpacks a layer as it comes; what comes out must be what was announced.
LoadReport::Layer Puller::unpack(ByteSource& source,
                                 const LayerToUnpack& layer) {
  const std::string what = "layer " + layer.blob;
  const UnpackedLayer unpacked =
      unpack_layer(source, staging_, layer.tree, what,
                   layer.lowest ? LayerApply::Position::lowest
                                : LayerApply::Position::upper);
  if (unpacked.diff_id != layer.diff_id) {
    throw ImageError(Reason::invalid, what + " is damaged: it unpacks to " +
                                          unpacked.diff_id + ", not to " +
                                          layer.diff_id);
  }
  return {.tree = layer.tree,
          .chain_id = layer.chain_id,
          .diff_id = layer.diff_id,
          .blob = layer.blob,
          .size = unpacked.size,
          .files = unpacked.files};
}

void Puller::unpack_here(const PulledLayer& layer,
                         const PulledLayer::Place& place, int folder,
                         const std::string& file) {
  const sys::UniqueFd fd =
      must(sys::open_at(folder, file.c_str(), O_RDONLY | O_NOFOLLOW),
           "open layer " + layer.blob.digest.text());
  FileSource source(fd.get());
  remember(unpack(source, to_unpack(layer, place)));
}

LayerToUnpack Puller::to_unpack(const PulledLayer& layer,
                                const PulledLayer::Place& place) {
  return {.tree = "t" + std::to_string(trees_++),
          .blob = layer.blob.digest.text(),
          .diff_id = place.diff_id,
          .chain_id = place.chain_id,
          .lowest = place.lowest};
}

void Puller::remember(LoadReport::Layer layer) {
  const std::lock_guard lock(mutex_);
  have_layers_.insert(layer.chain_id);
  report_.layers.push_back(std::move(layer));
}

void Puller::remember_blob(const Descriptor& blob) {
  const std::lock_guard lock(mutex_);
  have_blobs_.insert(blob.digest.text());
  report_.blobs.push_back({.file = BlobDownload::file_name(blob.digest),
                           .digest = blob.digest.text(),
                           .size = blob.size});
}

LoadReport pull(const RegistryJob& job, int staging, int blobs,
                Reporter& reporter) {
  const auto parsed = Reference::parse(job.reference);
  if (!parsed) {
    throw ImageError(Reason::invalid, parsed.error());
  }
  RegistrySession session(job, *parsed, RegistrySession::Access::pull);
  session.connect();
  Puller puller(job, session, staging, blobs, reporter);
  std::vector<std::string> which = {
      parsed->digest().empty() ? parsed->tag() : parsed->digest()};
  if (job.all_tags) {
    which = fetch_tags(session);
  }
  for (const std::string& one : which) {
    puller.pull(one);
  }
  return puller.take_report();
}

}  // namespace docker_cpp::images
