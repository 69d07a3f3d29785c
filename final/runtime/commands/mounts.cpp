// SPDX-License-Identifier: Apache-2.0
// Mounts of a container that runs: `mounts add CONTAINER FILE` and `mounts
// remove CONTAINER FILE`, as crun has them. The file holds the `mounts` of a
// config.json. Each mount is made detached on the host, and then, from within
// the container's mount namespace, moved onto a handle of its destination.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "../command.hpp"

#include "docker_cpp/oci/json_view.hpp"
#include "docker_cpp/rootfs/mount_api.hpp"
#include "docker_cpp/rootfs/mount_options.hpp"
#include "docker_cpp/rootfs/root_fd.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::runtime {
namespace {

using rootfs::MountOptions;
using rootfs::MountSpec;

/// What they show is not the same from inside, where we cannot make them.
constexpr std::array bound_to_namespaces = {"proc",   "sysfs",   "mqueue",
                                            "cgroup", "cgroup2", "devpts"};

std::vector<MountSpec> read_mounts(const std::string& file) {
  const std::string text =
      must(file == "-" ? sys::read_all(0) : sys::read_file(file.c_str()),
           "read " + file);
  const oci::JsonDocument document(text);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const std::string list = first != std::string::npos && text[first] == '['
                               ? text
                               : document.root().at("mounts").text();
  return oci::parse_spec(R"({"ociVersion":"1.0.0","mounts":)" + list + "}")
      .mounts;
}

struct Prepared {
  sys::UniqueFd tree;
  bool directory = true;
  std::string destination;
  std::string doing;
};

MountOptions options_of(const MountSpec& mount) {
  auto options = rootfs::parse_mount_options(mount.options);
  if (!options) {
    throw Refusal("mount on " + mount.destination + ": " + options.error());
  }
  return *std::move(options);
}

Prepared bind(const MountSpec& mount, const MountOptions& options) {
  Prepared made{.tree = {},
                .destination = mount.destination,
                .doing = "mount " + mount.source + " on " + mount.destination};
  const sys::UniqueFd source =
      must(sys::open(mount.source.c_str(), O_PATH), made.doing);
  struct stat info{};
  must(sys::check_void(::fstat(source.get(), &info), "fstat"), made.doing);
  made.directory = S_ISDIR(info.st_mode);
  const auto extent = options.recursive_bind ? rootfs::Tree::recursive
                                             : rootfs::Tree::one_mount;
  made.tree = must(rootfs::clone_tree(source.get(), "", extent), made.doing);
  const std::uint64_t propagation = options.propagation == 0
                                        ? std::uint64_t{MS_PRIVATE}
                                        : options.propagation;
  must(
      rootfs::set_mount_attributes(made.tree.get(),
                                   {.set = options.recursive_attributes.set,
                                    .clear = options.recursive_attributes.clear,
                                    .propagation = propagation},
                                   rootfs::Tree::recursive),
      made.doing);
  must(rootfs::set_mount_attributes(
           made.tree.get(),
           {.set = options.attributes.set, .clear = options.attributes.clear},
           rootfs::Tree::one_mount),
       made.doing);
  return made;
}

Prepared filesystem(const MountSpec& mount, const MountOptions& options) {
  Prepared made{.tree = {},
                .destination = mount.destination,
                .doing = "mount " + mount.type + " on " + mount.destination};
  const sys::UniqueFd context =
      must(rootfs::fs_open(mount.type.c_str()), made.doing);
  if (!mount.source.empty()) {
    must(rootfs::fs_set(context.get(), "source", mount.source.c_str()),
         made.doing);
  }
  for (const auto& [key, value] : options.parameters) {
    must(rootfs::fs_set(context.get(), key.c_str(),
                        value ? value->c_str() : nullptr),
         made.doing + " with " + key);
  }
  must(rootfs::fs_create(context.get()), made.doing);
  made.tree =
      must(rootfs::fs_mount(context.get(), options.attributes.set), made.doing);
  return made;
}

Prepared prepare(const MountSpec& mount) {
  const MountOptions options = options_of(mount);
  if (options.bind || options.recursive_bind || mount.type == "bind") {
    return bind(mount, options);
  }
  for (const char* type : bound_to_namespaces) {
    if (mount.type == type) {
      throw Refusal("mount on " + mount.destination + ": " + mount.type +
                    " cannot be added to a container that runs");
    }
  }
  return filesystem(mount, options);
}

/// From here on this process sees the container's mounts, and nobody there
/// may look into it: namespaces that are joined bring no dumpable mark along.
rootfs::RootFd enter(const Container& container) {
  const std::string folder =
      "/proc/" + std::to_string(container.record().pid) + "/";
  const auto process = container.pidfd();
  auto root = must(sys::open((folder + "root").c_str(), O_PATH | O_DIRECTORY),
                   "open the container's root");
  const auto mounts = must(sys::open((folder + "ns/mnt").c_str(), O_RDONLY),
                           "open the container's mount namespace");
  if (!process || !container.pidfd()) {
    throw Refusal("container not running");
  }
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  must(sys::join_namespace(mounts.get(), CLONE_NEWNS),
       "join the container's mount namespace");
  return rootfs::RootFd(std::move(root));
}

void attach(const rootfs::RootFd& root, const Prepared& mount) {
  const auto target =
      must(mount.directory ? root.make_directories(mount.destination)
                           : root.make_file(mount.destination),
           mount.doing);
  must(rootfs::attach_mount(mount.tree.get(), target.get()), mount.doing);
}

/// By the handle of its folder and its name: a mount point cannot be renamed.
void detach(const rootfs::RootFd& root, const MountSpec& mount) {
  const std::string doing = "unmount " + mount.destination;
  const auto entry = must(root.entry(mount.destination), doing);
  must(sys::check_void(::fchdir(entry.folder.get()), "fchdir"), doing);
  must(sys::check_void(
           ::umount2(entry.name.c_str(), UMOUNT_NOFOLLOW | MNT_DETACH),
           "umount2"),
       doing);
}

}  // namespace

int mounts(Context& context, Arguments arguments) {
  Flags flags;
  const auto words = flags.parse(arguments);
  const bool add = !words.empty() && words[0] == "add";
  if (words.size() != 3 || (!add && words[0] != "remove")) {
    throw UsageError(
        "docker-cpp-runtime: \"mounts\" requires add or remove, a container "
        "and a file");
  }
  const std::vector<MountSpec> wanted = read_mounts(words[2]);
  const Container container =
      Container::open(context.root, words[1], Access::change);
  if (container.status() == oci::Status::stopped) {
    throw Refusal("container not running");
  }
  std::vector<Prepared> prepared;
  if (add) {
    for (const MountSpec& mount : wanted) {
      prepared.push_back(prepare(mount));
    }
  }
  const rootfs::RootFd root = enter(container);
  for (const Prepared& mount : prepared) {
    attach(root, mount);
  }
  for (std::size_t i = wanted.size(); !add && i > 0; --i) {
    detach(root, wanted[i - 1]);
  }
  return 0;
}

}  // namespace docker_cpp::runtime
