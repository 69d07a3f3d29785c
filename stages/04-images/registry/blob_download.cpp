// SPDX-License-Identifier: Apache-2.0
#include "blob_download.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

constexpr std::size_t block_size = std::size_t{256} << 10;

[[noreturn]] void refuse(const std::string& sentence) {
  throw ImageError(ImageError::Reason::invalid, sentence);
}

}  // namespace

std::string BlobDownload::file_name(const Digest& digest) {
  return "p" + digest.hex();
}

BlobDownload::BlobDownload(RegistrySession& session, const Descriptor& blob,
                           int staging, Told told)
    : session_(session),
      blob_(blob),
      told_(std::move(told)),
      file_(must(sys::open_at(staging, file_name(blob.digest).c_str(),
                              O_RDWR | O_CREAT | O_NOFOLLOW, 0600),
                 "keep blob " + blob.digest.text())) {
  struct stat status{};
  must(sys::check_void(::fstat(file_.get(), &status), "fstat"),
       "keep blob " + blob.digest.text());
  found_ = static_cast<std::uint64_t>(status.st_size);
  if (found_ > blob.size) {
    must(sys::check_void(::ftruncate(file_.get(), 0), "ftruncate"),
         "keep blob " + blob.digest.text());
    found_ = 0;
  }
}

std::string_view BlobDownload::next() {
  if (failure_) {
    std::rethrow_exception(failure_);
  }
  try {
    return advance();
  } catch (...) {
    failure_ = std::current_exception();
    throw;
  }
}

void BlobDownload::rethrow() const {
  if (failure_) {
    std::rethrow_exception(failure_);
  }
}

std::string_view BlobDownload::advance() {
  if (received_ < found_) {
    return replay();
  }
  if (received_ < blob_.size) {
    return receive();
  }
  if (!std::exchange(verified_, true)) {
    if (transfer_ && !transfer_->next().empty()) {
      refuse("blob " + blob_.digest.text() + " is longer than the " +
             std::to_string(blob_.size) + " bytes of its descriptor");
    }
    transfer_.reset();
    if (const Digest digest = hasher_.finish(); digest != blob_.digest) {
      refuse("filesystem layer verification failed for digest " +
             blob_.digest.text() + ": what came has the digest " +
             digest.text());
    }
  }
  return {};
}

/// What is in the file already.
std::string_view BlobDownload::replay() {
  block_.resize(block_size);
  const auto want = std::min<std::uint64_t>(block_size, found_ - received_);
  const ssize_t got =
      ::pread(file_.get(), block_.data(), want, static_cast<off_t>(received_));
  must(sys::check_void(got, "pread"), "read what an earlier pull left");
  if (got == 0) {
    refuse("what an earlier pull left of blob " + blob_.digest.text() +
           " has become shorter");
  }
  const std::string_view piece(block_.data(), static_cast<std::size_t>(got));
  hasher_.update(piece);
  received_ += piece.size();
  told_(received_);
  return piece;
}

/// The next piece, over as many connections as it takes.
std::string_view BlobDownload::receive() {
  for (;;) {
    try {
      if (!transfer_) {
        begin();
      }
      std::string_view piece = transfer_->next();
      const auto again = std::min<std::uint64_t>(skip_, piece.size());
      piece.remove_prefix(again);
      skip_ -= again;
      if (!piece.empty()) {
        broken_ = 0;
        take(piece);
        return piece;
      }
      if (again == 0) {
        throw HttpError(HttpError::Kind::broken,
                        "it ended after " + std::to_string(received_) + " of " +
                            std::to_string(blob_.size) + " bytes");
      }
    } catch (const HttpError& error) {
      transfer_.reset();
      if (error.kind() != HttpError::Kind::broken ||
          !session_.back_off(++broken_)) {
        throw ImageError(ImageError::Reason::failed,
                         "blob " + blob_.digest.text() +
                             " could not be fetched: " + error.what());
      }
    }
  }
}

void BlobDownload::begin() {
  HttpRequest request;
  if (received_ != 0) {
    request.headers.push_back("Range: bytes=" + std::to_string(received_) +
                              "-");
  }
  transfer_ = session_.open(std::move(request), "blobs/" + blob_.digest.text());
  const HttpHead& head = transfer_->head();
  skip_ = 0;
  if (head.status == 200) {
    skip_ = received_;  // a server without ranges sends all of it
    return;
  }
  const std::string range = head.header("content-range");
  if (head.status == 206 &&
      range.starts_with("bytes " + std::to_string(received_) + "-")) {
    return;
  }
  if (head.status < 400) {
    refuse("blob " + blob_.digest.text() + ": unexpected status " +
           std::to_string(head.status) + ", range '" + range + "'");
  }
  constexpr std::size_t largest_refusal = std::size_t{1} << 20;
  throw refusal(session_.reference(), head.status,
                transfer_->body(largest_refusal));
}

void BlobDownload::take(std::string_view piece) {
  if (piece.size() > blob_.size - received_) {
    refuse("blob " + blob_.digest.text() + " is longer than the " +
           std::to_string(blob_.size) + " bytes of its descriptor");
  }
  hasher_.update(piece);
  must(sys::check_void(
           ::lseek(file_.get(), static_cast<off_t>(received_), SEEK_SET),
           "lseek"),
       "keep blob " + blob_.digest.text());
  must(sys::write_all(file_.get(), piece), "keep blob " + blob_.digest.text());
  DOCKER_CPP_FAILPOINT("image.pull.piece");
  received_ += piece.size();
  begin_writing();
  told_(received_);
}

/// The disk may start now: what is durable in the end is waited for once.
void BlobDownload::begin_writing() {
  constexpr std::uint64_t step = std::uint64_t{8} << 20;
  if (received_ - writing_ >= step) {
    ::sync_file_range(file_.get(), static_cast<off_t>(writing_),
                      static_cast<off_t>(received_ - writing_),
                      SYNC_FILE_RANGE_WRITE);
    writing_ = received_;
  }
}

void BlobDownload::finish() {
  while (!next().empty()) {
  }
}

}  // namespace docker_cpp::images
