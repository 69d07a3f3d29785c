// SPDX-License-Identifier: Apache-2.0
#include "packed_log.hpp"

#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include <array>
#include <charconv>
#include <string_view>

#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::daemon {
namespace {

constexpr std::size_t piece = 64U << 10;
constexpr int gzip_window = 15 + 16;  // zlib.h: 16 more reads gzip
/// More than any limit makes sense for; keeps a forged file from growing.
constexpr std::uint64_t longest = 4ULL << 30;

/// inflate with its end, over a descriptor read from its beginning.
class Inflater {
 public:
  explicit Inflater(int fd) : fd_(fd) {
    good_ = ::inflateInit2(&stream_, gzip_window) == Z_OK;
    header_.comment = reinterpret_cast<Bytef*>(comment_.data());
    header_.comm_max = static_cast<uInt>(comment_.size() - 1);
    good_ = good_ && ::inflateGetHeader(&stream_, &header_) == Z_OK;
  }
  ~Inflater() { ::inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// The next piece of text; empty at the end, sound or not.
  std::string_view next() {
    while (good_) {
      if (stream_.avail_in == 0 && !read_more()) {
        return {};
      }
      stream_.next_out = reinterpret_cast<Bytef*>(out_.data());
      stream_.avail_out = static_cast<uInt>(out_.size());
      good_ = ::inflate(&stream_, Z_NO_FLUSH) == Z_OK;
      if (stream_.avail_out < out_.size()) {
        return {out_.data(), out_.size() - stream_.avail_out};
      }
    }
    return {};
  }

  [[nodiscard]] std::string_view comment() const { return comment_.data(); }

 private:
  bool read_more() {
    const ssize_t got = ::pread(fd_, in_.data(), in_.size(), offset_);
    stream_.next_in = reinterpret_cast<Bytef*>(in_.data());
    stream_.avail_in = got > 0 ? static_cast<uInt>(got) : 0;
    offset_ += got > 0 ? got : 0;
    return got > 0;
  }

  int fd_;
  off_t offset_ = 0;
  z_stream stream_{};
  gz_header header_{};
  std::array<char, 64> comment_{};
  std::array<char, piece> in_{};
  std::array<char, piece> out_{};
  bool good_ = false;
};

}  // namespace

std::optional<ino_t> packed_inode(int fd) {
  Inflater inflater(fd);
  static_cast<void>(inflater.next());
  std::string_view comment = inflater.comment();
  constexpr std::string_view words = "inode ";
  ino_t inode = 0;
  if (!comment.starts_with(words)) {
    return std::nullopt;
  }
  comment.remove_prefix(words.size());
  const auto [end, error] =
      std::from_chars(comment.data(), comment.data() + comment.size(), inode);
  return error == std::errc() ? std::optional(inode) : std::nullopt;
}

sys::UniqueFd unpacked_log(int fd) {
  sys::UniqueFd text(::memfd_create("log", MFD_CLOEXEC));
  Inflater inflater(fd);
  std::uint64_t size = 0;
  for (auto bytes = inflater.next(); text && !bytes.empty();
       bytes = inflater.next()) {
    size += bytes.size();
    if (size > longest || !sys::write_all(text.get(), bytes)) {
      break;
    }
  }
  return text;
}

}  // namespace docker_cpp::daemon
