// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/images/image_store.hpp"

#include <algorithm>
#include <utility>

#include "store_state.hpp"

#include "docker_cpp/images/embedded_names.hpp"
#include "docker_cpp/images/reference.hpp"

namespace docker_cpp::images {
namespace {

constexpr std::size_t shortest_prefix = 1;

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

ImageStore::ImageStore(Options options)
    : state_(std::make_unique<State>(std::move(options))) {}

ImageStore::~ImageStore() = default;

std::vector<std::string> ImageStore::load(int archive_fd) {
  return state_->load({"load"}, archive_fd);
}

std::string ImageStore::create(const NewImage& image) {
  return state_->create(image);
}

WorkerTask ImageStore::save(const std::vector<std::string>& refs,
                            int output) const {
  return state_->save(refs, output);
}

const std::string& ImageStore::worker() const {
  return state_->worker();
}

std::optional<Image> ImageStore::find(std::string_view ref) {
  if (auto found = state_->find(ref)) {
    return found;
  }
  return state_->find_embedded(ref);
}

std::optional<Image> ImageStore::find_stored(std::string_view ref) const {
  return state_->find(ref);
}

std::vector<PulledImage> ImageStore::pull(const PullRequest& request) {
  return state_->pull(request);
}

std::vector<PushedImage> ImageStore::push(const PushRequest& request) {
  return state_->push(request);
}

std::string ImageStore::log_in(const RegistryRequest& request) {
  return state_->log_in(request);
}

Distribution ImageStore::distribution(const RegistryRequest& request) {
  return state_->distribution(request);
}

std::vector<FoundRepository> ImageStore::search(const RegistryRequest& request,
                                                int limit) {
  return state_->search(request, limit);
}

std::vector<Image> ImageStore::list() const {
  return state_->list();
}

void ImageStore::tag(std::string_view ref, std::string_view target) {
  state_->tag(ref, target);
}

RemoveResult ImageStore::remove(std::string_view ref, RemoveOptions options) {
  return state_->remove(ref, options);
}

std::optional<Image> ImageStore::find_held(const std::string& id) const {
  return state_->find_held(id);
}

void ImageStore::release_held(const UseOf& use) {
  state_->release_held(use);
}

std::vector<std::string> ImageStore::layer_directories(
    const Image& image) const {
  std::vector<std::string> directories;
  for (const std::string& chain_id : image.chain_ids) {
    directories.push_back(state_->directory(chain_id));
  }
  std::ranges::reverse(directories);
  return directories;
}

std::vector<BuildCacheEntry> ImageStore::build_cache() const {
  return state_->build_cache();
}

std::int64_t ImageStore::prune_build_cache(
    const std::vector<std::string>& keys) {
  return state_->prune_build_cache(keys);
}

std::string ImageStore::State::directory(const std::string& chain_id) const {
  return layers_.directory(chain_id);
}

std::int64_t ImageStore::State::layer_size(const std::string& chain_id) const {
  const auto layer = layers_.read(chain_id);
  return layer ? layer->size : 0;
}

CheckReport ImageStore::check(Repair repair) {
  return state_->check(repair);
}

std::vector<std::int64_t> ImageStore::layer_sizes(const Image& image) const {
  std::vector<std::int64_t> sizes;
  for (const std::string& chain_id : image.chain_ids) {
    sizes.push_back(state_->layer_size(chain_id));
  }
  return sizes;
}

std::vector<std::string> ImageStore::problems() const {
  return state_->problems();
}

ImageStore::State::EntryPtr ImageStore::State::look_up(const Content& content,
                                                       std::string_view ref) {
  const auto by_id = [&](const std::string& id) {
    const auto found = content.images.find(id);
    return found == content.images.end() ? nullptr : found->second;
  };
  std::string_view hex = ref;
  if (hex.starts_with("sha256:")) {
    hex.remove_prefix(7);
  }
  if (is_sha256_hex(hex)) {
    return by_id("sha256:" + std::string(hex));
  }
  if (const auto name = Reference::parse(ref)) {
    if (!name->digest().empty()) {
      for (const auto& [id, entry] : content.images) {
        const bool named =
            std::ranges::any_of(entry->record.names, [&](const auto& one) {
              return one.starts_with(name->repository() + ":");
            });
        const bool known =
            std::ranges::find(entry->record.digests,
                              name->repository() + "@" + name->digest()) !=
            entry->record.digests.end();
        if (known || (named && entry->record.manifest == name->digest())) {
          return entry;
        }
      }
      return nullptr;
    }
    const auto found = content.names.find(name->canonical());
    if (found != content.names.end()) {
      return by_id(found->second);
    }
  }
  if (hex.size() < shortest_prefix || !is_hex(hex)) {
    return nullptr;
  }
  const std::string prefix = "sha256:" + std::string(hex);
  const auto first = content.images.lower_bound(prefix);
  if (first == content.images.end() || !first->first.starts_with(prefix)) {
    return nullptr;
  }
  const auto next = std::next(first);
  const bool unique =
      next == content.images.end() || !next->first.starts_with(prefix);
  return unique ? first->second : nullptr;
}

ImageStore::State::EntryPtr ImageStore::State::look_up(
    std::string_view ref) const {
  const std::shared_lock lock(mutex_);
  return look_up(content_, ref);
}

std::optional<Image> ImageStore::State::find(std::string_view ref) const {
  const EntryPtr entry = look_up(ref);
  return entry ? std::optional(entry->image) : std::nullopt;
}

std::vector<Image> ImageStore::State::list() const {
  std::vector<EntryPtr> entries;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [id, entry] : content_.images) {
      entries.push_back(entry);
    }
  }
  std::ranges::stable_sort(entries, std::ranges::greater{},
                           [](const EntryPtr& e) { return e->image.created; });
  std::vector<Image> images;
  for (const EntryPtr& entry : entries) {
    images.push_back(entry->image);
  }
  return images;
}

std::optional<Image> ImageStore::State::find_embedded(std::string_view ref) {
  const auto name = Reference::parse(ref);
  if (!name || !name->digest().empty()) {
    return std::nullopt;
  }
  const std::string canonical = name->canonical();
  if (std::ranges::find(embedded_names, canonical) == embedded_names.end()) {
    return std::nullopt;
  }
  const std::lock_guard lock(embedded_);
  if (auto found = find(ref)) {  // somebody else was asking for it, too
    return found;
  }
  load({"load", "--embedded", canonical}, -1);
  return find(ref);
}

}  // namespace docker_cpp::images
