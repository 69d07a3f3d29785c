// SPDX-License-Identifier: Apache-2.0
// Patterns of strangers against paths of strangers: the first line is the
// path, the rest is the .dockerignore.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "docker_cpp/dockerfile/glob.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace docker_cpp::dockerfile;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line = std::min(text.find('\n'), text.size());
  const std::string_view path = text.substr(0, line);
  const auto list = IgnoreList::parse(text.substr(line));
  if (list && list->empty() && list->excludes(path)) {
    std::abort();
  }
  if (list) {
    static_cast<void>(list->excludes(path));
  }
  const std::string clean = clean_path(path);
  if (clean_path(clean) != clean) {
    std::abort();
  }
  return 0;
}
