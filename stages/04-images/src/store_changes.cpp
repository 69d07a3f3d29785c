// SPDX-License-Identifier: Apache-2.0
// Names given and taken, images removed. Each change writes the records it
// needs, then index.json, which makes it count, then publishes it to readers.
#include <algorithm>
#include <chrono>
#include <utility>

#include "files.hpp"
#include "store_state.hpp"

#include "docker_cpp/images/reference.hpp"

namespace docker_cpp::images {
namespace {

using Reason = ImageError::Reason;

std::int64_t now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string familiar(const std::string& canonical) {
  const auto name = Reference::parse(canonical);
  return name ? name->familiar() : canonical;
}

[[noreturn]] void no_such_image(std::string_view ref) {
  const auto name = Reference::parse(ref);
  throw ImageError(
      Reason::not_found,
      "No such image: " + (name ? name->familiar() : std::string(ref)));
}

/// The name as `docker rmi` understands it, or nothing when `ref` is an id.
std::optional<std::string> as_name(
    const std::map<std::string, std::string>& names, std::string_view ref) {
  const auto name = Reference::parse(ref);
  if (name && names.contains(name->canonical())) {
    return name->canonical();
  }
  return std::nullopt;
}

bool is_repository_of(const std::string& repository, const std::string& name) {
  return name.starts_with(repository) && name.size() > repository.size() &&
         (name[repository.size()] == ':' || name[repository.size()] == '@') &&
         name.find('/', repository.size()) == std::string::npos;
}

}  // namespace

/// Whether `ref` is one of the digests by which a registry knows the image.
bool ImageStore::State::as_digest(const Entry& entry, std::string_view ref) {
  const auto name = Reference::parse(ref);
  return name && !name->digest().empty() &&
         std::ranges::find(entry.record.digests,
                           name->repository() + "@" + name->digest()) !=
             entry.record.digests.end();
}

/// A digest belongs to its repository: it goes with that one's last tag, or
/// when it is named itself, as Docker has it. An id (nothing asked by name)
/// takes all of them.
void ImageStore::State::take_digests(Content& content, const std::string& id,
                                     const std::optional<Reference>& asked,
                                     RemoveResult& result) {
  Entry entry = *content.images.at(id);
  const auto goes = [&](const std::string& digest) {
    if (!asked) {
      return true;
    }
    const std::string repository = asked->repository();
    if (!asked->digest().empty()) {
      return digest == repository + "@" + asked->digest();
    }
    return is_repository_of(repository, digest) &&
           std::ranges::none_of(entry.record.names, [&](const auto& one) {
             return is_repository_of(repository, one);
           });
  };
  std::vector<std::string> left;
  for (const std::string& digest : entry.record.digests) {
    if (goes(digest)) {
      result.untagged.push_back(familiar(digest));
    } else {
      left.push_back(digest);
    }
  }
  if (left.empty()) {
    entry.record.kept.clear();  // no name leads to that index any more
  }
  entry.record.digests = std::move(left);
  entry.image.repo_digests = familiar_digests(entry.record.digests);
  content.images[id] = std::make_shared<const Entry>(std::move(entry));
}

ImageStore::State::Content ImageStore::State::copy() const {
  const std::shared_lock lock(mutex_);
  return content_;
}

void ImageStore::State::publish(Content content) {
  const std::unique_lock lock(mutex_);
  std::swap(content_, content);
}

void ImageStore::State::take_name(Content& content, const std::string& name) {
  const auto found = content.names.find(name);
  if (found == content.names.end()) {
    return;
  }
  Entry entry = *content.images.at(found->second);
  std::erase(entry.record.names, name);
  std::erase(entry.image.repo_tags, familiar(name));
  content.images[found->second] =
      std::make_shared<const Entry>(std::move(entry));
  content.names.erase(found);
}

void ImageStore::State::give_names(Content& content, const std::string& id,
                                   const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    take_name(content, name);
    content.names[name] = id;
  }
  Entry entry = *content.images.at(id);
  for (const std::string& name : names) {
    entry.record.names.push_back(name);
    entry.image.repo_tags.push_back(familiar(name));
    entry.record.last_tagged = entry.image.last_tagged = now();
  }
  std::ranges::sort(entry.record.names);
  std::ranges::sort(entry.image.repo_tags);
  content.images[id] = std::make_shared<const Entry>(std::move(entry));
}

