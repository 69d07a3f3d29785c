// SPDX-License-Identifier: Apache-2.0
#include "tar_reader.hpp"

#include <unistd.h>

#include <limits>
#include <new>

#include <archive.h>
#include <archive_entry.h>

#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::images {
namespace {

std::string text_of(const char* text) {
  return text == nullptr ? "" : text;
}

template <typename Id>
Id id_of(std::int64_t number, const std::string& name) {
  // The greatest one means "no id" to chown(2).
  if (number < 0 || number >= std::numeric_limits<Id>::max()) {
    throw ImageError(ImageError::Reason::invalid,
                     "entry '" + name + "': owner " + std::to_string(number) +
                         " is out of range");
  }
  return static_cast<Id>(number);
}

std::vector<std::pair<std::string, std::string>> attributes_of(
    archive_entry* entry) {
  std::vector<std::pair<std::string, std::string>> all;
  archive_entry_xattr_reset(entry);
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  while (archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK) {
    if (name != nullptr) {
      all.emplace_back(name,
                       std::string(static_cast<const char*>(value), size));
    }
  }
  return all;
}

void write_at(int file, std::string_view bytes, std::int64_t offset,
              const std::string& name) {
  while (!bytes.empty()) {
    const ssize_t put = ::pwrite(file, bytes.data(), bytes.size(), offset);
    if (put == -1 && errno == EINTR) {
      continue;
    }
    must(sys::check_void(put, "pwrite"), "write " + name);
    bytes.remove_prefix(static_cast<std::size_t>(put));
    offset += put;
  }
}

}  // namespace

TarReader::TarReader(ByteSource& source, std::string_view what)
    : what_(what), reader_(archive_read_new()) {
  if (!reader_) {
    throw std::bad_alloc();
  }
  archive_read_support_format_tar(reader_.get());
  archive_read_support_format_empty(reader_.get());
  open_source(reader_.get(), source, what_);
}

bool TarReader::next(TarEntry& to) {
  archive_entry* entry = nullptr;
  const int got = archive_read_next_header(reader_.get(), &entry);
  if (got == ARCHIVE_EOF) {
    return false;
  }
  if (got < ARCHIVE_WARN) {
    archive_failure(reader_.get(), what_);
  }
  ++count_;
  const char* name = archive_entry_pathname(entry);
  if (name == nullptr) {
    throw ImageError(ImageError::Reason::invalid,
                     std::string(what_) + ": the name of entry " +
                         std::to_string(count_) + " cannot be read");
  }
  const char* hard_link = archive_entry_hardlink(entry);
  to = {.name = name,
        .link = text_of(hard_link != nullptr ? hard_link
                                             : archive_entry_symlink(entry)),
        .hard_link = hard_link != nullptr,
        .type = archive_entry_filetype(entry),
        .permissions = archive_entry_perm(entry),
        .uid = id_of<uid_t>(archive_entry_uid(entry), name),
        .gid = id_of<gid_t>(archive_entry_gid(entry), name),
        .size = archive_entry_size(entry),
        .modified = {.tv_sec = archive_entry_mtime(entry),
                     .tv_nsec = archive_entry_mtime_nsec(entry)},
        .device = archive_entry_rdev(entry),
        .attributes = attributes_of(entry)};
  return true;
}

bool TarReader::next_block(Block& block) {
  const void* data = nullptr;
  std::size_t size = 0;
  la_int64_t offset = 0;
  const int got = archive_read_data_block(reader_.get(), &data, &size, &offset);
  if (got == ARCHIVE_EOF) {
    return false;
  }
  if (got < ARCHIVE_WARN) {
    archive_failure(reader_.get(), what_);
  }
  block = {.bytes = {static_cast<const char*>(data), size}, .offset = offset};
  return true;
}

void TarReader::write_data(int file, const std::string& name) {
  each_block([&](std::string_view bytes, std::int64_t offset) {
    write_at(file, bytes, offset, name);
  });
}

}  // namespace docker_cpp::images
