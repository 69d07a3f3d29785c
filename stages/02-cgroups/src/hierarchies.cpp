// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/cgroups/hierarchies.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "control_file.hpp"

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::cgroups {
namespace {

/// The mount options of a v1 hierarchy that are not names of controllers.
constexpr std::array<std::string_view, 9> plain_options = {"rw",
                                                           "ro",
                                                           "noprefix",
                                                           "xattr",
                                                           "clone_children",
                                                           "cpuset_v2_mode",
                                                           "nsdelegate",
                                                           "favordynmods",
                                                           "none"};

/// mountinfo writes blank, tab, newline and backslash as \ooo.
std::string unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      const int code = (text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                       (text[i + 3] - '0');
      plain += static_cast<char>(code);
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

std::vector<std::string> controllers_among(std::string_view options) {
  std::vector<std::string> controllers;
  for (const std::string_view option : split(options, ",")) {
    if (std::ranges::find(plain_options, option) == plain_options.end() &&
        !option.starts_with("release_agent=")) {
      controllers.emplace_back(option);
    }
  }
  return controllers;
}

std::optional<Hierarchy> parse_line(std::string_view line) {
  // Most lines are other file systems: they are not looked at further.
  const std::size_t dash = line.find(" - cgroup");
  if (dash == std::string_view::npos) {
    return std::nullopt;
  }
  const auto before = split(line.substr(0, dash), " ");
  const auto after = split(line.substr(dash + 3), " \n");
  if (before.size() < 5 || after.size() < 3 ||
      (after[0] != "cgroup" && after[0] != "cgroup2")) {
    return std::nullopt;
  }
  Hierarchy found{.mount_point = unescape(before[4])};
  found.unified = after[0] == "cgroup2";
  if (!found.unified) {
    found.controllers = controllers_among(after[2]);
  }
  return found;
}

/// A hierarchy mounted twice is one hierarchy.
bool is_known(const std::vector<Hierarchy>& known, const Hierarchy& found) {
  return std::ranges::any_of(known, [&](const Hierarchy& other) {
    return other.unified == found.unified &&
           other.controllers == found.controllers;
  });
}

}  // namespace

bool has(const Hierarchy& hierarchy, std::string_view controller) {
  const auto& all = hierarchy.controllers;
  return std::ranges::find(all, controller) != all.end();
}

Hierarchies Hierarchies::from_mountinfo(std::string_view text) {
  Hierarchies result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1);
    auto found = parse_line(text.substr(0, end + 1));
    text.remove_prefix(end + 1);
    if (found && !is_known(result.all_, *found)) {
      result.all_.push_back(*std::move(found));
    }
  }
  if (result.all_.empty()) {
    throw Error(
        {.code = ENOENT, .call = "read /proc/self/mountinfo"},
        "find the cgroup hierarchies (mount cgroup2 on /sys/fs/cgroup)");
  }
  const bool unified = std::ranges::any_of(result.all_, &Hierarchy::unified);
  // A named v1 hierarchy has no controllers: beside a v2 tree it is only
  // somebody's book-keeping, such as OpenRC's or systemd's.
  const bool legacy = std::ranges::any_of(result.all_, [](const Hierarchy& h) {
    return std::ranges::any_of(h.controllers, [](const std::string& name) {
      return !name.starts_with("name=");
    });
  });
  if (unified && !legacy) {
    std::erase_if(result.all_, [](const Hierarchy& h) { return !h.unified; });
    result.version_ = Version::v2;
  } else {
    result.version_ = unified ? Version::hybrid : Version::v1;
  }
  return result;
}

Hierarchies Hierarchies::detect() {
  return from_mountinfo(must(sys::read_file("/proc/self/mountinfo", 16U << 20),
                             "read the mount table"));
}

}  // namespace docker_cpp::cgroups
