// SPDX-License-Identifier: Apache-2.0
#include "planner.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <unordered_set>
#include <utility>

#include "docker_cpp/rootfs/overlay.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::rootfs {
namespace {

sys::UniqueFd mount_directory(const std::string& directory,
                              unsigned long propagation) {
  const std::string doing = "use " + directory + " as the root";
  const sys::UniqueFd opened =
      must(sys::open(directory.c_str(), O_PATH | O_DIRECTORY), doing);
  sys::UniqueFd tree =
      must(clone_tree(opened.get(), "", Tree::recursive), doing);
  // A copy of a mount hears of the host's mounts, and tells the host of its
  // own, unless it is cut off.
  const unsigned long cut =
      (propagation & MS_SLAVE) != 0 ? MS_SLAVE : MS_PRIVATE;
  must(set_mount_attributes(tree.get(), {.propagation = cut}, Tree::recursive),
       doing);
  return tree;
}

}  // namespace

std::string clean_path(const std::string& path) {
  std::string clean;
  for (std::size_t begin = 0; begin < path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string name = path.substr(begin, end - begin);
    if (name == "..") {
      const std::size_t slash = clean.find_last_of('/');
      clean.resize(slash == std::string::npos ? 0 : slash);
    } else if (!name.empty() && name != ".") {
      clean += (clean.empty() ? "" : "/") + name;
    }
    begin = end + 1;
  }
  return clean;
}

Planner::Planner(const RootPlan& plan)
    : steps_(std::make_unique<ChildSteps>()), plan_(&plan) {}

Planned Planner::run() {
  plan_root();
  for (const MountSpec& mount : plan_->mounts) {
    plan_mount(mount);
  }
  plan_devices();
  plan_console();
  plan_rest();
  steps_->base_fds.assign(base_count_, -1);
  steps_->base_fds[0] = steps_->root;
  steps_->bases = steps_->base_fds;
  return {.steps = std::move(steps_), .console = std::move(console_)};
}

void Planner::plan_root() {
  unsigned long propagation = 0;
  if (!plan_->propagation.empty()) {
    const auto parsed = parse_propagation(plan_->propagation);
    if (!parsed) {
      throw Error({.code = EINVAL, .call = "propagation"},
                  "root file system propagation " + parsed.error());
    }
    propagation = *parsed;
  }
  if (const auto* directory = std::get_if<std::string>(&plan_->root)) {
    steps_->root = hold(mount_directory(*directory, propagation));
  } else {
    steps_->root = hold(mount_overlay(std::get<OverlayRoot>(plan_->root)));
  }
  // What is private or cut off is so already.
  if ((propagation & (MS_SHARED | MS_UNBINDABLE)) != 0) {
    steps_->propagation = propagation;
  }
}

void Planner::plan_rest() {
  steps_->read_only_root = plan_->read_only;
  steps_->no_pivot = plan_->no_pivot;
  if (!plan_->attach_at.empty()) {
    steps_->attach_at = keep(plan_->attach_at);
  }
  for (const std::string& path : plan_->read_only_paths) {
    steps_->read_only_paths.push_back(
        {.path = keep(path), .doing = keep("make " + path + " read-only")});
  }
  std::unordered_set<std::string> masked;
  for (const std::string& path : plan_->masked_paths) {
    if (!masked.insert(clean_path(path)).second) {
      continue;  // once is enough
    }
    steps_->masked_paths.push_back(
        {.path = keep(path), .doing = keep("mask " + path)});
  }
  const std::string& directory = plan_->working_directory;
  steps_->working_directory =
      folder_place(directory, "enter the working directory " + directory);
  steps_->working_directory.may_be_root = true;
}

const char* Planner::keep(std::string text) const {
  return steps_->texts.emplace_back(std::move(text)).c_str();
}

int Planner::hold(sys::UniqueFd handle) const {
  return steps_->handles.emplace_back(std::move(handle)).get();
}

const Planner::Base* Planner::base_above(const std::string& path) const {
  const Base* best = nullptr;
  for (const Base& base : bases_) {
    const bool above = path.starts_with(base.path) &&
                       path.size() > base.path.size() &&
                       path[base.path.size()] == '/';
    if (above && (best == nullptr || base.path.size() > best->path.size())) {
      best = &base;
    }
  }
  return best;
}

Place Planner::place(const std::string& path, Place::Want want,
                     std::string doing) {
  Place made{.want = want, .doing = keep(std::move(doing))};
  std::string below = path;
  if (const Base* base = base_above(path)) {
    made.base = base->index;
    made.fresh = true;
    below = path.substr(base->path.size() + 1);
  }
  std::vector<const char*>& prefixes = steps_->lists.emplace_back();
  std::vector<const char*>& names = steps_->lists.emplace_back();
  std::size_t begin = 0;
  while (begin < below.size()) {
    const std::size_t end = std::min(below.find('/', begin), below.size());
    prefixes.push_back(keep(below.substr(0, end)));
    names.push_back(keep(below.substr(begin, end - begin)));
    begin = end + 1;
  }
  made.path = prefixes.empty() ? "" : prefixes.back();
  made.prefixes = prefixes;
  made.names = names;
  return made;
}

Place Planner::folder_place(const std::string& path, std::string doing) {
  const std::string clean = clean_path(path);
  for (const Base& base : bases_) {
    if (base.path == clean) {
      return {.base = base.index, .doing = keep(std::move(doing))};
    }
  }
  return place(clean, Place::Want::directory, std::move(doing));
}

std::size_t Planner::add_base(const std::string& path) {
  bases_.push_back({.path = path, .index = base_count_});
  return base_count_++;
}

}  // namespace docker_cpp::rootfs
