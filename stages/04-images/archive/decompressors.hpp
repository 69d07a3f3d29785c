// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "byte_source.hpp"

struct inflate_state;
struct ZSTD_DCtx_s;

/// The ways in which layers are compressed, each as a source over another.
/// ISA-L inflates several times as fast as zlib, which is what libarchive
/// would use; what is rare is left to libarchive.
namespace docker_cpp::images {

/// Gives back first what was read to see what it is.
class PeekedSource final : public ByteSource {
 public:
  explicit PeekedSource(ByteSource& source) : source_(source) {}
  /// At least `size` of the first bytes, unless there are fewer.
  [[nodiscard]] std::string_view peek(std::size_t size);
  std::string_view next() override;
  /// Bytes that were handed on.
  [[nodiscard]] std::uint64_t given() const { return bytes_; }

 private:
  ByteSource& source_;
  std::string first_;
  bool given_ = false;
  std::uint64_t bytes_ = 0;
};

/// RFC 1952, one member after the other.
class GzipSource final : public ByteSource {
 public:
  GzipSource(ByteSource& source, std::string_view what);
  ~GzipSource() override;
  std::string_view next() override;

 private:
  bool fill();
  bool next_member();
  [[noreturn]] void damaged(std::string_view why) const;

  ByteSource& source_;
  std::string_view what_;
  std::unique_ptr<inflate_state> state_;
  std::vector<char> out_;
  bool ended_ = false;
};

/// RFC 8878, one frame after the other.
class ZstdSource final : public ByteSource {
 public:
  ZstdSource(ByteSource& source, std::string_view what);
  ~ZstdSource() override;
  std::string_view next() override;

 private:
  struct Free {
    void operator()(ZSTD_DCtx_s* context) const;
  };
  ByteSource& source_;
  std::string_view what_;
  std::unique_ptr<ZSTD_DCtx_s, Free> context_;
  std::string_view in_;
  std::vector<char> out_;
  bool within_ = false;  ///< a frame
  bool full_ = false;    ///< the last output was: there may be more
};

/// xz and bzip2, and plain bytes.
class FilteredSource final : public ByteSource {
 public:
  FilteredSource(ByteSource& source, std::string_view what);
  std::string_view next() override;

 private:
  ByteSource& source_;
  std::string_view what_;
  ArchiveHandle reader_;
  bool ended_ = false;
};

}  // namespace docker_cpp::images
