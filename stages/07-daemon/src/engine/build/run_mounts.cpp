// SPDX-License-Identifier: Apache-2.0
#include "run_mounts.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "../folders.hpp"
#include "mount_places.hpp"

#include "docker_cpp/dockerfile/glob.hpp"
#include "docker_cpp/images/build_copy.hpp"
#include "docker_cpp/rootfs/mount_api.hpp"
#include "docker_cpp/rootfs/overlay.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::daemon {
namespace {

using Type = dockerfile::RunMount::Type;
using Sharing = dockerfile::RunMount::Sharing;

void add_bind(CreateRequest& request, const std::string& source,
              const std::string& target, bool writable) {
  request.host_config.mounts.push_back({.type = "bind",
                                        .source = source,
                                        .target = target,
                                        .read_only = !writable});
}

}  // namespace

RunMounts::RunMounts(StageBuild& stage, const dockerfile::Instruction& in)
    : stage_(stage) {
  for (const std::string& text : in.values("mount")) {
    auto mount = dockerfile::parse_run_mount(stage_.expand(text));
    if (!mount) {
      throw BuildFailure("invalid --mount: " + mount.error());
    }
    if (!mount->target.empty()) {
      const std::string& workdir = stage_.now_.image.config.working_dir;
      mount->target = dockerfile::clean_path(
          mount->target.starts_with('/') ? mount->target
                                         : "/" + workdir + "/" + mount->target);
      if (mount->target == "/") {
        throw BuildFailure("invalid mount target \"/\"");
      }
    }
    mounts_.push_back(*std::move(mount));
  }
}

RunMounts::~RunMounts() {
  for (const std::string& path : attached_) {
    ::umount2(path.c_str(), MNT_DETACH);
  }
}

Strings RunMounts::key() const {
  Strings parts;
  for (const Mount& mount : mounts_) {
    parts.push_back(std::to_string(static_cast<int>(mount.type)));
    parts.push_back(mount.target + "\n" + mount.id + "\n" + mount.env +
                    (mount.writable ? "w" : "r"));
    if (mount.type == Type::bind) {
      const rootfs::RootFd root = root_of(mount);
      images::CopyRules rules;
      rules.keep_owner = true;
      images::CopySource source(root);
      source.add(mount.source.empty() ? "/" : "/" + mount.source, rules);
      parts.push_back(source.digest(rules).hex());
    }
  }
  return parts;
}

rootfs::RootFd RunMounts::root_of(const Mount& mount) const {
  if (const rootfs::RootFd* context = stage_.build_.context(mount.from)) {
    return must(context->sub_root("/"), "open the build context");
  }
  return rootfs::RootFd(stage_.mount_other(mount.from));
}

void RunMounts::attach(CreateRequest& request) {
  for (const Mount& mount : mounts_) {
    switch (mount.type) {
      case Type::bind:
        attach_bind(mount, request);
        break;
      case Type::cache:
        attach_cache(mount, request);
        break;
      case Type::tmpfs:
        request.host_config.tmpfs[mount.target] =
            mount.size == 0 ? "exec"
                            : "exec,size=" + std::to_string(mount.size);
        break;
      case Type::secret:
        attach_secret(mount, request);
        break;
      case Type::ssh:
        attach_agent(mount, request);
        break;
    }
  }
}

std::string RunMounts::attach_handle(int mount, bool folder) {
  std::string place = stage_.build_.fresh_folder() + "/m";
  sys::UniqueFd target;
  if (folder) {
    make_folder(place, 0700);
    target = open_folder(place);
  } else {
    target = must(sys::open(place.c_str(), O_RDWR | O_CREAT | O_EXCL, 0600),
                  "make the place of a mount");
  }
  must(rootfs::attach_mount(mount, target.get()),
       "attach a mount of the build");
  attached_.push_back(place);
  return place;
}

