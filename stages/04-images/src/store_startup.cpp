// SPDX-License-Identifier: Apache-2.0
// Start-up and recovery from a crash are the same: read what is there, believe
// only what is whole, let index.json say what counts, delete the rest.
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "files.hpp"
#include "staging.hpp"
#include "store_state.hpp"

#include "docker_cpp/images/reference.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

constexpr std::size_t largest_record = std::size_t{1} << 20;

sys::UniqueFd open_root(const std::string& path) {
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    static_cast<void>(::mkdir(path.substr(0, slash).c_str(), 0755));
  }
  return open_folder(AT_FDCWD, path, 0710);
}

/// The name that an entry of the index gives its manifest; empty for none.
std::string name_in_index(const Descriptor& descriptor) {
  const auto found = descriptor.annotations.find(annotation::image_name);
  return found == descriptor.annotations.end() ? "" : found->second;
}

}  // namespace

ImageStore::State::State(Options options)
    : options_(std::move(options)),
      root_(open_root(options_.data_root)),
      layout_(root_.get()),
      layers_(root_.get(), options_.data_root),
      cache_(root_.get()) {
  Staging::clean(root_.get());
  read_everything();
}

void ImageStore::State::read_everything() {
  Content content;
  for (const std::string& name : list_folder(layout_.records())) {
    if (is_sha256_hex(name)) {
      read_record(name, content);
    } else {
      remove_tree(layout_.records(), name);  // half written
    }
  }
  apply_index(content);
  publish(std::move(content));
  collect_garbage();
}

void ImageStore::State::read_record(const std::string& name, Content& content) {
  const auto file =
      sys::read_file_at(layout_.records(), name.c_str(), largest_record);
  if (!file) {
    return set_aside(name, "its record cannot be read");
  }
  auto record = parse_image_record(*file);
  if (!record || record->id != "sha256:" + name) {
    return set_aside(name, record ? "its record is of another image"
                                  : "its record: " + record.error());
  }
  sequence_ = std::max(sequence_, record->sequence);
  try {
    Entry entry = complete(*std::move(record));
    const std::string id = entry.image.id;
    content.images[id] = std::make_shared<const Entry>(std::move(entry));
  } catch (const ImageError& error) {
    set_aside(name, error.what());
  }
}

/// Everything that a record relies on, read and verified again.
ImageStore::State::Entry ImageStore::State::complete(ImageRecord record) const {
  const std::string text = layout_.read_blob(*Digest::parse(record.manifest),
                                             largest_manifest, "manifest");
  const Manifest manifest = parse_manifest(text);
  Image image = parse_image_config(layout_.read_blob(
      manifest.config.digest, largest_config, "image configuration"));
  if (image.id != record.id) {
    throw ImageError(ImageError::Reason::invalid,
                     "its manifest is of another image");
  }
  for (const std::string& chain_id : image.chain_ids) {
    const auto layer = layers_.read(chain_id);
    if (!layer) {
      throw ImageError(ImageError::Reason::invalid,
                       "layer " + chain_id + ": " + layer.error());
    }
    image.layer_sizes.push_back(layer->size);
  }
  image.manifest_digest = record.manifest;
  image.repo_digests = familiar_digests(record.digests);
  image.size = record.size;
  image.last_tagged = record.last_tagged;
  return {.image = std::move(image), .record = std::move(record)};
}

void ImageStore::State::apply_index(Content& content) {
  Index index;
  try {
    index = layout_.read_index();
  } catch (const ImageError& error) {
    return rebuild_index(content, error.what());
  }
  std::map<std::string, std::string> id_of;  // by manifest
  for (const auto& [id, entry] : content.images) {
    id_of[entry->record.manifest] = id;
  }
  std::map<std::string, std::vector<std::string>> listed;
  for (const Descriptor& descriptor : index.manifests) {
    const auto id = id_of.find(descriptor.digest.text());
    if (id != id_of.end()) {
      const std::string name = name_in_index(descriptor);
      std::vector<std::string>& names = listed[id->second];
      if (const auto parsed = Reference::parse(name);
          parsed && parsed->canonical() == name) {
        names.push_back(name);
      }
    }
  }
  for (auto image = content.images.begin(); image != content.images.end();) {
    // Not listed: the crash came before the last step of its load, or after
    // the first of its removal.
    const std::string id = image->first;
    const bool counts = listed.contains(id);
    if (counts) {
      Entry entry = *image->second;
      entry.record.names.clear();
      entry.record.held = false;
      image->second = std::make_shared<const Entry>(std::move(entry));
    } else if (image->second->record.held) {
      content.held.insert(*image);
    } else {
      forget_record(id);
    }
    image = counts ? std::next(image) : content.images.erase(image);
  }
  for (const auto& [id, names] : listed) {
    const std::int64_t tagged = content.images.at(id)->record.last_tagged;
    give_names(content, id, names);
    Entry entry = *content.images.at(id);
    entry.record.last_tagged = entry.image.last_tagged = tagged;
    content.images[id] = std::make_shared<const Entry>(std::move(entry));
  }
}

/// The names that the records had last; the newest record of a name wins.
void ImageStore::State::names_from_records(Content& content) {
  std::vector<EntryPtr> oldest_first;
  for (const auto& [id, entry] : content.images) {
    if (entry->record.held) {
      content.held[id] = entry;
    } else {
      oldest_first.push_back(entry);
    }
  }
  std::erase_if(content.images,
                [](const auto& one) { return one.second->record.held; });
  std::ranges::sort(oldest_first, {},
                    [](const EntryPtr& e) { return e->record.sequence; });
  for (const EntryPtr& old : oldest_first) {
    Entry bare = *old;
    bare.record.names.clear();
    content.images[old->image.id] =
        std::make_shared<const Entry>(std::move(bare));
  }
  for (const EntryPtr& entry : oldest_first) {
    std::vector<std::string> names;
    for (const std::string& name : entry->record.names) {
      const auto parsed = Reference::parse(name);
      if (parsed && parsed->canonical() == name) {
        names.push_back(name);
      }
    }
    give_names(content, entry->image.id, names);
  }
}

void ImageStore::State::rebuild_index(Content& content,
                                      const std::string& why) {
  struct stat status{};
  const bool exists = ::fstatat(layout_.folder(), "index.json", &status,
                                AT_SYMLINK_NOFOLLOW) == 0;
  if (exists) {
    problems_.push_back("index.json was set aside as images/" +
                        layout_.set_aside(layout_.folder(), "index.json") +
                        " and made again from the image records: " + why);
  } else if (!content.images.empty()) {
    // A first load that crashed leaves the same: one record, no index. But so
    // does somebody's rm; keeping an image is the smaller mistake.
    problems_.push_back("index.json was made again from the image records: " +
                        why);
  }
  names_from_records(content);
  write_index(content);
}

void ImageStore::State::set_aside(const std::string& name,
                                  const std::string& why) {
  const std::string aside = layout_.set_aside(layout_.records(), name);
  problems_.push_back("image sha256:" + name + " was set aside as images/" +
                      aside + ": " + why);
}

}  // namespace docker_cpp::images
