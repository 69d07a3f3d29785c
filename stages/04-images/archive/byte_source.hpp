// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "docker_cpp/images/digest.hpp"

struct archive;

namespace docker_cpp::images {

/// Frees libarchive's reader.
struct CloseArchive {
  void operator()(archive* reader) const;
};
using ArchiveHandle = std::unique_ptr<archive, CloseArchive>;

/// \throws ImageError "<what> is damaged: <libarchive's words>"
[[noreturn]] void archive_failure(archive* reader, std::string_view what);

/// Bytes that come piece by piece; an empty piece is the end. A piece is valid
/// until the next is asked for.
class ByteSource {
 public:
  ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;
  virtual ~ByteSource() = default;
  virtual std::string_view next() = 0;
};

/// What a descriptor gives, from where it stands.
class FileSource final : public ByteSource {
 public:
  explicit FileSource(int fd);
  std::string_view next() override;

 private:
  int fd_;
  std::vector<char> block_;
};

/// A text in memory.
class TextSource final : public ByteSource {
 public:
  explicit TextSource(std::string_view text) : text_(text) {}
  std::string_view next() override;

 private:
  std::string_view text_;
};

/// More than this is a bomb, which would fill a disk: a layer of zeros that is
/// as long as a disk is not what anybody ships. gzip packs 1:1032 at best,
/// zstd 1:30000; what people ship is 1:2 to 1:10.
struct ExpansionLimit {
  std::uint64_t times = 500;
  std::uint64_t beyond = std::uint64_t{16} << 30;  ///< bytes that are allowed
};

/// Another source without its compression (gzip, zstd, xz, bzip2, or none at
/// all), hashed as it passes: this is where a diff id comes from.
class Decompressed final : public ByteSource {
 public:
  /// `what` names the bytes in errors; both must outlive this object.
  Decompressed(ByteSource& source, std::string_view what,
               ExpansionLimit limit = {});
  ~Decompressed() override;
  std::string_view next() override;

  /// Reads what is left, then: the digest of all bytes that passed.
  [[nodiscard]] Digest finish();

 private:
  std::unique_ptr<class PeekedSource> peeked_;
  std::unique_ptr<ByteSource> plain_;
  std::string_view what_;
  ExpansionLimit limit_;
  std::uint64_t bytes_ = 0;
  Hasher hasher_;
};

void open_source(archive* reader, ByteSource& source, std::string_view what);

}  // namespace docker_cpp::images
