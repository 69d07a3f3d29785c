// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <utility>

#include "planner.hpp"

#include "docker_cpp/rootfs/mount_options.hpp"
#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::rootfs {
namespace {

std::pair<std::string, std::string> split(const std::string& path) {
  const std::string clean = clean_path(path);
  const std::size_t slash = clean.find_last_of('/');
  if (slash == std::string::npos) {
    return {"", clean};
  }
  return {clean.substr(0, slash), clean.substr(slash + 1)};
}

mode_t type_of(const DeviceNode& device) {
  switch (device.type) {
    case 'c':
    case 'u':
      return S_IFCHR;
    case 'b':
      return S_IFBLK;
    case 'p':
      return S_IFIFO;
    default:
      throw Error({.code = EINVAL, .call = "device type"},
                  "make the device " + device.path + " of type " +
                      std::string(1, device.type));
  }
}

}  // namespace

/// A /dev that is bound from elsewhere is not ours to fill.
bool Planner::devices_are_ours() const {
  bool mounted = false;
  for (const MountSpec& mount : plan_->mounts) {
    if (clean_path(mount.destination) == "dev") {
      mounted = true;
      const auto options = parse_mount_options(mount.options);
      if (mount.type == "bind" || (options && options->bind)) {
        return false;
      }
    }
  }
  return mounted || !plan_->devices.empty();
}

void Planner::plan_devices() {
  if (!devices_are_ours()) {
    return;
  }
  for (const DeviceNode& device : plan_->devices) {
    plan_device(device);
  }
  plan_link("/dev/fd", "/proc/self/fd");
  plan_link("/dev/stdin", "/proc/self/fd/0");
  plan_link("/dev/stdout", "/proc/self/fd/1");
  plan_link("/dev/stderr", "/proc/self/fd/2");
  plan_link("/dev/core", "/proc/kcore");
  plan_link("/dev/ptmx", "pts/ptmx");
}

void Planner::plan_device(const DeviceNode& device) {
  const auto [folder, name] = split(device.path);
  const std::string doing = "make the device " + device.path;
  if (name.empty()) {
    throw Error({.code = EINVAL, .call = "path"}, doing);
  }
  DeviceStep step{.folder = folder_place(folder, doing), .name = keep(name)};
  step.type_and_mode = type_of(device) | (device.mode & 07777);
  step.number =
      S_ISFIFO(step.type_and_mode) ? 0 : makedev(device.major, device.minor);
  step.uid = device.uid;
  step.gid = device.gid;
  step.host_path = keep("/" + clean_path(device.path));
  step.doing = step.folder.doing;
  steps_->devices.push_back(step);
}

LinkStep& Planner::plan_link(const std::string& path,
                             const std::string& target) {
  const auto [folder, name] = split(path);
  LinkStep step{.folder = folder_place(folder, "make the link " + path),
                .name = keep(name),
                .target = keep(target)};
  step.doing = step.folder.doing;
  return steps_->links.emplace_back(step);
}

void Planner::plan_console() {
  if (!plan_->console) {
    return;
  }
  ConsoleStep& step = steps_->console;
  if (!console_.master) {  // no devpts of its own: the host's serves
    console_ = namespaces::open_pty();
    step.tree = hold(must(clone_tree(console_.slave.get(), "", Tree::one_mount),
                          "bind the terminal"));
  }
  if (!devices_are_ours()) {
    return;
  }
  step.wanted = true;
  step.devpts = devpts_base_;
  step.number = keep(std::to_string(console_.number));
  step.place = place("dev/console", Place::Want::file,
                     "bind the terminal on /dev/console");
  step.doing = step.place.doing;
}

}  // namespace docker_cpp::rootfs
