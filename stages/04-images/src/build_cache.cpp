// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/images/build_cache.hpp"

#include <fcntl.h>

#include <chrono>
#include <utility>

#include "files.hpp"
#include "json_reader.hpp"
#include "record_file.hpp"

#include "docker_cpp/images/digest.hpp"
#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::images {
namespace {

constexpr std::string_view kind = "build";
constexpr std::size_t largest_record = 64 << 10;

std::int64_t now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string print(const BuildCacheEntry& entry) {
  const Json json = {{"key", entry.key},
                     {"chainId", entry.chain_id},
                     {"description", entry.description},
                     {"created", entry.created},
                     {"lastUsed", entry.last_used},
                     {"uses", entry.uses},
                     {"size", entry.size}};
  return frame_record(
      kind, json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::optional<BuildCacheEntry> parse(std::string_view file) {
  const auto text = unframe_record(kind, file);
  if (!text) {
    return std::nullopt;
  }
  try {
    const Json json = parse_json(*text, "build record", largest_record);
    const JsonObject root(json, "build record");
    return BuildCacheEntry{.key = root.text("key"),
                           .chain_id = root.text("chainId"),
                           .description = root.text("description"),
                           .created = root.integer("created"),
                           .last_used = root.integer("lastUsed"),
                           .uses = root.integer("uses"),
                           .size = root.integer("size")};
  } catch (const ImageError&) {
    return std::nullopt;
  }
}

}  // namespace

BuildCache::BuildCache(int data_root) {
  const sys::UniqueFd build = open_folder(data_root, "build", 0710);
  folder_ = open_folder(build.get(), "cache");
  for (const std::string& name : list_folder(folder_.get())) {
    read(name);
  }
}

/// An entry that cannot be read is a step that is done once more.
void BuildCache::read(const std::string& name) {
  const auto file =
      sys::read_file_at(folder_.get(), name.c_str(), largest_record);
  const auto entry = file ? parse(*file) : std::nullopt;
  const bool proper =
      entry && is_sha256_hex(name) && entry->key == name &&
      (entry->chain_id.empty() || Digest::parse(entry->chain_id).has_value());
  if (!proper) {
    remove_tree(folder_.get(), name);
    return;
  }
  entries_[name] = *entry;
}

std::optional<BuildCacheEntry> BuildCache::find(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  return found == entries_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<BuildCacheEntry> BuildCache::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<BuildCacheEntry> all;
  for (const auto& [key, entry] : entries_) {
    all.push_back(entry);
  }
  return all;
}

void BuildCache::add(BuildCacheEntry entry) {
  entry.last_used = now();
  entry.created = entry.created == 0 ? entry.last_used : entry.created;
  const std::lock_guard lock(mutex_);
  write(entry);
  entries_[entry.key] = std::move(entry);
}

void BuildCache::write(const BuildCacheEntry& entry) const {
  replace_file(folder_.get(), entry.key, print(entry), "image.build");
}

void BuildCache::touch(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  if (found != entries_.end()) {
    found->second.last_used = now();
    ++found->second.uses;
  }
}

void BuildCache::remove(const std::string& key) {
  const std::lock_guard lock(mutex_);
  if (entries_.erase(key) != 0) {
    remove_tree(folder_.get(), key);
  }
}

}  // namespace docker_cpp::images
