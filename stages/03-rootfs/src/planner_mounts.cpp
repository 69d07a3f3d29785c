// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <string_view>

#include <climits>

#include "foreign_tree.hpp"
#include "planner.hpp"

#include "docker_cpp/rootfs/copy_tree.hpp"
#include "docker_cpp/rootfs/root_fd.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::rootfs {
namespace {

/// File systems that live in memory: "ro" is a property of the mount alone.
constexpr std::array<std::string_view, 6> without_device = {
    "proc", "sysfs", "mqueue", "devpts", "tmpfs", "ramfs"};

bool is_bind(const MountSpec& mount, const MountOptions& options) {
  return options.bind || mount.type == "bind" || mount.type == "rbind";
}

std::string describe(const MountSpec& mount, const MountOptions& options) {
  const std::string what = is_bind(mount, options) ? mount.source : mount.type;
  return "mount " + what + " on " + mount.destination;
}

/// Below a volume, where another container may be changing links.
sys::UniqueFd open_subpath(const MountSpec& mount, const std::string& subpath) {
  const RootFd volume =
      must(RootFd::of(mount.source), "open bind source path " + mount.source);
  return must(volume.open(subpath, O_PATH),
              "open the subpath " + subpath + " of " + mount.source);
}

sys::UniqueFd open_source(const MountSpec& mount, const MountOptions& options) {
  if (!options.subpath.empty()) {
    return open_subpath(mount, options.subpath);
  }
  auto source = sys::open(mount.source.c_str(),
                          O_PATH | (options.source_no_follow ? O_NOFOLLOW : 0));
  if (!source && source.error().code == ENOENT) {
    // Docker's words.
    throw Error(source.error(),
                "bind source path does not exist: " + mount.source);
  }
  return must(std::move(source), "open bind source path " + mount.source);
}

bool is_directory(int fd, const std::string& doing) {
  struct stat info{};
  must(sys::check_void(::fstat(fd, &info), "fstat"), doing);
  return S_ISDIR(info.st_mode);
}

/// How the copy of a mount of the host relates to the original. Nobody asked:
/// not at all.
AttributeChange propagation_of(const MountOptions& options) {
  switch (options.propagation) {
    case MS_SHARED:
    case MS_SLAVE:
    case MS_UNBINDABLE:
      return {.propagation = options.propagation};
    default:
      return {.propagation = MS_PRIVATE};
  }
}

void set_bind_attributes(int tree, const MountOptions& options, Tree extent,
                         const std::string& doing) {
  AttributeChange all = propagation_of(options);
  all.set |= options.recursive_attributes.set;
  all.clear |= options.recursive_attributes.clear;
  if (extent == Tree::one_mount) {
    all.set |= options.attributes.set;
    all.clear |= options.attributes.clear;
  }
  must(set_mount_attributes(tree, all, extent), doing);
  if (extent == Tree::recursive &&
      (options.attributes.set | options.attributes.clear) != 0) {
    must(set_mount_attributes(
             tree,
             {.set = options.attributes.set, .clear = options.attributes.clear},
             Tree::one_mount),
         doing);
  }
}

std::uint32_t mapped(std::uint32_t id,
                     const std::vector<namespaces::IdRange>& map) {
  for (const namespaces::IdRange& range : map) {
    if (id >= range.inside && id - range.inside < range.count) {
      return range.outside + (id - range.inside);
    }
  }
  return id;
}

/// A group of the container, as the host counts: the terminals are mounted
/// from outside its user namespace.
FsParameter as_host_counts(FsParameter parameter, const RootPlan& plan) {
  if ((parameter.key != "gid" && parameter.key != "uid") || !parameter.value) {
    return parameter;
  }
  std::uint32_t id = 0;
  const char* end = parameter.value->data() + parameter.value->size();
  if (std::from_chars(parameter.value->data(), end, id).ptr == end) {
    parameter.value = std::to_string(
        mapped(id, parameter.key == "gid" ? plan.gid_map : plan.uid_map));
  }
  return parameter;
}

/// The whole of it, and the files that lxcfs emulates: runc's list.
bool may_be_in_proc(std::string_view path) {
  constexpr std::array<std::string_view, 11> known = {
      "proc",
      "proc/cpuinfo",
      "proc/diskstats",
      "proc/meminfo",
      "proc/stat",
      "proc/swaps",
      "proc/uptime",
      "proc/loadavg",
      "proc/slabinfo",
      "proc/sys/kernel/ns_last_pid",
      "proc/sys/crypto/fips_enabled"};
  return std::ranges::find(known, path) != known.end();
}

}  // namespace

