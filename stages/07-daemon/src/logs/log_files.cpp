// SPDX-License-Identifier: Apache-2.0
#include "log_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "packed_log.hpp"

#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::daemon {
namespace {

constexpr std::size_t piece = 64U << 10;

/// Longer than any line the monitor writes: 16 KiB of text, each byte
/// escaped. A "line" beyond it is damage, and skipped.
constexpr std::size_t longest_line = 1U << 20;

/// Where the last `wanted` lines of a file begin; `wanted` becomes what is
/// still missing when the file has fewer.
std::uint64_t tail_offset(int fd, std::uint64_t size, std::size_t& wanted) {
  std::array<char, piece> bytes;
  std::uint64_t end = size;
  bool last = true;
  while (end > 0) {
    const auto length = std::min<std::uint64_t>(end, bytes.size());
    const auto begin = end - length;
    const auto got =
        ::pread(fd, bytes.data(), length, static_cast<off_t>(begin));
    if (got != static_cast<ssize_t>(length)) {
      return 0;
    }
    for (auto at = length; at > 0; --at) {
      if (bytes.at(at - 1) != '\n') {
        last = false;
        continue;
      }
      // The newline that ends the last line begins no other one.
      if (!std::exchange(last, false) && --wanted == 0) {
        return begin + at;
      }
    }
    end = begin;
  }
  wanted -= size > 0 ? 1 : 0;
  return 0;
}

}  // namespace

LogFiles::LogFiles(std::string path, std::optional<std::size_t> tail)
    : path_(std::move(path)) {
  open_all();
  if (tail) {
    skip_to_tail(*tail);
  }
}

std::optional<LogFiles::File> LogFiles::open(unsigned number) const {
  const auto name = number == 0 ? path_ : path_ + "." + std::to_string(number);
  auto fd = sys::open(name.c_str(), O_RDONLY | O_NOFOLLOW);
  struct stat about{};
  if (!fd && number > 0) {
    auto packed = sys::open((name + ".gz").c_str(), O_RDONLY | O_NOFOLLOW);
    const auto inode = packed ? packed_inode(packed->get()) : std::nullopt;
    return inode
               ? std::optional(File{
                     .fd = *std::move(packed), .inode = *inode, .packed = true})
               : std::nullopt;
  }
  if (!fd || ::fstat(fd->get(), &about) != 0 || !S_ISREG(about.st_mode)) {
    return std::nullopt;
  }
  return File{.fd = *std::move(fd), .inode = about.st_ino};
}

/// Newest first: one that is rotated between two opens is met again under its
/// next name, and skipped there.
void LogFiles::open_all() {
  for (unsigned number = 0;; ++number) {
    auto file = open(number);
    if (!file) {
      return;
    }
    const bool known = std::ranges::any_of(
        files_, [&](const File& other) { return other.inode == file->inode; });
    if (!known) {
      files_.push_front(*std::move(file));
    }
  }
}

void LogFiles::skip_to_tail(std::size_t lines) {
  for (auto at = files_.size(); at > 0; --at) {
    auto& file = files_[at - 1];
    unpack(file);
    struct stat about{};
    if (::fstat(file.fd.get(), &about) != 0) {
      continue;
    }
    const auto size = static_cast<std::uint64_t>(about.st_size);
    file.offset = lines == 0 ? size : tail_offset(file.fd.get(), size, lines);
    if (lines == 0) {
      files_.erase(files_.begin(),
                   files_.begin() + static_cast<std::ptrdiff_t>(at - 1));
      return;
    }
  }
}

std::optional<std::string_view> LogFiles::next() {
  while (true) {
    const auto end = buffer_.find('\n', used_);
    if (end != std::string::npos) {
      const auto line = std::string_view(buffer_).substr(used_, end - used_);
      used_ = end + 1;
      return line;
    }
    buffer_.erase(0, std::exchange(used_, 0));
    if (buffer_.size() > longest_line) {
      buffer_.clear();
    }
    if (!fill() && !advance()) {
      return std::nullopt;
    }
  }
}

bool LogFiles::fill() {
  if (files_.empty()) {
    return false;
  }
  unpack(files_.front());
  check_truncated();
  auto& file = files_.front();
  const auto held = buffer_.size();
  buffer_.resize(held + piece);
  const auto got = ::pread(file.fd.get(), buffer_.data() + held, piece,
                           static_cast<off_t>(file.offset));
  const auto size = got > 0 ? static_cast<std::size_t>(got) : 0;
  buffer_.resize(held + size);
  file.offset += size;
  return size > 0;
}

/// Only what is really read: most clients want the end.
void LogFiles::unpack(File& file) {
  if (std::exchange(file.packed, false)) {
    file.fd = unpacked_log(file.fd.get());
  }
}

/// A log of one file only is rotated by emptying it.
void LogFiles::check_truncated() {
  auto& file = files_.front();
  struct stat about{};
  if (::fstat(file.fd.get(), &about) == 0 &&
      static_cast<std::uint64_t>(about.st_size) < file.offset) {
    file.offset = 0;
    buffer_.clear();
  }
}

/// At the end of a file: the next one, if there is one by now.
bool LogFiles::advance() {
  if (files_.empty()) {
    open_all();
    return !files_.empty();
  }
  if (files_.size() == 1) {
    // Whatever is newer than ours, up to the one that is being written.
    std::deque<File> newer;
    for (unsigned number = 0;; ++number) {
      auto file = open(number);
      if (!file || file->inode == files_.front().inode) {
        break;
      }
      newer.push_front(*std::move(file));
    }
    if (newer.empty()) {
      return false;
    }
    // It may have grown before it was renamed.
    if (fill()) {
      return true;
    }
    std::ranges::move(newer, std::back_inserter(files_));
  }
  files_.pop_front();
  buffer_.clear();  // a line that a crash left without its end
  return true;
}

}  // namespace docker_cpp::daemon
