// SPDX-License-Identifier: Apache-2.0
#include "staged_archive.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <utility>

#include "layer_apply.hpp"
#include "tar_reader.hpp"

#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

constexpr std::size_t most_files = 100'000;
constexpr int most_links = 8;
constexpr std::string_view archive_name = "the archive";

std::string table_name(std::string_view name) {
  const EntryPath path = clean_entry_name(name);
  return path.parent.empty() ? path.leaf : path.parent + "/" + path.leaf;
}

/// Where a symbolic link of the archive leads, as a name of the archive.
/// Docker wrote them for a layer that several images share.
std::string link_target(const std::string& name, const TarEntry& entry) {
  if (entry.hard_link || entry.link.starts_with('/')) {
    return table_name(entry.link);
  }
  return table_name(clean_entry_name(name).parent + "/" + entry.link);
}

}  // namespace

StagedArchive::StagedArchive(ByteSource& source, int staging)
    : staging_(staging) {
  Decompressed plain(source, archive_name);
  TarReader tar(plain, archive_name);
  TarEntry entry;
  std::size_t count = 0;
  while (tar.next(entry)) {
    if (++count > most_files) {
      throw ImageError(ImageError::Reason::invalid,
                       "the archive has more than 100000 entries");
    }
    const std::string name = table_name(entry.name);
    if (entry.hard_link || S_ISLNK(entry.type)) {
      links_[name] = link_target(name, entry);
    } else if (S_ISREG(entry.type)) {
      stage(tar, name);
    }
  }
  if (count == 0) {
    throw ImageError(ImageError::Reason::invalid, "the archive is empty");
  }
}

sys::UniqueFd StagedArchive::create(const std::string& name) const {
  return must(sys::open_at(staging_, name.c_str(),
                           O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600),
              "stage a file of the archive");
}

const StagedArchive::File& StagedArchive::remember(File file) {
  files_.push_back(std::make_unique<const File>(std::move(file)));
  const File& kept = *files_.back();
  by_digest_.emplace(kept.digest, &kept);
  return kept;
}

void StagedArchive::stage(TarReader& tar, const std::string& name) {
  const std::string own = "b" + std::to_string(files_.size());
  const sys::UniqueFd file = create(own);
  Hasher hasher;
  std::uint64_t size = 0;
  tar.each_block([&](std::string_view bytes, std::int64_t offset) {
    // Blobs have no holes; an archive that gives them some must spell them
    // out, since the digest covers them.
    if (static_cast<std::uint64_t>(offset) != size) {
      throw ImageError(ImageError::Reason::invalid,
                       "'" + name + "' in the archive is a sparse file");
    }
    hasher.update(bytes);
    must(sys::write_all(file.get(), bytes), "stage '" + name + "'");
    size += bytes.size();
  });
  by_name_[name] =
      &remember({.name = own, .digest = hasher.finish(), .size = size});
  links_.erase(name);
}

const StagedArchive::File* StagedArchive::find(std::string_view name) const {
  std::string wanted(name);
  for (int hops = 0; hops <= most_links; ++hops) {
    if (const auto found = by_name_.find(wanted); found != by_name_.end()) {
      return found->second;
    }
    const auto link = links_.find(wanted);
    if (link == links_.end()) {
      return nullptr;
    }
    wanted = link->second;
  }
  return nullptr;
}

const StagedArchive::File* StagedArchive::find(const Digest& digest) const {
  const auto found = by_digest_.find(digest);
  return found == by_digest_.end() ? nullptr : found->second;
}

sys::UniqueFd StagedArchive::open(const File& file) const {
  return must(sys::open_at(staging_, file.name.c_str(), O_RDONLY | O_NOFOLLOW),
              "open a staged file");
}

std::string StagedArchive::read(const File& file, std::size_t limit,
                                std::string_view what) const {
  if (file.size > limit) {
    throw ImageError(ImageError::Reason::invalid,
                     std::string(what) + " is larger than " +
                         std::to_string(limit) + " bytes");
  }
  const sys::UniqueFd fd = open(file);
  return must(sys::read_all(fd.get(), limit), "read " + std::string(what));
}

const StagedArchive::File& StagedArchive::add(std::string_view content) {
  const std::string own = "b" + std::to_string(files_.size());
  const sys::UniqueFd file = create(own);
  must(sys::write_all(file.get(), content), "stage a document");
  return remember(
      {.name = own, .digest = Digest::of(content), .size = content.size()});
}

}  // namespace docker_cpp::images
