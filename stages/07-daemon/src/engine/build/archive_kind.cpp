// SPDX-License-Identifier: Apache-2.0
#include "archive_kind.hpp"

#include <unistd.h>

#include <array>
#include <string_view>

namespace docker_cpp::daemon {

bool looks_like_archive(int file) {
  using namespace std::string_view_literals;
  std::array<char, 512> block{};
  const ssize_t size = ::pread(file, block.data(), block.size(), 0);
  const std::string_view start(block.data(),
                               size > 0 ? static_cast<std::size_t>(size) : 0);
  constexpr std::size_t tar_magic = 257;
  if (start.size() > tar_magic &&
      start.substr(tar_magic).starts_with("ustar")) {
    return true;
  }
  for (const std::string_view magic : {"\x1f\x8b"sv, "BZh"sv,
                                       "\xfd"
                                       "7zXZ\0"sv,
                                       "\x28\xb5\x2f\xfd"sv}) {
    if (start.starts_with(magic)) {
      return true;
    }
  }
  return false;
}

bool is_http_url(std::string_view text) {
  return text.starts_with("http://") || text.starts_with("https://");
}

bool is_git_url(std::string_view text) {
  return text.starts_with("git://") || text.starts_with("git@") ||
         text.starts_with("ssh://") ||
         (is_http_url(text) &&
          text.substr(0, text.find('#')).ends_with(".git"));
}

}  // namespace docker_cpp::daemon
