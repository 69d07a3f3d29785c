// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "tar_reader.hpp"

#include "docker_cpp/images/digest.hpp"

namespace docker_cpp::images {

/// Where an archive goes, piece by piece.
class ByteSink {
 public:
  ByteSink() = default;
  ByteSink(const ByteSink&) = delete;
  ByteSink& operator=(const ByteSink&) = delete;
  virtual ~ByteSink() = default;
  virtual void put(std::string_view piece) = 0;
};

/// A descriptor.
class FileSink final : public ByteSink {
 public:
  explicit FileSink(int fd) : fd_(fd) {}
  void put(std::string_view piece) override;

 private:
  int fd_;
};

/// A descriptor, hashed and counted on the way.
class HashingSink final : public ByteSink {
 public:
  explicit HashingSink(int fd) : file_(fd) {}
  void put(std::string_view piece) override;
  /// Ends it; nothing may be put after.
  [[nodiscard]] Digest finish() { return hasher_.finish(); }
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  FileSink file_;
  Hasher hasher_;
  std::uint64_t size_ = 0;
};

/// Writes tar: ustar, with pax headers for what ustar cannot say (long names,
/// fractions of seconds, extended attributes, holes). The same tree gives the
/// same bytes: access times and names of users are left out.
class TarWriter {
 public:
  /// The sink must outlive this object.
  explicit TarWriter(ByteSink& sink);

  /// Something that has no content: no regular file unless an empty one or a
  /// hard link.
  void add(const TarEntry& entry);
  /// A regular file with the content of `file`, which may be changing: what is
  /// missing at the end is filled with zeros.
  void add_file(const TarEntry& entry, int file);
  /// A regular file with this content.
  void add_text(const TarEntry& entry, std::string_view content);
  void finish();

 private:
  void begin(const TarEntry& entry, int file);
  void copy_content(int file, std::int64_t size);
  void copy_range(int file, std::int64_t at, std::int64_t end);
  void put_hole(std::int64_t length);
  void put(const void* bytes, std::size_t size);

  struct CloseWriter {
    void operator()(archive* writer) const;
  };
  std::unique_ptr<archive, CloseWriter> writer_;
  std::vector<char> block_;
};

}  // namespace docker_cpp::images
