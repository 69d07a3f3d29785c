// SPDX-License-Identifier: Apache-2.0
#include "load_commit.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "docker_cpp/images/reference.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

[[noreturn]] void refuse(const std::string& sentence) {
  throw ImageError(ImageError::Reason::invalid, sentence);
}

Digest proper(const std::string& digest) {
  auto parsed = Digest::parse(digest);
  if (!parsed) {
    refuse(parsed.error());
  }
  return *parsed;
}

sys::UniqueFd open_staged(int staging, const std::string& file) {
  sys::UniqueFd fd = must(
      sys::open_at(staging, file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK),
      "open what the worker staged as " + file);
  struct stat status{};
  must(sys::check_void(::fstat(fd.get(), &status), "fstat"), file);
  if (!S_ISREG(status.st_mode) || status.st_nlink != 1) {
    refuse("what the worker staged as " + file + " is not a file of its own");
  }
  return fd;
}

}  // namespace

LoadCommit::LoadCommit(ImageStore::State& store, int staging, LoadReport report)
    : store_(store), staging_(staging), report_(std::move(report)) {}

void LoadCommit::verify() {
  for (const LoadReport::Blob& blob : report_.blobs) {
    verify_blob(blob);
  }
  for (const LoadReport::Layer& layer : report_.layers) {
    tree_of_[layer.chain_id] = &layer;
  }
  if (report_.images.empty()) {
    refuse("the archive holds no image");
  }
  for (const LoadReport::Image& image : report_.images) {
    verify_image(image);
  }
}

void LoadCommit::verify_blob(const LoadReport::Blob& blob) {
  const Digest claimed = proper(blob.digest);
  const sys::UniqueFd file = open_staged(staging_, blob.file);
  struct stat status{};
  must(sys::check_void(::fstat(file.get(), &status), "fstat"), blob.file);
  if (static_cast<std::uint64_t>(status.st_size) != blob.size) {
    refuse("blob " + blob.digest + " has another size than reported");
  }
  if (must(digest_of_file(file.get()), "verify " + blob.digest) != claimed) {
    refuse("blob " + blob.digest + " is not what its digest says");
  }
  file_of_[blob.digest] = blob.file;
}

std::string LoadCommit::read(const Digest& digest, std::size_t limit,
                             std::string_view what) const {
  const auto staged = file_of_.find(digest.text());
  if (staged == file_of_.end()) {
    return store_.layout_.read_blob(digest, limit, what);
  }
  const sys::UniqueFd file = open_staged(staging_, staged->second);
  return must(sys::read_all(file.get(), limit),
              "read " + std::string(what) + " " + digest.text());
}

void LoadCommit::verify_image(const LoadReport::Image& reported) {
  const Digest digest = proper(reported.manifest);
  const std::string text = read(digest, largest_manifest, "manifest");
  const Manifest manifest = parse_manifest(text);
  Image image = parse_image_config(
      read(manifest.config.digest, largest_config, "image configuration"));
  if (image.id != manifest.config.digest.text()) {
    refuse("image configuration " + manifest.config.digest.text() +
           " is not what its digest says");
  }
  verify_layers(manifest, image);
  Planned planned{.entry = {}, .names = {}, .blobs = {digest}};
  planned.blobs.push_back(manifest.config.digest);
  for (const Descriptor& layer : manifest.layers) {
    planned.blobs.push_back(layer.digest);
  }
  for (const std::string& name : reported.names) {
    const auto parsed = Reference::parse(name);
    if (!parsed || !parsed->digest().empty()) {
      refuse("image name '" + name +
             "': " + (parsed ? "a digest is not a name" : parsed.error()));
    }
    planned.names.push_back(parsed->canonical());
  }
  verify_beside(reported, planned);
  image.manifest_digest = digest.text();
  planned.entry.record = {
      .id = image.id,
      .manifest = digest.text(),
      .manifest_size = text.size(),
      .manifest_type = std::string(manifest.media_type.empty()
                                       ? std::string(media_type::oci_manifest)
                                       : manifest.media_type),
      .names = {},
      .digests = {},
      .kept = reported.kept};
  planned.entry.image = std::move(image);
  images_.push_back(std::move(planned));
}

/// What a registry calls it, and the documents it came with.
void LoadCommit::verify_beside(const LoadReport::Image& reported,
                               Planned& planned) {
  for (const std::string& name : reported.digests) {
    const auto parsed = Reference::parse(name);
    if (!parsed || parsed->digest().empty() || !parsed->tag().empty()) {
      refuse("'" + name + "' is not a name with a digest");
    }
    planned.digests.push_back(parsed->canonical());
  }
  for (const std::string& kept : reported.kept) {
    const Digest blob = proper(kept);
    if (!file_of_.contains(kept) && !store_.layout_.has_blob(blob)) {
      refuse("blob " + kept + " is missing");
    }
    planned.blobs.push_back(blob);
  }
}

