// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "docker_cpp/sys/result.hpp"

namespace docker_cpp::images {

/// The name that content has by itself: "sha256:" and 64 lower-case hex
/// digits. Being a value of this type means having been checked, so it may
/// become part of a path. \oci{image,descriptor,digests}
class Digest {
 public:
  static constexpr std::size_t bytes = 32;
  static constexpr std::size_t hex_length = 2 * bytes;

  /// Accepts exactly the canonical form: other algorithms, upper case,
  /// surrounding blanks are refused, for one digest has one spelling.
  [[nodiscard]] static std::expected<Digest, std::string> parse(
      std::string_view text);

  /// Of a whole text.
  [[nodiscard]] static Digest of(std::string_view content);

  explicit Digest(std::array<std::byte, bytes> value) : value_(value) {}

  /// "sha256:..."
  [[nodiscard]] std::string text() const { return "sha256:" + hex(); }
  /// Without the algorithm: the file name.
  [[nodiscard]] std::string hex() const;

  friend auto operator<=>(const Digest&, const Digest&) = default;

 private:
  std::array<std::byte, bytes> value_;
};

/// 64 lower-case hex digits?
[[nodiscard]] bool is_sha256_hex(std::string_view text);

/// SHA-256 over pieces, as they pass.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;

  void update(std::string_view piece);
  /// Ends it; the object may only be destroyed after.
  [[nodiscard]] Digest finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

/// Of a file from its start, leaving its offset alone.
[[nodiscard]] sys::Result<Digest> digest_of_file(int fd);

}  // namespace docker_cpp::images
