// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "byte_source.hpp"
#include "registry_session.hpp"

#include "docker_cpp/images/digest.hpp"
#include "docker_cpp/images/manifest.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::images {

/// A blob as it comes from a registry: each piece is hashed, kept in a file of
/// the staging folder and handed on, in one pass. When the network breaks it
/// goes on where it was; what an earlier pull left of the same blob comes
/// first and is not asked for again.
class BlobDownload final : public ByteSource {
 public:
  using Told = std::function<void(std::uint64_t received)>;

  BlobDownload(RegistrySession& session, const Descriptor& blob, int staging,
               Told told);
  std::string_view next() override;

  /// Reads what nobody asked for and verifies all of it. \throws ImageError
  void finish();

  /// What went wrong in next(), for whoever read through somebody that turned
  /// it into a message of their own.
  void rethrow() const;
  /// Part of it is what an earlier pull left: that may be what was damaged.
  [[nodiscard]] bool resumed() const { return found_ != 0; }

  /// Of the blob in the staging folder: "p" and the digits of its digest.
  [[nodiscard]] static std::string file_name(const Digest& digest);

 private:
  std::string_view advance();
  std::string_view replay();
  std::string_view receive();
  void begin();
  void take(std::string_view piece);
  void begin_writing();

  RegistrySession& session_;
  const Descriptor& blob_;
  Told told_;
  sys::UniqueFd file_;
  std::unique_ptr<HttpTransfer> transfer_;
  std::vector<char> block_;
  Hasher hasher_;
  std::uint64_t found_ = 0;     ///< bytes of an earlier pull
  std::uint64_t received_ = 0;  ///< hashed and in the file
  std::uint64_t writing_ = 0;   ///< given to the disk
  std::uint64_t skip_ = 0;      ///< of what a server sends again
  int broken_ = 0;              ///< attempts since the last piece
  std::exception_ptr failure_;
  bool verified_ = false;
};

}  // namespace docker_cpp::images
