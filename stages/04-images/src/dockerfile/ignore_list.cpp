// SPDX-License-Identifier: Apache-2.0
#include "text.hpp"

#include "docker_cpp/dockerfile/glob.hpp"

namespace docker_cpp::dockerfile {

std::expected<IgnoreList, std::string> IgnoreList::parse(
    std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) {
    text.remove_prefix(3);
  }
  std::vector<std::string> patterns;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (!line.starts_with('#')) {
      patterns.emplace_back(line);
    }
  }
  return of(patterns);
}

std::expected<IgnoreList, std::string> IgnoreList::of(
    const std::vector<std::string>& patterns) {
  IgnoreList list;
  for (const std::string& line : patterns) {
    std::string_view rest = trim(line);
    if (rest.empty()) {
      continue;
    }
    const bool exception = rest.starts_with('!');
    if (exception) {
      rest = trim(rest.substr(1));
      if (rest.empty()) {
        return std::unexpected("illegal exclusion pattern: \"!\"");
      }
    }
    std::string clean = clean_path(rest);
    if (clean.size() > 1 && clean.front() == '/') {
      clean.erase(0, 1);
    }
    auto glob = Glob::parse(clean, GlobKind::ignore);
    if (!glob) {
      return std::unexpected(glob.error());
    }
    list.patterns_.push_back({*std::move(glob), exception});
    list.exceptions_ |= exception;
  }
  return list;
}

bool IgnoreList::excludes(std::string_view path) const {
  bool excluded = false;
  for (const Pattern& pattern : patterns_) {
    if (pattern.exception != excluded) {
      continue;  // it could change nothing
    }
    bool matched = pattern.glob.matches(path);
    for (std::size_t slash = path.find('/');
         !matched && slash != std::string_view::npos;
         slash = path.find('/', slash + 1)) {
      matched = pattern.glob.matches(path.substr(0, slash));
    }
    if (matched) {
      excluded = !pattern.exception;
    }
  }
  return excluded;
}

}  // namespace docker_cpp::dockerfile
