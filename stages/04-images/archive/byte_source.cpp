// SPDX-License-Identifier: Apache-2.0
#include "byte_source.hpp"

#include <unistd.h>

#include <cerrno>
#include <exception>
#include <string>
#include <utility>

#include <archive.h>
#include <archive_entry.h>

#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::images {
namespace {

constexpr std::size_t block_size = std::size_t{256} << 10;

/// libarchive is C: an exception may not cross it, so it becomes a message.
la_ssize_t read_source(archive* reader, void* data, const void** block) {
  try {
    const std::string_view piece = static_cast<ByteSource*>(data)->next();
    *block = piece.data();
    return static_cast<la_ssize_t>(piece.size());
  } catch (const std::exception& error) {
    archive_set_error(reader, EIO, "%s", error.what());
    return ARCHIVE_FATAL;
  }
}

void demand(int returned, archive* reader, std::string_view what) {
  if (returned < ARCHIVE_WARN) {
    archive_failure(reader, what);
  }
}

}  // namespace

void CloseArchive::operator()(archive* reader) const {
  archive_read_free(reader);
}

void archive_failure(archive* reader, std::string_view what) {
  const char* why = archive_error_string(reader);
  throw ImageError(ImageError::Reason::invalid,
                   std::string(what) + " is damaged: " +
                       (why == nullptr ? "it cannot be read" : why));
}

void open_source(archive* reader, ByteSource& source, std::string_view what) {
  demand(archive_read_open(reader, &source, nullptr, read_source, nullptr),
         reader, what);
}

FileSource::FileSource(int fd) : fd_(fd), block_(block_size) {}

std::string_view FileSource::next() {
  ssize_t got = -1;
  do {
    got = ::read(fd_, block_.data(), block_.size());
  } while (got == -1 && errno == EINTR);
  must(sys::check_void(got, "read"), "read the archive");
  return {block_.data(), static_cast<std::size_t>(got)};
}

std::string_view TextSource::next() {
  return std::exchange(text_, {});
}

Decompressed::Decompressed(ByteSource& source, std::string_view what)
    : source_(source), what_(what), reader_(archive_read_new()) {
  archive* const reader = reader_.get();
  if (reader == nullptr) {
    throw std::bad_alloc();
  }
  // In process only: "all" would let libarchive run programs.
  demand(archive_read_support_filter_gzip(reader), reader, what);
  demand(archive_read_support_filter_zstd(reader), reader, what);
  demand(archive_read_support_filter_xz(reader), reader, what);
  demand(archive_read_support_filter_bzip2(reader), reader, what);
  demand(archive_read_support_format_raw(reader), reader, what);
  demand(archive_read_support_format_empty(reader), reader, what);
  open_source(reader, source_, what_);
  archive_entry* entry = nullptr;
  const int got = archive_read_next_header(reader, &entry);
  empty_ = got == ARCHIVE_EOF;
  if (!empty_) {
    demand(got, reader, what);
  }
}

std::string_view Decompressed::next() {
  if (empty_) {
    return {};
  }
  const void* block = nullptr;
  std::size_t size = 0;
  la_int64_t offset = 0;
  do {
    const int got =
        archive_read_data_block(reader_.get(), &block, &size, &offset);
    if (got == ARCHIVE_EOF) {
      empty_ = true;
      return {};
    }
    demand(got, reader_.get(), what_);
  } while (size == 0);
  const std::string_view piece(static_cast<const char*>(block), size);
  hasher_.update(piece);
  return piece;
}

Digest Decompressed::finish() {
  while (!next().empty()) {
  }
  return hasher_.finish();
}

}  // namespace docker_cpp::images
