// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/images/build_session.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "build_documents.hpp"
#include "build_files.hpp"
#include "files.hpp"
#include "json_reader.hpp"
#include "load_commit.hpp"
#include "staging.hpp"
#include "store_state.hpp"
#include "worker_process.hpp"

#include "docker_cpp/images/manifest.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

struct Sealed {
  std::string step;  ///< its folder in the session's
  LayerRecord record;
  bool kept = false;
};

sys::UniqueFd open_directory(int parent, const std::string& name) {
  return must(
      sys::open_at(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW),
      "open " + name + " of the build");
}

std::string path_of(int folder) {
  return must_read_link("/proc/self/fd/" + std::to_string(folder));
}

LoadReport::Blob add_document(int folder, const std::string& name,
                              std::string_view content) {
  const sys::UniqueFd file =
      must(sys::open_at(folder, name.c_str(),
                        O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600),
           "stage a document");
  must(sys::write_all(file.get(), content), "stage a document");
  return {.file = name,
          .digest = Digest::of(content).text(),
          .size = content.size()};
}

}  // namespace

std::string chain_of(const BuildLayers& layers) {
  return layers.empty() ? "" : layers.back().chain_id;
}

struct BuildSession::Impl {
  explicit Impl(ImageStore& owner)
      : store(*owner.state_),
        in_progress(store),
        staging(store.root_.get()),
        path(path_of(staging.get())) {}

  [[nodiscard]] std::string directory(const std::string& chain_id) const {
    const auto found = sealed.find(chain_id);
    return found == sealed.end() || found->second.kept
               ? store.layers_.directory(chain_id)
               : path + "/" + found->second.step + "/fs";
  }

  LayerRecord make_blob(const Step& step, const std::string& parent) const;
  void keep_layers();

  ImageStore::State& store;
  ImageStore::State::InProgress in_progress;
  Staging staging;
  std::string path;
  mutable std::mutex mutex;
  std::map<std::string, Sealed> sealed;  ///< by chain id
  std::vector<std::string> order;        ///< chain ids, lower ones first
  std::map<std::string, BuildCacheEntry> fresh;
  std::vector<std::string> used;
  int steps = 0;
};

BuildSession::BuildSession(ImageStore& store)
    : impl_(std::make_unique<Impl>(store)) {}

BuildSession::~BuildSession() = default;

int BuildSession::folder() const {
  return impl_->staging.get();
}

const std::string& BuildSession::path() const {
  return impl_->path;
}

BuildSession::Step BuildSession::begin_step(const BuildLayers& below) {
  Step step;
  std::string top;
  {
    const std::lock_guard lock(impl_->mutex);
    step.name = "s" + std::to_string(impl_->steps++);
    top = below.empty() ? "" : impl_->directory(below.back().chain_id);
  }
  const sys::UniqueFd home = open_folder(impl_->staging.get(), step.name);
  const sys::UniqueFd fs = open_folder(home.get(), "fs", 0755);
  static_cast<void>(open_folder(home.get(), "work"));
  if (!top.empty()) {
    copy_top(top, fs.get());
  }
  step.upper = impl_->path + "/" + step.name + "/fs";
  step.work = impl_->path + "/" + step.name + "/work";
  return step;
}

std::vector<std::string> BuildSession::directories(
    const BuildLayers& layers) const {
  const std::lock_guard lock(impl_->mutex);
  std::vector<std::string> all;
  for (const BuildLayer& layer : layers) {
    all.push_back(impl_->directory(layer.chain_id));
  }
  std::ranges::reverse(all);
  return all;
}

BuildLayers BuildSession::layers_of(const Image& image) const {
  const Manifest manifest = parse_manifest(impl_->store.layout_.read_blob(
      *Digest::parse(image.manifest_digest), largest_manifest, "manifest"));
  BuildLayers all;
  for (std::size_t i = 0;
       i < manifest.layers.size() && i < image.chain_ids.size(); ++i) {
    all.push_back({.chain_id = image.chain_ids[i],
                   .diff_id = image.diff_ids[i],
                   .blob = manifest.layers[i].digest.text(),
                   .media_type = manifest.layers[i].media_type,
                   .blob_size = manifest.layers[i].size});
  }
  return all;
}