void ImageStore::State::write_record(const Content& content,
                                     const std::string& id) {
  write_record(content.images.at(id)->record);
}

void ImageStore::State::write_record(ImageRecord record) {
  record.sequence = ++sequence_;
  replace_file(layout_.records(), record.id.substr(7), print(record),
               "image.record");
}

void ImageStore::State::write_index(const Content& content) {
  Index index;
  for (const auto& [id, entry] : content.images) {
    const ImageRecord& record = entry->record;
    Descriptor descriptor{
        .media_type = record.manifest_type,
        .digest = *Digest::parse(record.manifest),
        .size = record.manifest_size,
        .annotations = {},
        .platform = Platform{.architecture = entry->image.architecture,
                             .os = entry->image.os,
                             .variant = entry->image.variant}};
    for (const std::string& name : record.names) {
      descriptor.annotations = {{annotation::ref_name, name},
                                {annotation::image_name, name}};
      index.manifests.push_back(descriptor);
    }
    if (record.names.empty()) {
      index.manifests.push_back(std::move(descriptor));
    }
  }
  layout_.write_index(index);
}

void ImageStore::State::forget_record(const std::string& id) {
  remove_tree(layout_.records(), id.substr(7));
}

void ImageStore::State::tag(std::string_view ref, std::string_view target) {
  const auto name = Reference::parse(target);
  if (!name) {
    throw ImageError(Reason::invalid, name.error());
  }
  if (!name->digest().empty()) {
    throw ImageError(Reason::invalid,
                     "refusing to create a tag with a digest reference");
  }
  const std::lock_guard lock(writer_);
  Content content = copy();
  const EntryPtr entry = look_up(content, ref);
  if (!entry) {
    no_such_image(ref);
  }
  const auto holder = content.names.find(name->canonical());
  if (holder != content.names.end() && holder->second == entry->image.id) {
    return;  // has it already, durably
  }
  give_names(content, entry->image.id, {name->canonical()});
  write_record(content, entry->image.id);
  write_index(content);
  publish(std::move(content));
}

RemoveResult ImageStore::State::remove(std::string_view ref,
                                       RemoveOptions options) {
  const std::lock_guard lock(writer_);
  Content content = copy();
  const EntryPtr entry = look_up(content, ref);
  if (!entry) {
    no_such_image(ref);
  }
  const std::string id = entry->image.id;
  std::vector<std::string> names = entry->record.names;
  std::optional<Reference> asked;
  if (const auto name = as_name(content.names, ref)) {
    names = {*name};
    asked = *Reference::parse(ref);
  } else if (as_digest(*entry, ref)) {
    names.clear();
    asked = *Reference::parse(ref);
  } else if (names.size() > 1 && !options.force) {
    throw ImageError(Reason::conflict,
                     "conflict: unable to delete " + id.substr(7, 12) +
                         " (must be forced) - image is referenced in multiple "
                         "repositories");
  }
  RemoveResult result;
  for (const std::string& name : names) {
    take_name(content, name);
    result.untagged.push_back(familiar(name));
  }
  take_digests(content, id, asked, result);
  const bool last = content.images.at(id)->record.names.empty() &&
                    content.images.at(id)->record.digests.empty();
  const bool goes = last && (options.prune || entry->record.names.empty());
  if (!goes || !remove_image(content, id, options.use, result)) {
    write_record(content, id);
    write_index(content);
    publish(std::move(content));
  }
  return result;
}

}  // namespace docker_cpp::images