void Planner::plan_mount(const MountSpec& mount) {
  auto options = parse_mount_options(mount.options);
  if (!options) {
    throw Error({.code = EINVAL, .call = "options"},
                "mount on " + mount.destination + ": " + options.error());
  }
  std::string doing = describe(mount, *options);
  const Spec spec{.mount = &mount,
                  .options = *std::move(options),
                  .path = clean_path(mount.destination),
                  .doing = std::move(doing)};
  if (spec.path.empty() || mount.destination.find('\0') != std::string::npos) {
    throw Error({.code = EINVAL, .call = "destination"},
                spec.doing + ": not a place below the root");
  }
  const bool mapped = spec.options.map_ids || !mount.id_maps.uids.empty() ||
                      !mount.id_maps.gids.empty();
  if (mapped && !is_bind(mount, spec.options)) {
    throw Error({.code = EINVAL, .call = "idmap"},
                spec.doing + ": only bind mounts can be id-mapped");
  }
  if (spec.options.remount) {
    plan_remount(spec);
  } else if (is_bind(mount, spec.options)) {
    plan_bind(spec);
  } else if (mount.type == "cgroup" || mount.type == "cgroup2") {
    plan_cgroups(spec);
  } else if (mount.type == "devpts" && plan_->console) {
    plan_terminals(spec);
  } else if (mount.type == "tmpfs") {
    spec.options.copy_up ? plan_copied_tmpfs(spec) : plan_tmpfs(spec);
  } else {
    plan_filesystem(spec);
  }
}

void Planner::push(MountStep step, const Spec& spec, Place::Want want) {
  step.place = place(spec.path, want, spec.doing);
  step.place.no_follow = spec.options.target_no_follow;
  if (want == Place::Want::ordinary_directory) {
    step.place.not_ordinary =
        keep(spec.doing + ": must be mounted on ordinary directory");
  }
  if (!may_be_in_proc(spec.path)) {
    step.place.inside_proc =
        keep(spec.doing + ": cannot be mounted because it is inside /proc");
  }
  step.doing = step.place.doing;
  forget_bases(spec.path);
  steps_->mounts.push_back(step);
}

/// What is mounted now covers what was mounted there before.
void Planner::forget_bases(const std::string& path) {
  std::erase_if(bases_, [&path](const Base& base) {
    return base.path == path || base.path.starts_with(path + "/");
  });
}

/// "copy-symlink": a source that is a link becomes such a link.
bool Planner::plan_copied_link(const Spec& spec) {
  char target[PATH_MAX];
  const ssize_t length =
      ::readlink(spec.mount->source.c_str(), target, sizeof target);
  if (!spec.options.copy_link || length < 0) {
    return false;
  }
  plan_link("/" + spec.path,
            std::string(target, static_cast<std::size_t>(length)))
      .exact = true;
  return true;
}

/// \oci{runtime,config,mounts} "idmap": the mount's own maps, else the
/// container's.
void Planner::map_ids(int tree, const Spec& spec) {
  namespaces::IdMaps maps = spec.mount->id_maps;
  if (!spec.options.map_ids && maps.uids.empty() && maps.gids.empty()) {
    return;
  }
  if (maps.uids.empty() && maps.gids.empty()) {
    maps = {.uids = plan_->uid_map, .gids = plan_->gid_map};
  }
  if (maps.uids.empty() || maps.gids.empty()) {
    throw Error({.code = EINVAL, .call = "idmap"},
                spec.doing +
                    ": neither the mount nor the container has "
                    "uidMappings and gidMappings");
  }
  const sys::UniqueFd users = namespaces::make_user_namespace(maps);
  must(map_mount_ids(
           tree, users.get(),
           spec.options.map_ids_recursive ? Tree::recursive : Tree::one_mount),
       spec.doing);
}

void Planner::plan_bind(const Spec& spec) {
  if (plan_copied_link(spec)) {
    return;
  }
  const sys::UniqueFd source = open_source(*spec.mount, spec.options);
  const bool recursive =
      spec.options.recursive_bind || spec.mount->type == "rbind";
  const Tree extent = recursive ? Tree::recursive : Tree::one_mount;
  auto copy = clone_tree(source.get(), "", extent);
  sys::UniqueFd tree =
      !copy && copy.error().code == EINVAL
          ? clone_foreign_tree(spec.mount->source, source.get(), extent)
          : must(std::move(copy), spec.doing);
  set_bind_attributes(tree.get(), spec.options, extent, spec.doing);
  map_ids(tree.get(), spec);
  const Place::Want want = is_directory(source.get(), spec.doing)
                               ? Place::Want::directory
                               : Place::Want::file;
  push({.action = MountStep::Action::attach, .tree = hold(std::move(tree))},
       spec, want);
}

