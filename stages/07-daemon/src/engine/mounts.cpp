// SPDX-License-Identifier: Apache-2.0
#include "mounts.hpp"

#include <algorithm>
#include <array>

#include "docker_cpp/daemon/api_error.hpp"

namespace docker_cpp::daemon {
namespace {

[[noreturn]] void refuse(const std::string& why) {
  throw ApiError(ErrorCode::invalid_argument, why);
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(at);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(end + 1);
  }
}

constexpr std::array propagations = {"private", "rprivate", "shared",
                                     "rshared", "slave",    "rslave"};

void apply_option(MountPoint& mount, std::string_view option,
                  std::string_view whole) {
  if (option == "ro") {
    mount.rw = false;
  } else if (std::ranges::find(propagations, option) != propagations.end()) {
    mount.propagation = option;
  } else if (option != "rw" && option != "z" && option != "Z" &&
             option != "nocopy" && option != "cached" &&
             option != "delegated" && option != "consistent" &&
             !option.empty()) {
    refuse("invalid mode: " + std::string(whole));
  }
}

/// A trailing slash says nothing.
std::string clean(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) {
    path.remove_suffix(1);
  }
  return std::string(path);
}

void set_source(MountPoint& mount, std::string_view source) {
  if (source.starts_with('/')) {
    mount.type = "bind";
    mount.source = clean(source);
    if (mount.propagation.empty()) {
      mount.propagation = "rprivate";
    }
    return;
  }
  mount.type = "volume";
  mount.name = source;
  mount.driver = "local";
}

void check_destination(const std::string& destination, std::string_view whole) {
  if (!destination.starts_with('/')) {
    refuse("invalid volume specification: '" + std::string(whole) +
           "': invalid mount config for type \"bind\": invalid mount path: '" +
           destination + "' mount path must be absolute");
  }
  if (destination == "/") {
    refuse("invalid volume specification: '" + std::string(whole) +
           "': invalid mount config for type \"bind\": invalid specification: "
           "destination can't be '/'");
  }
}

/// Options of one kind of mount on another are a misunderstanding.
void check_request(const MountRequest& request) {
  const std::string config =
      "invalid mount config for type \"" + request.type + "\": ";
  if (request.type == "tmpfs" && !request.source.empty()) {
    refuse(config + "field Source must not be specified");
  }
  if (request.type != "bind" &&
      (!request.propagation.empty() || request.non_recursive)) {
    refuse(config + "field BindOptions must not be specified");
  }
  if (request.type != "volume" &&
      (request.no_copy || !request.subpath.empty() ||
       !request.volume_labels.empty())) {
    refuse(config + "field VolumeOptions must not be specified");
  }
  if (!request.propagation.empty() &&
      std::ranges::find(propagations, request.propagation) ==
          propagations.end()) {
    refuse(config + "invalid propagation: " + request.propagation);
  }
  if (request.target.empty()) {
    refuse(config + "field Target must not be empty");
  }
  if (!request.subpath.empty() &&
      (request.subpath.starts_with('/') ||
       ("/" + request.subpath + "/").find("/../") != std::string::npos)) {
    refuse(config + "subpath must be a relative path within the volume");
  }
}

MountPoint from_request(const MountRequest& request) {
  check_request(request);
  MountPoint mount;
  mount.type = request.type;
  mount.destination = clean(request.target);
  mount.rw = !request.read_only;
  mount.propagation = request.propagation;
  if (request.type == "bind") {
    if (request.source.empty()) {
      refuse(
          "invalid mount config for type \"bind\": field Source must not be "
          "empty");
    }
    if (!request.source.starts_with('/')) {
      refuse("invalid mount config for type \"bind\": invalid mount path: '" +
             request.source + "' mount path must be absolute");
    }
    mount.source = clean(request.source);
    if (mount.propagation.empty()) {
      mount.propagation = "rprivate";
    }
  } else if (request.type == "volume") {
    mount.name = request.source;
    mount.driver = "local";
  } else if (request.type != "tmpfs") {
    refuse("invalid mount config for type \"" + request.type +
           "\": mount type unknown");
  }
  check_destination(mount.destination, request.target);
  return mount;
}

}  // namespace

MountPoint parse_bind(std::string_view text) {
  const auto parts = split(text, ':');
  if (parts.size() < 2 || parts.size() > 3 || parts[0].empty() ||
      parts[1].empty()) {
    refuse("invalid volume specification: '" + std::string(text) + "'");
  }
  MountPoint mount;
  mount.destination = clean(parts[1]);
  check_destination(mount.destination, text);
  if (parts.size() == 3) {
    mount.mode = parts[2];
    for (const std::string_view option : split(parts[2], ',')) {
      apply_option(mount, option, parts[2]);
    }
  }
  set_source(mount, parts[0]);
  return mount;
}

std::vector<MountPoint> requested_mounts(
    const Config& config, const HostConfig& host_config,
    const std::vector<MountPoint>& inherited) {
  std::vector<MountPoint> mounts;
  const auto taken = [&](const std::string& destination) {
    return std::ranges::any_of(mounts, [&](const MountPoint& m) {
      return m.destination == destination;
    });
  };
  const auto add = [&](MountPoint mount) {
    if (taken(mount.destination)) {
      refuse("Duplicate mount point: " + mount.destination);
    }
    mounts.push_back(std::move(mount));
  };
  for (const std::string& bind : host_config.binds) {
    add(parse_bind(bind));
  }
  for (const MountRequest& request : host_config.mounts) {
    add(from_request(request));
  }
  for (const MountPoint& mount : inherited) {
    if (!taken(mount.destination)) {
      mounts.push_back(mount);
    }
  }
  for (const auto& [destination, how] : host_config.tmpfs) {
    if (!destination.starts_with('/')) {
      refuse("invalid mount path: '" + destination +
             "' mount path must be absolute");
    }
  }
  for (const std::string& volume : config.volumes) {
    const std::string destination = clean(volume);
    if (!taken(destination) && !host_config.tmpfs.contains(destination)) {
      MountPoint mount;
      mount.type = "volume";
      mount.driver = "local";
      mount.destination = destination;
      add(std::move(mount));
    }
  }
  return mounts;
}

std::vector<MountPoint> mounts_of_others(
    const Strings& volumes_from,
    const std::function<std::vector<MountPoint>(std::string_view)>& find) {
  std::vector<MountPoint> mounts;
  for (const std::string& one : volumes_from) {
    const auto parts = split(one, ':');
    const bool good = !parts[0].empty() && parts.size() <= 2 &&
                      (parts.size() == 1 || parts[1] == "ro" ||
                       parts[1] == "rw" || parts[1] == "z" || parts[1] == "Z");
    if (!good) {
      refuse("invalid volumes-from specification: '" + one + "'");
    }
    for (MountPoint mount : find(parts[0])) {
      if (mount.type == "tmpfs") {
        continue;
      }
      mount.rw = mount.rw && (parts.size() == 1 || parts[1] != "ro");
      mounts.push_back(std::move(mount));
    }
  }
  return mounts;
}

const MountRequest* request_for(const HostConfig& host_config,
                                const MountPoint& point) {
  const auto found = std::ranges::find_if(
      host_config.mounts, [&](const MountRequest& request) {
        return request.type == point.type &&
               clean(request.target) == point.destination;
      });
  return found == host_config.mounts.end() ? nullptr : &*found;
}

}  // namespace docker_cpp::daemon