/// The worker reads the tree, which a stranger's program wrote, and makes the
/// plain tar whose digest is the diff id.
LayerRecord BuildSession::Impl::make_blob(const Step& step,
                                          const std::string& parent) const {
  const sys::UniqueFd home = open_directory(staging.get(), step.name);
  const sys::UniqueFd fs = open_directory(home.get(), "fs");
  const LoadReport report =
      parse_load_report(run_worker({.program = store.options_.worker,
                                    .args = {"layer", "--blob-only"},
                                    .input = -1,
                                    .staging = home.get(),
                                    .trees = {fs.get()}}));
  if (report.blobs.size() != 1 || report.blobs[0].file != "b0") {
    throw ImageError(ImageError::Reason::failed,
                     "the worker made no proper layer");
  }
  const sys::UniqueFd blob = must(
      sys::open_at(home.get(), "b0", O_RDONLY | O_NOFOLLOW), "open the layer");
  const Digest digest = must(digest_of_file(blob.get()), "verify the layer");
  if (digest.text() != report.blobs[0].digest) {
    throw ImageError(ImageError::Reason::failed,
                     "the layer is not what its digest says");
  }
  const TreeSize size = measure(fs.get());
  return {.chain_id = chain_on(parent, digest.text()),
          .diff_id = digest.text(),
          .parent = parent,
          .blob = digest.text(),
          .size = size.bytes,
          .files = size.files};
}

BuildLayers BuildSession::seal(const Step& step, BuildLayers below,
                               std::optional<std::int64_t> latest) {
  const sys::UniqueFd home = open_directory(impl_->staging.get(), step.name);
  remove_tree(home.get(), "work");
  const sys::UniqueFd fs = open_directory(home.get(), "fs");
  if (list_folder(fs.get()).empty()) {
    remove_tree(impl_->staging.get(), step.name);
    return below;
  }
  if (latest) {
    limit_times(fs.get(), *latest);
  }
  const LayerRecord record = impl_->make_blob(step, chain_of(below));
  struct stat status{};
  must(sys::check_void(::fstatat(home.get(), "b0", &status, 0), "fstatat"),
       "look at the layer");
  below.push_back({.chain_id = record.chain_id,
                   .diff_id = record.diff_id,
                   .blob = record.blob,
                   .media_type = std::string(media_type::oci_layer),
                   .blob_size = static_cast<std::uint64_t>(status.st_size)});
  const std::lock_guard lock(impl_->mutex);
  if (impl_->sealed.contains(record.chain_id)) {
    return below;  // two stages did the same
  }
  impl_->order.push_back(record.chain_id);
  impl_->sealed[record.chain_id] = {.step = step.name, .record = record};
  return below;
}

std::optional<BuildSession::Recalled> BuildSession::recall(
    const std::string& key, const BuildLayers& below) {
  const std::lock_guard lock(impl_->mutex);
  const auto fresh = impl_->fresh.find(key);
  const auto entry = fresh != impl_->fresh.end()
                         ? std::optional(fresh->second)
                         : impl_->store.cache_.find(key);
  if (!entry) {
    return std::nullopt;
  }
  BuildLayers result = below;
  if (entry->chain_id != chain_of(below)) {
    const auto sealed = impl_->sealed.find(entry->chain_id);
    const auto record =
        sealed == impl_->sealed.end()
            ? impl_->store.layers_.read(entry->chain_id)
            : std::expected<LayerRecord, std::string>(sealed->second.record);
    // A layer that came by a pull has a blob of another kind: made again.
    if (!record || record->parent != chain_of(below) ||
        record->blob != record->diff_id) {
      return std::nullopt;
    }
    const auto blob = Digest::parse(record->blob);
    const auto size = sealed == impl_->sealed.end() && blob
                          ? impl_->store.layout_.blob_size(*blob)
                          : std::nullopt;
    if (sealed == impl_->sealed.end() && !size) {
      return std::nullopt;
    }
    result.push_back({.chain_id = record->chain_id,
                      .diff_id = record->diff_id,
                      .blob = record->blob,
                      .media_type = std::string(media_type::oci_layer),
                      .blob_size = size.value_or(0)});
    if (sealed != impl_->sealed.end()) {
      struct stat status{};
      const std::string name = sealed->second.step + "/b0";
      ::fstatat(impl_->staging.get(), name.c_str(), &status, 0);
      result.back().blob_size = static_cast<std::uint64_t>(status.st_size);
    }
  }
  impl_->used.push_back(key);
  return Recalled{.layers = std::move(result), .created = entry->created};
}

void BuildSession::remember(const std::string& key,
                            const std::string& description,
                            const Recalled& result) {
  const std::lock_guard lock(impl_->mutex);
  const auto sealed = impl_->sealed.find(chain_of(result.layers));
  impl_->fresh[key] = {
      .key = key,
      .chain_id = chain_of(result.layers),
      .description = description,
      .created = result.created,
      .size = sealed == impl_->sealed.end() ? 0 : sealed->second.record.size};
}

