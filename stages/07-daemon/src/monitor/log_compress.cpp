// SPDX-License-Identifier: Apache-2.0
#include "log_compress.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <array>
#include <cstdio>

#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::monitor {
namespace {

constexpr std::size_t piece = 64U << 10;
constexpr int gzip_window = 15 + 16;  // zlib.h: 16 more writes gzip
constexpr int memory_level = 8;

/// deflate with its end, whatever way it takes.
class Deflater {
 public:
  explicit Deflater(std::string comment) : comment_(std::move(comment)) {
    good_ =
        ::deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_window,
                       memory_level, Z_DEFAULT_STRATEGY) == Z_OK;
    header_.comment = reinterpret_cast<Bytef*>(comment_.data());
    header_.os = 3;  // Unix
    good_ = good_ && ::deflateSetHeader(&stream_, &header_) == Z_OK;
  }
  ~Deflater() { ::deflateEnd(&stream_); }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  /// Takes a piece; the last one is empty.
  bool write(std::string_view bytes, int to) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(out_.data());
      stream_.avail_out = static_cast<uInt>(out_.size());
      ::deflate(&stream_, bytes.empty() ? Z_FINISH : Z_NO_FLUSH);
      const std::string_view made(out_.data(), out_.size() - stream_.avail_out);
      good_ = good_ && (made.empty() || sys::write_all(to, made).has_value());
    } while (good_ && stream_.avail_out == 0);
    return good_;
  }

 private:
  std::string comment_;
  z_stream stream_{};
  gz_header header_{};
  std::array<char, piece> out_{};
  bool good_ = false;
};

bool deflate_all(int from, int to, ino_t inode) {
  Deflater deflater("inode " + std::to_string(inode));
  std::array<char, piece> bytes{};
  for (;;) {
    const ssize_t got = ::read(from, bytes.data(), bytes.size());
    if (got < 0 ||
        !deflater.write({bytes.data(), static_cast<std::size_t>(got)}, to)) {
      return false;
    }
    if (got == 0) {
      return true;
    }
  }
}

}  // namespace

bool compress_log(const std::string& path) {
  const std::string beside = path + ".gz.new";
  const auto from = sys::open(path.c_str(), O_RDONLY | O_NOFOLLOW);
  const auto to = sys::open(beside.c_str(),
                            O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0640);
  struct stat info{};
  const bool done = from && to && ::fstat(from->get(), &info) == 0 &&
                    deflate_all(from->get(), to->get(), info.st_ino) &&
                    ::rename(beside.c_str(), (path + ".gz").c_str()) == 0;
  ::unlink(done ? path.c_str() : beside.c_str());
  return done;
}

pid_t compress_in_background(const std::string& path) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::setpriority(PRIO_PROCESS, 0, 19);
    ::_exit(compress_log(path) ? 0 : 1);
  }
  return pid;
}

}  // namespace docker_cpp::monitor
