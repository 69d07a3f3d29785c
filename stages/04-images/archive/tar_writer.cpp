// SPDX-License-Identifier: Apache-2.0
#include "tar_writer.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <new>

#include <archive.h>
#include <archive_entry.h>

#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

constexpr std::size_t block_size = std::size_t{256} << 10;
/// Holes of less are written as zeros: every reader knows those.
constexpr std::int64_t least_hole = std::int64_t{1} << 20;

la_ssize_t write_sink(archive* writer, void* data, const void* bytes,
                      std::size_t size) {
  try {
    static_cast<ByteSink*>(data)->put({static_cast<const char*>(bytes), size});
    return static_cast<la_ssize_t>(size);
  } catch (const Error& error) {
    archive_set_error(writer, error.code().value(), "%s", error.what());
  } catch (const std::exception& error) {
    archive_set_error(writer, EIO, "%s", error.what());
  }
  return ARCHIVE_FATAL;
}

void demand(int returned, archive* writer) {
  if (returned >= ARCHIVE_WARN) {
    return;
  }
  const char* why = archive_error_string(writer);
  throw ImageError(ImageError::Reason::failed,
                   std::string("write the archive: ") +
                       (why == nullptr ? "it cannot be written" : why));
}

struct FreeEntry {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};
using EntryHandle = std::unique_ptr<archive_entry, FreeEntry>;

EntryHandle header_of(const TarEntry& from) {
  EntryHandle entry(archive_entry_new());
  if (!entry) {
    throw std::bad_alloc();
  }
  archive_entry* const to = entry.get();
  archive_entry_set_pathname(to, from.name.c_str());
  archive_entry_set_filetype(to, from.type);
  archive_entry_set_perm(to, from.permissions);
  archive_entry_set_uid(to, from.uid);
  archive_entry_set_gid(to, from.gid);
  archive_entry_set_mtime(to, from.modified.tv_sec, from.modified.tv_nsec);
  if (from.hard_link) {
    archive_entry_set_hardlink(to, from.link.c_str());
  } else if (S_ISLNK(from.type)) {
    archive_entry_set_symlink(to, from.link.c_str());
  }
  if (S_ISCHR(from.type) || S_ISBLK(from.type)) {
    archive_entry_set_rdev(to, from.device);
  }
  const bool has_content = S_ISREG(from.type) && !from.hard_link;
  archive_entry_set_size(to, has_content ? from.size : 0);
  for (const auto& [name, value] : from.attributes) {
    archive_entry_xattr_add_entry(to, name.c_str(), value.data(), value.size());
  }
  return entry;
}

/// Tells of the data between the holes, when these are worth it.
void add_holes(archive_entry* entry, int file, std::int64_t size) {
  std::vector<std::pair<std::int64_t, std::int64_t>> parts;
  std::int64_t largest = 0;
  std::int64_t at = 0;
  while (at < size) {
    const off_t data = ::lseek(file, at, SEEK_DATA);
    const std::int64_t begin = data == -1 ? size : std::min<off_t>(data, size);
    largest = std::max(largest, begin - at);
    if (begin == size) {
      break;
    }
    const off_t hole = ::lseek(file, begin, SEEK_HOLE);
    at = hole == -1 ? size : std::min<off_t>(hole, size);
    parts.emplace_back(begin, at - begin);
  }
  if (largest < least_hole) {
    return;
  }
  for (const auto& [begin, length] : parts) {
    archive_entry_sparse_add_entry(entry, begin, length);
  }
  if (parts.empty() || parts.back().first + parts.back().second != size) {
    archive_entry_sparse_add_entry(entry, size, 0);
  }
}

}  // namespace

void FileSink::put(std::string_view piece) {
  must(sys::write_all(fd_, piece), "write the archive");
}

void HashingSink::put(std::string_view piece) {
  hasher_.update(piece);
  file_.put(piece);
  size_ += piece.size();
}

void TarWriter::CloseWriter::operator()(archive* writer) const {
  archive_write_free(writer);
}

TarWriter::TarWriter(ByteSink& sink)
    : writer_(archive_write_new()), block_(block_size) {
  archive* const writer = writer_.get();
  if (writer == nullptr) {
    throw std::bad_alloc();
  }
  demand(archive_write_set_format_pax_restricted(writer), writer);
  // SCHILY.xattr is what Docker, GNU tar and star read.
  demand(
      archive_write_set_format_option(writer, "pax", "xattrheader", "SCHILY"),
      writer);
  demand(archive_write_set_bytes_per_block(writer, block_size), writer);
  demand(archive_write_set_bytes_in_last_block(writer, 1), writer);
  demand(archive_write_open(writer, &sink, nullptr, write_sink, nullptr),
         writer);
}

void TarWriter::begin(const TarEntry& entry, int file) {
  const EntryHandle header = header_of(entry);
  if (file != -1) {
    add_holes(header.get(), file, entry.size);
  }
  demand(archive_write_header(writer_.get(), header.get()), writer_.get());
}

void TarWriter::put(const void* bytes, std::size_t size) {
  const la_ssize_t put = archive_write_data(writer_.get(), bytes, size);
  demand(put < 0 ? ARCHIVE_FATAL : ARCHIVE_OK, writer_.get());
}

void TarWriter::add(const TarEntry& entry) {
  begin(entry, -1);
  demand(archive_write_finish_entry(writer_.get()), writer_.get());
}

void TarWriter::add_text(const TarEntry& entry, std::string_view content) {
  TarEntry sized = entry;
  sized.size = static_cast<std::int64_t>(content.size());
  begin(sized, -1);
  if (!content.empty()) {
    put(content.data(), content.size());
  }
  demand(archive_write_finish_entry(writer_.get()), writer_.get());
}

void TarWriter::add_file(const TarEntry& entry, int file) {
  begin(entry, file);
  copy_content(file, entry.size);
  demand(archive_write_finish_entry(writer_.get()), writer_.get());
}

void TarWriter::copy_content(int file, std::int64_t size) {
  std::int64_t at = 0;
  while (at < size) {
    const off_t data = ::lseek(file, at, SEEK_DATA);
    const bool none = data == -1 && errno == ENXIO;
    const off_t begin = none ? size : (data == -1 ? at : data);
    put_hole(std::min<off_t>(begin, size) - at);
    at = std::min<off_t>(begin, size);
    const off_t hole = at < size ? ::lseek(file, at, SEEK_HOLE) : -1;
    const std::int64_t end = hole == -1 ? size : std::min<off_t>(hole, size);
    copy_range(file, at, end);
    at = end;
  }
}

void TarWriter::copy_range(int file, std::int64_t at, std::int64_t end) {
  while (at < end) {
    const auto want =
        std::min(block_.size(), static_cast<std::size_t>(end - at));
    const ssize_t got = ::pread(file, block_.data(), want, at);
    if (got == -1 && errno == EINTR) {
      continue;
    }
    must(sys::check_void(got, "pread"), "read a file");
    if (got == 0) {  // shorter than it was
      return put_hole(end - at);
    }
    put(block_.data(), static_cast<std::size_t>(got));
    at += got;
  }
}

void TarWriter::put_hole(std::int64_t length) {
  static const std::vector<char> zeros(block_size);
  while (length > 0) {
    const auto piece = std::min<std::int64_t>(length, block_size);
    put(zeros.data(), static_cast<std::size_t>(piece));
    length -= piece;
  }
}

void TarWriter::finish() {
  demand(archive_write_close(writer_.get()), writer_.get());
}

}  // namespace docker_cpp::images