void Planner::plan_remount(const Spec& spec) {
  MountStep step{.action = MountStep::Action::remount};
  step.change = {.set = spec.options.attributes.set,
                 .clear = spec.options.attributes.clear,
                 .propagation = spec.options.propagation};
  step.place = place(spec.path, Place::Want::file, spec.doing);  // any kind
  step.doing = step.place.doing;
  steps_->mounts.push_back(step);
}

MountStep Planner::created(const Spec& spec) {
  MountStep step{.action = MountStep::Action::create};
  step.type = keep(spec.mount->type);
  std::vector<Parameter>& parameters = steps_->parameter_lists.emplace_back();
  if (!spec.mount->source.empty()) {
    parameters.push_back({.key = "source", .value = keep(spec.mount->source)});
  }
  for (const FsParameter& parameter : spec.options.parameters) {
    parameters.push_back(
        {.key = keep(parameter.key),
         .value = parameter.value ? keep(*parameter.value) : nullptr});
  }
  const bool labelled =
      spec.mount->type == "tmpfs" || spec.mount->type == "devpts";
  if (labelled && !plan_->mount_label.empty()) {
    parameters.push_back({.key = "context", .value = keep(plan_->mount_label)});
  }
  step.attributes =
      spec.options.attributes.set | spec.options.recursive_attributes.set;
  const bool in_memory = std::ranges::find(without_device, spec.mount->type) !=
                         without_device.end();
  if (is_read_only(spec.options) && !in_memory) {
    parameters.push_back({.key = "ro", .value = nullptr});
  }
  step.parameters = parameters;
  step.change.propagation = spec.options.propagation;
  return step;
}

void Planner::plan_filesystem(const Spec& spec) {
  // runc refuses proc and sysfs on anything but an ordinary directory: a link
  // there has been used to have the masks land elsewhere (CVE-2019-19921).
  const bool ordinary =
      spec.mount->type == "proc" || spec.mount->type == "sysfs";
  push(created(spec), spec,
       ordinary ? Place::Want::ordinary_directory : Place::Want::directory);
}

sys::UniqueFd Planner::mount_here(const MountStep& step) {
  const sys::UniqueFd context = must(fs_open(step.type), step.doing);
  for (const Parameter& parameter : step.parameters) {
    must(fs_set(context.get(), parameter.key, parameter.value),
         std::string(step.doing) + " with " + parameter.key);
  }
  must(fs_create(context.get()), step.doing);
  return must(fs_mount(context.get(), step.attributes), step.doing);
}

void Planner::plan_copied_tmpfs(const Spec& spec) {
  MountStep step = created(spec);
  step.doing = keep(spec.doing);
  const bool read_only = (step.attributes & MOUNT_ATTR_RDONLY) != 0;
  step.attributes &= ~static_cast<std::uint64_t>(MOUNT_ATTR_RDONLY);
  sys::UniqueFd mount = mount_here(step);
  const auto copy = [&] {
    const RootFd from(
        must(sys::open_at(steps_->root, ".", O_PATH), spec.doing));
    const RootFd into(must(sys::open_at(mount.get(), ".", O_PATH), spec.doing));
    copy_up(from, spec.path, into);
  };
  plan_->charged ? plan_->charged(copy) : copy();
  if (read_only) {
    must(set_mount_attributes(mount.get(), {.set = MOUNT_ATTR_RDONLY},
                              Tree::one_mount),
         spec.doing);
  }
  push({.action = MountStep::Action::attach, .tree = hold(std::move(mount))},
       spec, Place::Want::directory);
}

/// The terminals are mounted by the parent, so that the container's own can be
/// opened here and its master need not be handed over from inside.
void Planner::plan_terminals(const Spec& spec) {
  Spec here = spec;
  for (FsParameter& parameter : here.options.parameters) {
    parameter = as_host_counts(std::move(parameter), *plan_);
  }
  MountStep step = created(here);
  step.doing = keep(spec.doing);
  sys::UniqueFd mount = mount_here(step);
  console_ = namespaces::open_pty(mount.get());
  if (!plan_->uid_map.empty()) {
    must(sys::check_void(
             ::fchown(console_.slave.get(), mapped(0, plan_->uid_map),
                      static_cast<gid_t>(-1)),
             "fchown"),
         "give the terminal to the container's root");
  }
  push({.action = MountStep::Action::attach, .tree = hold(std::move(mount))},
       spec, Place::Want::directory);
  devpts_base_ = add_base(spec.path);
  steps_->mounts.back().becomes_base = devpts_base_;
}

}  // namespace docker_cpp::rootfs
