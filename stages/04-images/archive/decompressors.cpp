// SPDX-License-Identifier: Apache-2.0
#include "decompressors.hpp"

#include <isa-l/igzip_lib.h>
#include <zstd.h>

#include <algorithm>
#include <new>

#include <archive.h>
#include <archive_entry.h>

#include "docker_cpp/images/image_error.hpp"

namespace docker_cpp::images {
namespace {

constexpr std::size_t piece_size = std::size_t{256} << 10;
/// What `zstd --ultra` asks of a reader at most without being told otherwise.
constexpr int widest_zstd_window = 27;

void demand(int returned, archive* reader, std::string_view what) {
  if (returned < ARCHIVE_WARN) {
    archive_failure(reader, what);
  }
}

}  // namespace

std::string_view PeekedSource::peek(std::size_t size) {
  while (first_.size() < size) {
    const std::string_view piece = source_.next();
    if (piece.empty()) {
      break;
    }
    first_ += piece;
  }
  return first_;
}

std::string_view PeekedSource::next() {
  if (!given_) {
    given_ = true;
    if (!first_.empty()) {
      bytes_ += first_.size();
      return first_;
    }
  }
  const std::string_view piece = source_.next();
  bytes_ += piece.size();
  return piece;
}

GzipSource::GzipSource(ByteSource& source, std::string_view what)
    : source_(source),
      what_(what),
      state_(std::make_unique<inflate_state>()),
      out_(piece_size) {
  isal_inflate_init(state_.get());
  state_->crc_flag = ISAL_GZIP;
}

GzipSource::~GzipSource() = default;

void GzipSource::damaged(std::string_view why) const {
  throw ImageError(ImageError::Reason::invalid,
                   std::string(what_) + " is damaged: " + std::string(why));
}

/// False at the end of what there is.
bool GzipSource::fill() {
  const std::string_view piece = source_.next();
  // ISA-L reads through this pointer only.
  state_->next_in =
      reinterpret_cast<std::uint8_t*>(const_cast<char*>(piece.data()));
  state_->avail_in = static_cast<std::uint32_t>(piece.size());
  return !piece.empty();
}

/// Whether another member follows the one that has ended. What is no member is
/// padding, as gzip(1) has it.
bool GzipSource::next_member() {
  if (state_->avail_in == 0 && !fill()) {
    return false;
  }
  if (*state_->next_in != 0x1f) {
    return false;
  }
  std::uint8_t* const in = state_->next_in;
  const std::uint32_t left = state_->avail_in;
  isal_inflate_reset(state_.get());
  state_->crc_flag = ISAL_GZIP;
  state_->next_in = in;
  state_->avail_in = left;
  return true;
}

std::string_view GzipSource::next() {
  while (!ended_) {
    if (state_->block_state == ISAL_BLOCK_FINISH && !next_member()) {
      ended_ = true;
      break;
    }
    // With no input there may still be output from what was read before.
    const bool more = state_->avail_in != 0 || fill();
    state_->next_out = reinterpret_cast<std::uint8_t*>(out_.data());
    state_->avail_out = static_cast<std::uint32_t>(out_.size());
    if (const int code = isal_inflate(state_.get()); code < 0) {
      damaged("gzip: invalid data (" + std::to_string(code) + ")");
    }
    const std::size_t made = out_.size() - state_->avail_out;
    if (made != 0) {
      return {out_.data(), made};
    }
    if (!more && state_->block_state != ISAL_BLOCK_FINISH) {
      damaged("truncated gzip input");
    }
  }
  return {};
}

void ZstdSource::Free::operator()(ZSTD_DCtx_s* context) const {
  ZSTD_freeDCtx(context);
}

ZstdSource::ZstdSource(ByteSource& source, std::string_view what)
    : source_(source),
      what_(what),
      context_(ZSTD_createDCtx()),
      out_(piece_size) {
  if (!context_) {
    throw std::bad_alloc();
  }
  ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax,
                         widest_zstd_window);
}

ZstdSource::~ZstdSource() = default;

std::string_view ZstdSource::next() {
  for (;;) {
    if (in_.empty() && !full_) {
      in_ = source_.next();
      if (in_.empty()) {
        if (within_) {
          throw ImageError(
              ImageError::Reason::invalid,
              std::string(what_) + " is damaged: truncated zstd input");
        }
        return {};
      }
    }
    ZSTD_inBuffer in{.src = in_.data(), .size = in_.size(), .pos = 0};
    ZSTD_outBuffer out{.dst = out_.data(), .size = out_.size(), .pos = 0};
    const std::size_t code = ZSTD_decompressStream(context_.get(), &out, &in);
    if (ZSTD_isError(code) != 0) {
      throw ImageError(
          ImageError::Reason::invalid,
          std::string(what_) + " is damaged: zstd: " + ZSTD_getErrorName(code));
    }
    in_.remove_prefix(in.pos);
    within_ = code != 0;
    full_ = within_ && out.pos == out.size;
    if (out.pos != 0) {
      return {out_.data(), out.pos};
    }
  }
}

FilteredSource::FilteredSource(ByteSource& source, std::string_view what)
    : source_(source), what_(what), reader_(archive_read_new()) {
  archive* const reader = reader_.get();
  if (reader == nullptr) {
    throw std::bad_alloc();
  }
  // In process only: "all" would let libarchive run programs.
  demand(archive_read_support_filter_xz(reader), reader, what);
  demand(archive_read_support_filter_bzip2(reader), reader, what);
  demand(archive_read_support_format_raw(reader), reader, what);
  demand(archive_read_support_format_empty(reader), reader, what);
  open_source(reader, source_, what_);
  archive_entry* entry = nullptr;
  const int got = archive_read_next_header(reader, &entry);
  ended_ = got == ARCHIVE_EOF;
  if (!ended_) {
    demand(got, reader, what);
  }
}

std::string_view FilteredSource::next() {
  const void* block = nullptr;
  std::size_t size = 0;
  la_int64_t offset = 0;
  while (!ended_ && size == 0) {
    const int got =
        archive_read_data_block(reader_.get(), &block, &size, &offset);
    ended_ = got == ARCHIVE_EOF;
    if (ended_) {
      return {};
    }
    demand(got, reader_.get(), what_);
  }
  return {static_cast<const char*>(block), size};
}

}  // namespace docker_cpp::images