void RunMounts::attach_bind(const Mount& mount, CreateRequest& request) {
  const rootfs::RootFd root = root_of(mount);
  const std::string source = "/" + mount.source;
  auto handle = root.open(source, O_PATH);
  if (!handle) {
    throw BuildFailure("failed to compute cache key: \"" + source +
                       "\": not found");
  }
  struct stat status{};
  must(sys::check_void(::fstat(handle->get(), &status), "fstat"), source);
  const bool folder = S_ISDIR(status.st_mode);
  if (!folder || !mount.writable) {
    const auto clone =
        must(rootfs::clone_tree(handle->get(), "", rootfs::Tree::one_mount),
             "mount " + source);
    add_bind(request, attach_handle(clone.get(), folder), mount.target, false);
    return;
  }
  // Writable, but what is written is nobody's: an overlay that goes away.
  const auto clone =
      must(rootfs::clone_tree(handle->get(), "", rootfs::Tree::one_mount),
           "mount " + source);
  const std::string below = attach_handle(clone.get(), true);
  const auto step = stage_.build_.session.begin_step({});
  const auto overlay = rootfs::mount_overlay({.lower = {below},
                                              .upper = step.upper,
                                              .work = step.work,
                                              .durable = false});
  add_bind(request, attach_handle(overlay.get(), true), mount.target, true);
}

void RunMounts::attach_cache(const Mount& mount, CreateRequest& request) {
  const auto use = mount.sharing == Sharing::shared ? CacheMounts::Use::shared
                   : mount.sharing == Sharing::locked
                       ? CacheMounts::Use::locked
                       : CacheMounts::Use::exclusive;
  leases_.push_back(stage_.build_.caches.take(
      mount.id, use, mount.mode.value_or(0755),
      {.uid = mount.uid, .gid = mount.gid}, [this] { stage_.build_.check(); }));
  add_bind(request, leases_.back()->path(), mount.target, mount.writable);
}

std::string RunMounts::write_secret(const Mount& mount,
                                    const std::string& content) {
  const std::string path = stage_.build_.fresh_folder() + "/secret";
  const auto file =
      must(sys::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0400),
           "write the secret " + mount.id);
  must(sys::write_all(file.get(), content), "write the secret " + mount.id);
  must(sys::check_void(::fchown(file.get(), mount.uid, mount.gid), "fchown"),
       "write the secret " + mount.id);
  must(sys::check_void(::fchmod(file.get(), mount.mode.value_or(0400)),
                       "fchmod"),
       "write the secret " + mount.id);
  return path;
}

void RunMounts::attach_secret(const Mount& mount, CreateRequest& request) {
  const auto content = stage_.build_.secret(mount.id);
  if (!content) {
    if (mount.required) {
      throw BuildFailure("secret " + mount.id + ": not found");
    }
    return;
  }
  if (!mount.env.empty()) {
    request.config.env.push_back(mount.env + "=" + *content);
  }
  if (!mount.target.empty()) {
    add_bind(request, write_secret(mount, *content), mount.target, false);
  }
}

void RunMounts::attach_agent(const Mount& mount, CreateRequest& request) {
  const auto found = stage_.build_.request.agents.find(mount.id);
  if (found == stage_.build_.request.agents.end()) {
    if (mount.required) {
      throw BuildFailure("invalid empty ssh agent: unset ssh key \"" +
                         mount.id + "\"");
    }
    return;
  }
  add_bind(request, found->second, mount.target, true);
  request.config.env.push_back("SSH_AUTH_SOCK=" + mount.target);
}

std::string RunMounts::make_places(const CreateRequest& request) {
  std::vector<MountPlace> places = default_places();
  for (const MountRequest& mount : request.host_config.mounts) {
    struct stat status{};
    const bool folder =
        ::stat(mount.source.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
    places.push_back({.path = mount.target, .folder = folder});
  }
  for (const auto& [target, options] : request.host_config.tmpfs) {
    places.push_back({.path = target, .folder = true});
  }
  const std::string folder =
      stage_.build_.session.path() + "/" + stage_.fresh_name();
  make_folder(folder, 0755);
  const rootfs::RootFd layer(open_folder(folder));
  const rootfs::RootFd root(stage_.mount_layers(nullptr));
  for (const MountPlace& place : places) {
    add_place(root, layer, place);
  }
  copy_attributes(root, "/", layer, "/");
  return folder;
}

}  // namespace docker_cpp::daemon
