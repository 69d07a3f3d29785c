// SPDX-License-Identifier: Apache-2.0
#include "oci_root.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "docker_cpp/cgroups/join.hpp"
#include "docker_cpp/namespaces/user_namespace.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::oci {
namespace {

std::string root_path(const Spec& spec, const std::string& bundle) {
  if (!spec.root || spec.root->path.empty()) {
    throw SpecError("root.path", "is missing");
  }
  const std::string& path = spec.root->path;
  return path.starts_with('/') ? path : bundle + "/" + path;
}

std::vector<rootfs::DeviceNode> devices_of(const Spec& spec) {
  std::vector<rootfs::DeviceNode> all = rootfs::default_devices();
  for (const rootfs::DeviceNode& device : spec.linux_spec.devices) {
    std::erase_if(all, [&](const rootfs::DeviceNode& other) {
      return other.path == device.path;
    });
    all.push_back(device);
  }
  return all;
}

/// In a process of its own, which joins the cgroup first. This one has a
/// single thread, so its copy may use the heap.
void run_charged(const cgroups::Cgroup& cgroup,
                 const std::function<void()>& work) {
  const cgroups::JoinCgroup join(cgroup);
  const pid_t pid =
      must(sys::check(::fork(), "fork"), "copy what a tmpfs begins with");
  if (pid == 0) {
    int code = 0;
    try {
      must(join.in_child(), join.name());
      for (const cgroups::ControlDirectory& one : cgroup.directories()) {
        if (one.hierarchy.unified) {
          must(sys::write_control_at(one.fd.get(), "cgroup.procs", "0"),
               join.name());
        }
      }
      work();
    } catch (const std::system_error& error) {
      code = error.code().value();
    }
    ::_exit(code);
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) == -1 && errno == EINTR) {
  }
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : ENOMEM;
  if (code != 0) {
    throw Error({.code = code, .call = "copy"},
                "copy what a tmpfs begins with");
  }
}

}  // namespace

bool has_creation_hooks(const Hooks& hooks) {
  return !hooks.prestart.empty() || !hooks.create_runtime.empty() ||
         !hooks.create_container.empty();
}

rootfs::RootPlan root_plan(const Spec& spec, const ProcessSpec& process,
                           const AssemblyOptions& options,
                           const namespaces::IdMaps& maps,
                           const cgroups::Cgroup* cgroup) {
  rootfs::RootPlan plan;
  if (options.overlay) {
    plan.root = *options.overlay;
  } else {
    plan.root = root_path(spec, options.bundle);
  }
  plan.read_only = spec.root && spec.root->readonly;
  plan.propagation = spec.linux_spec.rootfs_propagation;
  plan.mounts = spec.mounts;
  for (rootfs::MountSpec& mount : plan.mounts) {
    const bool relative =
        !mount.source.empty() && !mount.source.starts_with('/');
    if (relative &&
        (mount.type == "bind" || mount.type == "none" || mount.type.empty())) {
      mount.source = options.bundle + "/" + mount.source;
    }
  }
  plan.devices = devices_of(spec);
  plan.masked_paths = spec.linux_spec.masked_paths;
  plan.read_only_paths = spec.linux_spec.readonly_paths;
  plan.working_directory = process.cwd;
  plan.no_pivot = options.no_pivot;
  // Hooks look for the mounts where the bundle says that the root is.
  if (has_creation_hooks(spec.hooks) && !options.overlay) {
    plan.attach_at = root_path(spec, options.bundle);
  }
  plan.console = process.terminal;
  plan.mount_label = spec.linux_spec.mount_label;
  plan.uid_map = maps.uids;
  plan.gid_map = maps.gids;
  if (cgroup != nullptr) {
    plan.cgroup_path = cgroup->path();
    plan.charged = [cgroup](const std::function<void()>& work) {
      run_charged(*cgroup, work);
    };
  }
  return plan;
}

std::string cgroup_path_of(const Spec& spec, const std::string& id) {
  const std::string& path = spec.linux_spec.cgroups_path;
  if (path.empty()) {
    return "/docker-cpp/" + id;
  }
  if (("/" + path + "/").find("/../") != std::string::npos) {
    throw SpecError("linux.cgroupsPath", "must not contain \"..\"");
  }
  // Where a relative path starts is for the runtime to say.
  return path.starts_with('/') ? path : "/docker-cpp/" + path;
}

cgroups::SystemdUnit systemd_unit_of(const Spec& spec, const std::string& id) {
  auto unit = cgroups::parse_systemd_unit(spec.linux_spec.cgroups_path, id);
  if (!unit) {
    throw SpecError("linux.cgroupsPath", unit.error());
  }
  constexpr std::string_view prefix = "org.systemd.property.";
  for (const auto& [key, value] : spec.annotations) {
    if (!key.starts_with(prefix)) {
      continue;
    }
    const std::string name = key.substr(prefix.size());
    if (auto good = cgroups::check_systemd_property(name, value); !good) {
      throw SpecError("annotations." + key, good.error());
    }
    unit->properties.emplace(name, value);
  }
  return *std::move(unit);
}

rootfs::RootFd root_of(pid_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/root";
  return rootfs::RootFd(must(sys::open(path.c_str(), O_PATH | O_DIRECTORY),
                             "open the container's /"));
}

sys::UniqueFd devpts_of(const rootfs::RootFd& root) {
  auto folder = must(root.open("dev/pts", O_PATH | O_DIRECTORY),
                     "open the container's /dev/pts");
  struct statfs info{};
  must(sys::check_void(::fstatfs(folder.get(), &info), "fstatfs"), "/dev/pts");
  if (info.f_type != DEVPTS_SUPER_MAGIC) {
    throw Error({.code = ENODEV, .call = "fstatfs"},
                "the container's /dev/pts is no devpts: no terminal there");
  }
  return folder;
}

namespaces::IdMaps id_maps_of(pid_t pid) {
  const std::string process = "/proc/" + std::to_string(pid);
  struct stat theirs{};
  struct stat ours{};
  must(sys::check_void(::stat((process + "/ns/user").c_str(), &theirs), "stat"),
       "look at the container's user namespace");
  // Within one namespace the files tell of its parent's ids, which are not
  // what a call from inside takes: user_namespaces(7).
  if (::stat("/proc/self/ns/user", &ours) == 0 &&
      theirs.st_ino == ours.st_ino && theirs.st_dev == ours.st_dev) {
    return {};
  }
  const auto read = [&process](const char* map) {
    const std::string path = process + map;
    return namespaces::parse_id_map(
        must(sys::read_file(path.c_str()), "read " + path).c_str());
  };
  return {.uids = read("/uid_map"), .gids = read("/gid_map")};
}

namespaces::IdMaps id_maps(const LinuxSpec& linux_spec) {
  const NamespaceSpec* users =
      find_namespace(linux_spec, namespaces::Kind::user);
  if (users == nullptr || users->path.empty()) {
    return {.uids = linux_spec.uid_mappings, .gids = linux_spec.gid_mappings};
  }
  return namespaces::maps_of(
      namespaces::open_namespace(namespaces::Kind::user, users->path).fd.get());
}

uid_t outside(const std::vector<namespaces::IdRange>& map, uid_t inside,
              const char* property) {
  if (map.empty()) {
    return inside;
  }
  for (const namespaces::IdRange& range : map) {
    if (inside >= range.inside && inside - range.inside < range.count) {
      return range.outside + (inside - range.inside);
    }
  }
  throw SpecError(property, std::to_string(inside) +
                                " is not mapped in the user namespace");
}

}  // namespace docker_cpp::oci
