// SPDX-License-Identifier: Apache-2.0
#include "byte_source.hpp"

#include <unistd.h>

#include <cerrno>
#include <exception>
#include <string>
#include <utility>

#include <archive.h>

#include "decompressors.hpp"

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

/// zstd:chunked and others begin with one of these. RFC 8878, 3.1.2
bool is_skippable_frame(std::string_view first) {
  return first.size() >= 4 && (first[0] & 0xf0) == 0x50 &&
         first.substr(1, 3) == "\x2a\x4d\x18";
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

Decompressed::Decompressed(ByteSource& source, std::string_view what,
                           ExpansionLimit limit)
    : peeked_(std::make_unique<PeekedSource>(source)),
      what_(what),
      limit_(limit) {
  constexpr std::string_view gzip = "\x1f\x8b";
  constexpr std::string_view zstd = "\x28\xb5\x2f\xfd";
  constexpr std::string_view xz =
      "\xfd"
      "7zXZ";
  constexpr std::string_view bzip2 = "BZh";
  const std::string_view first = peeked_->peek(xz.size());
  if (first.starts_with(gzip)) {
    plain_ = std::make_unique<GzipSource>(*peeked_, what);
  } else if (first.starts_with(zstd) || is_skippable_frame(first)) {
    plain_ = std::make_unique<ZstdSource>(*peeked_, what);
  } else if (first.starts_with(xz) || first.starts_with(bzip2)) {
    plain_ = std::make_unique<FilteredSource>(*peeked_, what);
  } else {
    plain_ = std::move(peeked_);
  }
}

Decompressed::~Decompressed() = default;

std::string_view Decompressed::next() {
  const std::string_view piece = plain_->next();
  bytes_ += piece.size();
  if (peeked_ && bytes_ > limit_.beyond &&
      bytes_ / limit_.times > peeked_->given()) {
    throw ImageError(ImageError::Reason::invalid,
                     std::string(what_) + " unpacks to more than " +
                         std::to_string(limit_.times) +
                         " times its size: it is refused as a bomb");
  }
  hasher_.update(piece);
  return piece;
}

Digest Decompressed::finish() {
  while (!next().empty()) {
  }
  return hasher_.finish();
}

}  // namespace docker_cpp::images