/// Each layer must be what the configuration says it is; those not here yet
/// must be among the staged trees.
void LoadCommit::verify_layers(const Manifest& manifest, const Image& image) {
  if (manifest.layers.size() != image.diff_ids.size()) {
    refuse("image " + image.id + " has " +
           std::to_string(manifest.layers.size()) +
           " layers, but its configuration names " +
           std::to_string(image.diff_ids.size()));
  }
  for (std::size_t i = 0; i < manifest.layers.size(); ++i) {
    const Digest& blob = manifest.layers[i].digest;
    if (!file_of_.contains(blob.text()) && !store_.layout_.has_blob(blob)) {
      refuse("layer " + blob.text() + " of image " + image.id + " is missing");
    }
    const std::string& chain_id = image.chain_ids[i];
    const auto tree = tree_of_.find(chain_id);
    if (tree == tree_of_.end()) {
      continue;  // commit() sees whether it is in the store
    }
    if (tree->second->diff_id != image.diff_ids[i]) {
      refuse("layer " + blob.text() + " unpacks to " + tree->second->diff_id +
             ", not to " + image.diff_ids[i]);
    }
    if (!new_layers_.contains(tree->second->tree)) {
      new_layers_[tree->second->tree] = record_of(image, i, blob);
      tree_order_.push_back(tree->second->tree);
    }
  }
}

LayerRecord LoadCommit::record_of(const Image& image, std::size_t layer,
                                  const Digest& blob) const {
  const LoadReport::Layer& tree = *tree_of_.at(image.chain_ids[layer]);
  return {.chain_id = image.chain_ids[layer],
          .diff_id = image.diff_ids[layer],
          .parent = layer == 0 ? "" : image.chain_ids[layer - 1],
          .blob = blob.text(),
          .size = tree.size,
          .files = tree.files};
}

std::vector<std::string> LoadCommit::commit() {
  for (const Planned& planned : images_) {
    for (const std::string& chain_id : planned.entry.image.chain_ids) {
      if (!tree_of_.contains(chain_id) && !store_.layers_.has(chain_id)) {
        refuse("layer " + chain_id + " is missing");
      }
    }
  }
  make_durable();
  keep_blobs();
  keep_layers();
  keep_images();
  std::vector<std::string> printed;
  const auto print_once = [&](std::string name) {
    if (std::ranges::find(printed, name) == printed.end()) {
      printed.push_back(std::move(name));
    }
  };
  for (const Planned& planned : images_) {
    for (const std::string& name : planned.names) {
      print_once(Reference::parse(name)->familiar());
    }
    if (planned.names.empty()) {
      print_once(planned.entry.image.id);
    }
  }
  return printed;
}

// [commit-order]
/// One syncfs(2) for all blobs and trees of the load costs less than one
/// fsync(2) per file, and everything after it is a rename of durable data.
void LoadCommit::make_durable() {
  for (const std::string& tree : tree_order_) {
    const sys::UniqueFd folder =
        must(sys::open_at(staging_, tree.c_str(),
                          O_RDONLY | O_DIRECTORY | O_NOFOLLOW),
             "open the staged layer " + tree);
    mark_opaque(folder.get());
    write_layer_record(folder.get(), new_layers_.at(tree));
  }
  DOCKER_CPP_FAILPOINT("image.load.syncfs");
  must(sys::check_void(::syncfs(staging_), "syncfs"), "make the image durable");
}

void LoadCommit::keep_blobs() {
  std::set<std::string> kept;
  for (const Planned& planned : images_) {
    for (const Digest& blob : planned.blobs) {
      const auto file = file_of_.find(blob.text());
      if (file != file_of_.end() && kept.insert(blob.text()).second) {
        store_.layout_.add_blob(staging_, file->second, blob);
      }
    }
  }
  store_.layout_.sync_blobs();
}

void LoadCommit::keep_layers() {
  for (const std::string& tree : tree_order_) {
    store_.layers_.add(staging_, tree, new_layers_.at(tree));
  }
  store_.layers_.sync();
}

void LoadCommit::add_beside(ImageStore::State::Content& content,
                            const std::string& id, const Planned& planned) {
  ImageStore::State::Entry entry = *content.images.at(id);
  const auto add = [](std::vector<std::string>& to, const std::string& one) {
    if (std::ranges::find(to, one) == to.end()) {
      to.push_back(one);
    }
  };
  for (const std::string& digest : planned.digests) {
    add(entry.record.digests, digest);
  }
  for (const std::string& kept : planned.entry.record.kept) {
    add(entry.record.kept, kept);
  }
  if (!planned.digests.empty()) {
    // The bytes by which a registry knows it are those to push again.
    entry.record.manifest = planned.entry.record.manifest;
    entry.record.manifest_size = planned.entry.record.manifest_size;
    entry.record.manifest_type = planned.entry.record.manifest_type;
    entry.image.manifest_digest = planned.entry.record.manifest;
  }
  entry.image.repo_digests = familiar_digests(entry.record.digests);
  content.images[id] =
      std::make_shared<const ImageStore::State::Entry>(std::move(entry));
}

void LoadCommit::keep_images() {
  ImageStore::State::Content content = store_.copy();
  for (Planned& planned : images_) {
    const std::string id = planned.entry.image.id;
    if (!content.images.contains(id)) {
      Image& image = planned.entry.image;
      for (const std::string& chain_id : image.chain_ids) {
        const auto layer = store_.layers_.read(chain_id);
        image.layer_sizes.push_back(layer ? layer->size : 0);
        image.size += image.layer_sizes.back();
      }
      planned.entry.record.size = image.size;
      content.images[id] =
          std::make_shared<const ImageStore::State::Entry>(planned.entry);
      content.held.erase(id);
    }
    add_beside(content, id, planned);
    store_.give_names(content, id, planned.names);
    store_.write_record(content, id);
  }
  store_.write_index(content);
  for (const Planned& planned : images_) {
    store_.layout_.forget_damaged(planned.entry.image.id.substr(7));
  }
  store_.publish(std::move(content));
}
// [commit-order]

}  // namespace docker_cpp::images
