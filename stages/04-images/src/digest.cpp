// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/images/digest.hpp"

#include <unistd.h>

#include <algorithm>
#include <new>
#include <stdexcept>
#include <utility>
#include <vector>

#include <openssl/evp.h>

namespace docker_cpp::images {
namespace {

constexpr std::string_view prefix = "sha256:";
constexpr std::string_view hex_digits = "0123456789abcdef";

std::byte byte_of(char high, char low) {
  const auto nibble = [](char digit) {
    return hex_digits.find(digit);
  };
  return static_cast<std::byte>((nibble(high) << 4) | nibble(low));
}

void demand(int returned) {
  if (returned != 1) {  // only when memory ran out: SHA-256 is built in
    throw std::bad_alloc();
  }
}

}  // namespace

bool is_sha256_hex(std::string_view text) {
  return text.size() == Digest::hex_length &&
         std::ranges::all_of(text, [](char c) {
           return hex_digits.find(c) != std::string_view::npos;
         });
}

std::expected<Digest, std::string> Digest::parse(std::string_view text) {
  if (!text.starts_with(prefix)) {
    return std::unexpected("digest '" + std::string(text.substr(0, 80)) +
                           "' is not a sha256 digest");
  }
  const std::string_view digits = text.substr(prefix.size());
  if (!is_sha256_hex(digits)) {
    return std::unexpected("digest '" + std::string(text.substr(0, 80)) +
                           "' is not 64 lower-case hex digits");
  }
  std::array<std::byte, bytes> value;
  for (std::size_t i = 0; i < bytes; ++i) {
    value[i] = byte_of(digits[2 * i], digits[2 * i + 1]);
  }
  return Digest(value);
}

Digest Digest::of(std::string_view content) {
  Hasher hasher;
  hasher.update(content);
  return hasher.finish();
}

std::string Digest::hex() const {
  std::string text;
  text.reserve(hex_length);
  for (const std::byte one : value_) {
    text += hex_digits[std::to_integer<unsigned>(one) >> 4];
    text += hex_digits[std::to_integer<unsigned>(one) & 15U];
  }
  return text;
}

struct Hasher::Context {
  Context() : digest(EVP_MD_CTX_new()) {
    if (digest == nullptr) {
      throw std::bad_alloc();
    }
  }
  ~Context() { EVP_MD_CTX_free(digest); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  EVP_MD_CTX* digest;
};

Hasher::Hasher() : context_(std::make_unique<Context>()) {
  demand(EVP_DigestInit_ex(context_->digest, EVP_sha256(), nullptr));
}

Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::update(std::string_view piece) {
  demand(EVP_DigestUpdate(context_->digest, piece.data(), piece.size()));
}

Digest Hasher::finish() {
  std::array<std::byte, Digest::bytes> value;
  demand(EVP_DigestFinal_ex(context_->digest,
                            reinterpret_cast<unsigned char*>(value.data()),
                            nullptr));
  return Digest(value);
}

sys::Result<Digest> digest_of_file(int fd) {
  constexpr std::size_t block_size = std::size_t{256} << 10;
  std::vector<char> block(block_size);
  Hasher hasher;
  off_t offset = 0;
  for (;;) {
    const ssize_t got = ::pread(fd, block.data(), block.size(), offset);
    if (got == -1 && errno == EINTR) {
      continue;
    }
    if (got == -1) {
      return sys::fail("pread");
    }
    if (got == 0) {
      return hasher.finish();
    }
    hasher.update({block.data(), static_cast<std::size_t>(got)});
    offset += got;
  }
}

}  // namespace docker_cpp::images
