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
#include "layer_unpack.hpp"
#include "manifest_fetch.hpp"
#include "registry_work.hpp"
#include "worker_process.hpp"

#include "docker_cpp/images/image.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

using Reason = ImageError::Reason;

constexpr std::size_t largest_have = std::size_t{64} << 20;
constexpr std::size_t largest_attestation = std::size_t{16} << 20;
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

/// A layer of the images at hand, with all the places it has in them.
struct Layer {
  struct Place {
    std::string chain_id;
    std::string diff_id;
    bool lowest;
  };
  Descriptor blob;
  std::vector<Place> places;
  std::string id;
};

class Puller {
 public:
  Puller(const RegistryJob& job, RegistrySession& session, int staging,
         int blobs, Reporter& reporter)
      : job_(job),
        session_(session),
        staging_(staging),
        blobs_(blobs),
        reporter_(reporter),
        have_layers_(read_lines(staging, have_file)),
        have_blobs_(read_lines(staging, have_blobs_file)) {}

  void pull(const std::string& which);
  [[nodiscard]] LoadReport take_report() { return std::move(report_); }

 private:
  FetchedDocument choose_manifest(const FetchedDocument& top,
                                  LoadReport::Image& image);
  void keep_attestations(const Index& index, const Digest& of,
                         LoadReport::Image& image);
  std::string small_blob(const Descriptor& blob, std::size_t limit);
  void keep(const FetchedDocument& document);
  void keep_text(const Digest& digest, std::string_view text);
  void plan(const Manifest& manifest, const Image& config, bool had_image);
  [[nodiscard]] bool is_here(const Layer& layer) const;
  void fetch_all();
  void fetch(Layer& layer);
  void download(const Layer& layer, const std::vector<Layer::Place>& places);
  void unpack_here(const Layer& layer, const Layer::Place& place, int folder,
                   const std::string& file);
  LayerToUnpack to_unpack(const Layer& layer, const Layer::Place& place);
  void remember(LoadReport::Layer layer);
  void remember_blob(const Descriptor& blob);

  const RegistryJob& job_;
  RegistrySession& session_;
  int staging_;
  int blobs_;
  Reporter& reporter_;
  std::set<std::string> have_layers_;
  std::set<std::string> have_blobs_;
  std::vector<Layer> layers_;
  std::mutex mutex_;  ///< of what follows, and of the two sets
  LoadReport report_;
  std::atomic<int> trees_ = 0;
  std::atomic<int> files_ = 0;
};

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

/// Through an index to the manifest for the platform, keeping the index.
FetchedDocument Puller::choose_manifest(const FetchedDocument& top,
                                        LoadReport::Image& image) {
  FetchedDocument at = top;
  for (int depth = 0; media_type::is_index(at.media_type); ++depth) {
    if (depth == deepest_index) {
      throw ImageError(Reason::invalid,
                       "index " + top.digest.text() + " is nested too deeply");
    }
    const Platform wanted = parse_platform(job_.platform);
    const Index index = parse_index(at.text);
    const Descriptor* chosen = choose(index, wanted);
    if (chosen == nullptr) {
      throw ImageError(Reason::not_found, "no matching manifest for " +
                                              print(wanted) +
                                              " in the manifest list entries");
    }
    keep(at);
    image.kept.push_back(at.digest.text());
    keep_attestations(index, chosen->digest, image);
    FetchedDocument next = fetch_document(session_, chosen->digest.text());
    if (next.text.size() != chosen->size) {
      throw ImageError(Reason::invalid,
                       "manifest " + chosen->digest.text() +
                           " has another size than the index says");
    }
    at = std::move(next);
  }
  if (!media_type::is_manifest(at.media_type)) {
    throw ImageError(Reason::failed,
                     "'" + at.media_type + "' is not an image manifest");
  }
  return at;
}

