// SPDX-License-Identifier: Apache-2.0
// An image goes, and with it what nothing else needs.
#include <exception>
#include <utility>

#include "files.hpp"
#include "staging.hpp"
#include "store_state.hpp"

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"

namespace docker_cpp::images {

/// False when it stays, without names: running containers use it.
///
/// First nobody can find it any more, then it is asked who has: who takes an
/// image into use shows that, and then looks whether it is still there.
bool ImageStore::State::remove_image(Content& content, const std::string& id,
                                     const UseOf& use, RemoveResult& result) {
  Content gone = content;
  const EntryPtr entry = gone.images.at(id);
  gone.images.erase(id);
  const Content before = copy();
  publish(gone);
  try {
    const ImageUse found = use ? use(id) : ImageUse::none;
    if (found == ImageUse::running) {
      publish(before);
      return false;
    }
    if (found == ImageUse::stopped) {
      hold(gone, entry);
    }
    write_index(gone);
    publish(gone);
    result.deleted.push_back(id);
    if (found == ImageUse::stopped) {
      return true;
    }
  } catch (...) {
    publish(before);
    throw;
  }
  DOCKER_CPP_FAILPOINT("image.remove.record");
  forget_record(id);
  DOCKER_CPP_FAILPOINT("image.remove.collect");
  const std::vector<std::string> layers = collect_garbage();
  result.deleted.insert(result.deleted.end(), layers.begin(), layers.end());
  return true;
}

void ImageStore::State::hold(Content& content, const EntryPtr& entry) {
  Entry held = *entry;
  held.record.held = true;
  held.record.names.clear();
  held.record.digests.clear();
  held.record.kept.clear();
  held.image.repo_tags.clear();
  held.image.repo_digests.clear();
  write_record(held.record);
  content.held[entry->image.id] =
      std::make_shared<const Entry>(std::move(held));
}

std::optional<Image> ImageStore::State::find_held(const std::string& id) const {
  const std::shared_lock lock(mutex_);
  for (const auto* images : {&content_.images, &content_.held}) {
    if (const auto found = images->find(id); found != images->end()) {
      return found->second->image;
    }
  }
  return std::nullopt;
}

void ImageStore::State::release_held(const UseOf& use) {
  {
    const std::shared_lock lock(mutex_);
    if (content_.held.empty()) {
      return;
    }
  }
  const std::lock_guard lock(writer_);
  Content content = copy();
  for (const auto& [id, entry] : copy().held) {
    if (use(id) == ImageUse::none) {
      content.held.erase(id);
      forget_record(id);
    }
  }
  publish(std::move(content));
  collect_garbage();
}

std::vector<std::string> ImageStore::State::collect_garbage() {
  // An image that was set aside may be repaired, and containers may stand on
  // its layers.
  garbage_waits_ = loads_ != 0;
  if (garbage_waits_ || layout_.has_damaged_records()) {
    return {};
  }
  std::set<std::string> layers;
  std::set<std::string> blobs;
  for (const auto* images : {&content_.images, &content_.held}) {
    for (const auto& [id, entry] : *images) {
      layers.insert(entry->image.chain_ids.begin(),
                    entry->image.chain_ids.end());
      blobs.merge(blobs_of(*entry));
      blobs.insert(entry->record.manifest);
      blobs.insert(entry->record.kept.begin(), entry->record.kept.end());
    }
  }
  hold_for_builds(layers, blobs);
  std::vector<std::string> gone;
  const Staging trash(root_.get());
  for (const std::string& chain_id : layers_.list()) {
    if (!layers.contains(chain_id)) {
      layers_.take_out(chain_id, trash.get(), chain_id.substr(7));
      gone.push_back(chain_id);
    }
  }
  for (const Digest& digest : layout_.blobs()) {
    if (!blobs.contains(digest.text())) {
      layout_.remove_blob(digest);
    }
  }
  return gone;
}

}  // namespace docker_cpp::images
