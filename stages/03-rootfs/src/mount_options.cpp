// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/rootfs/mount_options.hpp"

#include <sys/mount.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace docker_cpp::rootfs {
namespace {

/// A word that sets or clears bits of a mount. Access times are one field of
/// the bits, so whoever sets one value clears the field: mount_setattr(2).
struct AttributeWord {
  std::string_view word;
  std::uint64_t set;
  std::uint64_t clear;
};

constexpr std::array attribute_words = {
    AttributeWord{"ro", MOUNT_ATTR_RDONLY, 0},
    AttributeWord{"rw", 0, MOUNT_ATTR_RDONLY},
    AttributeWord{"nosuid", MOUNT_ATTR_NOSUID, 0},
    AttributeWord{"suid", 0, MOUNT_ATTR_NOSUID},
    AttributeWord{"nodev", MOUNT_ATTR_NODEV, 0},
    AttributeWord{"dev", 0, MOUNT_ATTR_NODEV},
    AttributeWord{"noexec", MOUNT_ATTR_NOEXEC, 0},
    AttributeWord{"exec", 0, MOUNT_ATTR_NOEXEC},
    AttributeWord{"nodiratime", MOUNT_ATTR_NODIRATIME, 0},
    AttributeWord{"diratime", 0, MOUNT_ATTR_NODIRATIME},
    AttributeWord{"nosymfollow", MOUNT_ATTR_NOSYMFOLLOW, 0},
    AttributeWord{"symfollow", 0, MOUNT_ATTR_NOSYMFOLLOW},
    AttributeWord{"noatime", MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME},
    AttributeWord{"atime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME},
    AttributeWord{"relatime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME},
    AttributeWord{"norelatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME},
    AttributeWord{"strictatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME},
    AttributeWord{"nostrictatime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME},
};

struct PropagationWord {
  std::string_view word;
  unsigned long flag;
};

constexpr std::array propagation_words = {
    PropagationWord{"private", MS_PRIVATE},
    PropagationWord{"slave", MS_SLAVE},
    PropagationWord{"shared", MS_SHARED},
    PropagationWord{"unbindable", MS_UNBINDABLE},
};

/// Kept by the super block; handed on as fsconfig flags.
constexpr std::array<std::string_view, 7> super_block_words = {
    "sync", "async", "dirsync", "lazytime", "nolazytime", "mand", "nomand"};

/// Known to mount(8) and the specification, without a meaning to the kernel.
constexpr std::array<std::string_view, 5> idle_words = {
    "defaults", "silent", "loud", "iversion", "noiversion"};

const AttributeWord* find_attribute(std::string_view word) {
  const auto* found =
      std::ranges::find(attribute_words, word, &AttributeWord::word);
  return found == attribute_words.end() ? nullptr : found;
}

/// A later word wins over an earlier one, as with mount(8).
void add(Attributes& attributes, const AttributeWord& word) {
  attributes.set = (attributes.set & ~word.clear) | word.set;
  attributes.clear = (attributes.clear & ~word.set) | word.clear;
}

bool take_attribute(std::string_view word, MountOptions& options) {
  if (const AttributeWord* plain = find_attribute(word)) {
    add(options.attributes, *plain);
    return true;
  }
  if (!word.starts_with('r')) {
    return false;
  }
  const AttributeWord* recursive = find_attribute(word.substr(1));
  if (recursive == nullptr) {
    return false;
  }
  add(options.recursive_attributes, *recursive);
  return true;
}

bool take_propagation(const std::string& word, MountOptions& options) {
  const auto flags = parse_propagation(word);
  if (!flags) {
    return false;
  }
  options.propagation = *flags & ~static_cast<unsigned long>(MS_REC);
  options.propagation_recursive = (*flags & MS_REC) != 0;
  return true;
}

bool take_behaviour(std::string_view word, MountOptions& options) {
  if (word == "bind" || word == "rbind") {
    options.bind = true;
    options.recursive_bind = options.recursive_bind || word == "rbind";
  } else if (word == "remount") {
    options.remount = true;
  } else if (word == "tmpcopyup") {
    options.copy_up = true;
  } else if (word.starts_with(subpath_option)) {
    options.subpath = word.substr(subpath_option.size());
  } else if (word == "copy-symlink") {
    options.copy_link = true;
  } else if (word == "idmap" || word == "ridmap") {
    options.map_ids = true;
    options.map_ids_recursive = options.map_ids_recursive || word == "ridmap";
  } else if (word == "src-nofollow") {
    options.source_no_follow = true;
  } else if (word == "dest-nofollow") {
    options.target_no_follow = true;
  } else {
    return std::ranges::find(idle_words, word) != idle_words.end();
  }
  return true;
}

FsParameter parameter_of(const std::string& word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string::npos) {
    return {.key = word, .value = std::nullopt};
  }
  return {.key = word.substr(0, equals), .value = word.substr(equals + 1)};
}

std::expected<void, std::string> check_together(const MountOptions& options) {
  if (!options.bind) {
    return {};
  }
  for (const FsParameter& parameter : options.parameters) {
    if (std::ranges::find(super_block_words, parameter.key) ==
        super_block_words.end()) {
      return std::unexpected("'" + parameter.key +
                             "' is not an option of bind mounts");
    }
  }
  return {};
}

}  // namespace

bool is_read_only(const MountOptions& options) noexcept {
  return ((options.attributes.set | options.recursive_attributes.set) &
          MOUNT_ATTR_RDONLY) != 0;
}

std::expected<unsigned long, std::string> parse_propagation(
    const std::string& word) {
  for (const PropagationWord& known : propagation_words) {
    if (word == known.word) {
      return known.flag;
    }
    if (word.starts_with('r') && word.substr(1) == known.word) {
      return known.flag | MS_REC;
    }
  }
  return std::unexpected("'" + word +
                         "' is not private, slave, shared or unbindable");
}

std::expected<MountOptions, std::string> parse_mount_options(
    const std::vector<std::string>& words) {
  MountOptions options;
  for (const std::string& word : words) {
    if (word.empty()) {
      continue;
    }
    if (word.find('\0') != std::string::npos) {
      return std::unexpected("a mount option holds a NUL");
    }
    if (!take_attribute(word, options) && !take_propagation(word, options) &&
        !take_behaviour(word, options)) {
      options.parameters.push_back(parameter_of(word));
    }
  }
  if (const auto fits = check_together(options); !fits) {
    return std::unexpected(fits.error());
  }
  if (options.bind) {
    options.parameters.clear();
  }
  return options;
}

}  // namespace docker_cpp::rootfs