/// As a load does: everything durable first, then the names of the blobs, then
/// those of the layers. See docs/formats/image-store.md.
void BuildSession::Impl::keep_layers() {
  std::vector<Sealed*> all;
  for (const std::string& chain_id : order) {
    if (!sealed.at(chain_id).kept) {
      all.push_back(&sealed.at(chain_id));
    }
  }
  if (all.empty()) {
    return;
  }
  for (const Sealed* one : all) {
    write_layer_record(open_directory(staging.get(), one->step).get(),
                       one->record);
  }
  DOCKER_CPP_FAILPOINT("image.build.syncfs");
  must(sys::check_void(::syncfs(staging.get()), "syncfs"),
       "make the layers durable");
  for (const Sealed* one : all) {
    const sys::UniqueFd home = open_directory(staging.get(), one->step);
    store.layout_.add_blob(home.get(), "b0", *Digest::parse(one->record.blob));
  }
  store.layout_.sync_blobs();
  for (Sealed* one : all) {
    store.layers_.add(staging.get(), one->step, one->record);
    one->kept = true;
  }
  store.layers_.sync();
}

std::string BuildSession::image_id(const std::string& config,
                                   const BuildLayers& layers) {
  return Digest::of(with_layers(config, layers)).text();
}

void BuildSession::unpack(int archive, int tree,
                          const std::string& folder) const {
  run_tree({.worker = impl_->store.options_.worker,
            .args = {"unpack", "--path", folder, "--short-end"},
            .tree = tree,
            .input = archive});
}

void BuildSession::download(const std::string& url, int folder,
                            const std::string& name,
                            const std::string& checksum) const {
  run_tree(
      {.worker = impl_->store.options_.worker,
       .args = {"fetch", "--url", url, "--name", name, "--checksum", checksum},
       .tree = folder});
}

void BuildSession::clone(const std::string& url, int folder,
                         bool keep_git_folder) const {
  std::vector<std::string> args = {"clone", "--url", url};
  if (keep_git_folder) {
    args.emplace_back("--keep-git-dir");
  }
  run_tree({.worker = impl_->store.options_.worker,
            .args = std::move(args),
            .tree = folder});
}

void BuildSession::keep() {
  const std::lock_guard writer(impl_->store.writer_);
  const std::lock_guard lock(impl_->mutex);
  impl_->keep_layers();
  for (const auto& [key, entry] : impl_->fresh) {
    impl_->store.cache_.add(entry);
  }
  impl_->fresh.clear();
  for (const std::string& key : impl_->used) {
    impl_->store.cache_.touch(key);
  }
  impl_->used.clear();
}

std::string BuildSession::keep_image(const std::string& config,
                                     const BuildLayers& layers,
                                     const std::vector<std::string>& names) {
  keep();
  const std::string text = with_layers(config, layers);
  Manifest manifest{
      .media_type = std::string(media_type::oci_manifest),
      .config = {.media_type = std::string(media_type::oci_config),
                 .digest = Digest::of(text),
                 .size = text.size(),
                 .annotations = {},
                 .platform = {}},
      .layers = {}};
  for (const BuildLayer& layer : layers) {
    manifest.layers.push_back({.media_type = layer.media_type,
                               .digest = *Digest::parse(layer.blob),
                               .size = layer.blob_size,
                               .annotations = {},
                               .platform = {}});
  }
  const std::string manifest_text = print(manifest);
  const std::string id = manifest.config.digest.text();
  const auto known = impl_->store.find(id);
  if (known && known->manifest_digest == Digest::of(manifest_text).text()) {
    for (const std::string& name : names) {
      impl_->store.tag(id, name);
    }
    return id;  // all of it came from the cache: nothing is written again
  }
  LoadReport report;
  const int folder = impl_->staging.get();
  report.blobs.push_back(add_document(folder, "config", text));
  report.blobs.push_back(add_document(folder, "manifest", manifest_text));
  report.images.push_back(
      {.manifest = report.blobs.back().digest, .names = names});
  LoadCommit commit(impl_->store, folder, std::move(report));
  commit.verify();
  const std::lock_guard writer(impl_->store.writer_);
  DOCKER_CPP_FAILPOINT("image.build.commit");
  static_cast<void>(commit.commit());
  return id;
}

}  // namespace docker_cpp::images
