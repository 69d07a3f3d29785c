// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "mounts.hpp"
#include "oci_parts.hpp"

#include "docker_cpp/rootfs/mount_options.hpp"
#include "docker_cpp/rootfs/root_plan.hpp"

namespace docker_cpp::daemon {
namespace {

json mount(const std::string& destination, const std::string& type,
           const std::string& source, const Strings& options) {
  return {{"destination", destination},
          {"type", type},
          {"source", source},
          {"options", options}};
}

/// Read-only with all that is mounted below the source, as Docker since 25,
/// unless it is said otherwise.
json bind(const Container& container, const MountPoint& point) {
  const MountRequest* request = request_for(container.host_config, point);
  const bool shallow = request != nullptr &&
                       (request->non_recursive || request->read_only_shallow);
  Strings options = {
      request != nullptr && request->non_recursive ? "bind" : "rbind",
      point.propagation.empty() ? "rprivate" : point.propagation};
  options.emplace_back(point.rw ? "rw" : (shallow ? "ro" : "rro"));
  if (request != nullptr && !request->subpath.empty()) {
    options.push_back(std::string(rootfs::subpath_option) + request->subpath);
  }
  return mount(point.destination, "bind", point.source, options);
}

bool is_mounted(const Container& container, std::string_view destination) {
  return std::ranges::any_of(container.mounts, [&](const MountPoint& m) {
    return m.destination == destination;
  });
}

/// The memory that belongs to the IPC namespace: nothing, the host's, another
/// container's, or a new one.
void add_shared_memory(json& list, const HostConfig& host, Strings options,
                       const OciContext& context) {
  constexpr std::string_view other = "container:";
  if (host.ipc_mode == "none") {
    return;
  }
  if (host.ipc_mode == "host") {
    list.push_back(
        mount("/dev/shm", "bind", "/dev/shm", {"rbind", "rprivate", "rw"}));
    return;
  }
  if (host.ipc_mode.starts_with(other)) {
    const pid_t donor = context.pid_of(host.ipc_mode.substr(other.size()));
    list.push_back(mount(
        "/dev/shm", "bind", "/proc/" + std::to_string(donor) + "/root/dev/shm",
        {"bind", "rprivate", "rw", "nosuid", "noexec", "nodev"}));
    return;
  }
  std::erase_if(options, [](const std::string& option) {
    return option.starts_with("size=");
  });
  options.push_back("size=" + std::to_string(host.shm_size));
  list.push_back(mount("/dev/shm", "tmpfs", "shm", options));
}

/// The kernel's own file systems, as the options change Docker's defaults.
void add_default_mounts(json& list, const Container& container,
                        const OciContext& context) {
  const HostConfig& host = container.host_config;
  for (const rootfs::MountSpec& spec : rootfs::default_mounts()) {
    if (is_mounted(container, spec.destination)) {
      continue;
    }
    Strings options = spec.options;
    if (host.privileged && (spec.type == "sysfs" || spec.type == "cgroup")) {
      std::ranges::replace(options, "ro", "rw");
    }
    if (spec.destination == "/dev/shm") {
      add_shared_memory(list, host, std::move(options), context);
    } else {
      list.push_back(mount(spec.destination, spec.type, spec.source, options));
    }
  }
}

void add_files(json& list, const Container& container,
               const OciContext& context) {
  for (const std::string name : {"resolv.conf", "hostname", "hosts"}) {
    const std::string destination = "/etc/" + name;
    if (!is_mounted(container, destination)) {
      const std::string& folder =
          context.network_files.empty() ? context.files : context.network_files;
      list.push_back(mount(destination, "bind", folder + "/" + name,
                           {"rbind", "rprivate"}));
    }
  }
}

Strings split_options(const std::string& text) {
  Strings options;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    options.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return options;
}

void add_tmpfs(json& list, const HostConfig& host) {
  for (const auto& [destination, text] : host.tmpfs) {
    Strings options = {"noexec", "nosuid", "nodev", "rprivate"};
    for (std::string& option : split_options(text)) {
      options.push_back(std::move(option));
    }
    list.push_back(mount(destination, "tmpfs", "tmpfs", options));
  }
  for (const MountRequest& request : host.mounts) {
    if (request.type != "tmpfs") {
      continue;
    }
    Strings options = {"noexec", "nosuid", "nodev", "rprivate"};
    if (request.tmpfs_size) {
      options.push_back("size=" + std::to_string(*request.tmpfs_size));
    }
    if (request.tmpfs_mode) {
      std::string mode;
      for (std::uint32_t left = *request.tmpfs_mode; left != 0; left >>= 3U) {
        mode.insert(mode.begin(), static_cast<char>('0' + (left & 7U)));
      }
      options.push_back("mode=" + mode);
    }
    if (request.read_only) {
      options.emplace_back("ro");
    }
    for (const Strings& words : request.tmpfs_options) {
      options.push_back(words.size() == 2 ? words[0] + "=" + words[1]
                                          : words.at(0));
    }
    list.push_back(mount(request.target, "tmpfs", "tmpfs", options));
  }
}

std::size_t depth(const std::string& path) {
  return static_cast<std::size_t>(std::ranges::count(path, '/'));
}

}  // namespace

json mounts_part(const Container& container, const OciContext& context) {
  json list = json::array();
  add_default_mounts(list, container, context);
  add_files(list, container, context);
  if (!context.init.empty()) {
    list.push_back(mount(std::string(init_path), "bind", context.init,
                         {"bind", "rprivate", "ro"}));
  }
  add_tmpfs(list, container.host_config);
  std::vector<MountPoint> points = container.mounts;
  // A folder is mounted before what is mounted inside it.
  std::ranges::stable_sort(points, {}, [](const MountPoint& point) {
    return depth(point.destination);
  });
  for (const MountPoint& point : points) {
    if (point.type != "tmpfs") {
      list.push_back(bind(container, point));
    }
  }
  return list;
}

}  // namespace docker_cpp::daemon
