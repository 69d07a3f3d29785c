// SPDX-License-Identifier: Apache-2.0
#include <sys/mount.h>

#include <algorithm>
#include <array>

#include "exercise.hpp"

namespace {

struct Word {
  std::string_view set;
  std::string_view clear;
  unsigned long flag;
};

constexpr std::array known = {
    Word{"ro", "rw", MS_RDONLY}, Word{"nosuid", "suid", MS_NOSUID},
    Word{"nodev", "dev", MS_NODEV}, Word{"noexec", "exec", MS_NOEXEC}};

}  // namespace

MountOptions parse_mount_options(std::string_view words) {
  MountOptions options;
  while (!words.empty()) {
    const std::size_t comma = std::min(words.find(','), words.size());
    const std::string_view word = words.substr(0, comma);
    words.remove_prefix(std::min(comma + 1, words.size()));
    const auto* found = std::ranges::find_if(known, [&](const Word& one) {
      return one.set == word || one.clear == word;
    });
    if (found == known.end()) {
      options.data += options.data.empty() || word.empty() ? "" : ",";
      options.data += word;
    } else if (found->set == word) {
      options.flags |= found->flag;
    } else {
      options.flags &= ~found->flag;
    }
  }
  return options;
}