/// What an index says of an image beside the image: who built it, from what.
void Puller::keep_attestations(const Index& index, const Digest& of,
                               LoadReport::Image& image) {
  for (const Descriptor& one : index.manifests) {
    const auto about = one.annotations.find("vnd.docker.reference.digest");
    if (about == one.annotations.end() || about->second != of.text()) {
      continue;
    }
    const FetchedDocument document =
        fetch_document(session_, one.digest.text());
    keep(document);
    image.kept.push_back(document.digest.text());
    for (const Descriptor& blob : parse_artifact(document.text)) {
      static_cast<void>(small_blob(blob, largest_attestation));
      image.kept.push_back(blob.digest.text());
    }
  }
}

void Puller::keep_text(const Digest& digest, std::string_view text) {
  const std::string name = "b" + std::to_string(files_++);
  const sys::UniqueFd file =
      must(sys::open_at(staging_, name.c_str(),
                        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600),
           "keep a document");
  must(sys::write_all(file.get(), text), "keep a document");
  const std::lock_guard lock(mutex_);
  if (have_blobs_.insert(digest.text()).second) {
    report_.blobs.push_back(
        {.file = name, .digest = digest.text(), .size = text.size()});
  }
}

void Puller::keep(const FetchedDocument& document) {
  if (!have_blobs_.contains(document.digest.text())) {
    keep_text(document.digest, document.text);
  }
}

std::string Puller::small_blob(const Descriptor& blob, std::size_t limit) {
  const std::string name = "blob " + blob.digest.text();
  if (blob.size > limit) {
    throw ImageError(Reason::invalid, name + " is larger than " +
                                          std::to_string(limit) + " bytes");
  }
  if (have_blobs_.contains(blob.digest.text())) {
    if (const auto text =
            sys::read_file_at(blobs_, blob.digest.hex().c_str(), limit)) {
      return *text;
    }
    for (const LoadReport::Blob& one : report_.blobs) {
      if (one.digest == blob.digest.text()) {
        return must(sys::read_file_at(staging_, one.file.c_str(), limit), name);
      }
    }
  }
  BlobDownload download(session_, blob, staging_, [](std::uint64_t) {});
  std::string text;
  for (auto piece = download.next(); !piece.empty(); piece = download.next()) {
    text += piece;
  }
  keep_text(blob.digest, text);
  return text;
}

/// One entry per blob, whatever number of places it has.
void Puller::plan(const Manifest& manifest, const Image& config,
                  bool had_image) {
  layers_.clear();
  for (std::size_t i = 0; i < manifest.layers.size(); ++i) {
    const Descriptor& blob = manifest.layers[i];
    auto found = std::ranges::find_if(layers_, [&](const Layer& one) {
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
  if (had_image && std::ranges::all_of(layers_, [&](const Layer& one) {
        return is_here(one);
      })) {
    return;  // nothing to tell of, as Docker has it
  }
  for (const Layer& layer : layers_) {
    const bool here = is_here(layer);
    reporter_.progress(
        {.id = layer.id,
         .status = here ? "Already exists" : "Pulling fs layer"});
  }
}

bool Puller::is_here(const Layer& layer) const {
  return have_blobs_.contains(layer.blob.digest.text()) &&
         std::ranges::all_of(layer.places, [&](const Layer::Place& place) {
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

void Puller::fetch(Layer& layer) {
  std::vector<Layer::Place> missing;
  bool have_blob = false;
  {
    const std::lock_guard lock(mutex_);
    have_blob = have_blobs_.contains(layer.blob.digest.text());
    std::ranges::copy_if(layer.places, std::back_inserter(missing),
                         [&](const Layer::Place& place) {
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
  for (const Layer::Place& place : missing) {
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
void Puller::download(const Layer& layer,
                      const std::vector<Layer::Place>& places) {
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
        unpacked = unpack_layer(source, staging_, to_unpack(layer, places[0]));
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

void Puller::unpack_here(const Layer& layer, const Layer::Place& place,
                         int folder, const std::string& file) {
  const sys::UniqueFd fd =
      must(sys::open_at(folder, file.c_str(), O_RDONLY | O_NOFOLLOW),
           "open layer " + layer.blob.digest.text());
  FileSource source(fd.get());
  remember(unpack_layer(source, staging_, to_unpack(layer, place)));
}

LayerToUnpack Puller::to_unpack(const Layer& layer, const Layer::Place& place) {
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

}  // namespace

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
