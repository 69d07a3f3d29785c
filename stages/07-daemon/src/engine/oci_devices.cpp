// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <regex>
#include <system_error>

#include "oci_parts.hpp"

#include "docker_cpp/daemon/api_error.hpp"

namespace docker_cpp::daemon {
namespace {

struct HostDevice {
  char type = 'c';
  unsigned major = 0;
  unsigned minor = 0;
  struct stat info{};
};

bool look_at(const std::string& path, HostDevice& device) {
  if (::stat(path.c_str(), &device.info) == -1) {
    return false;
  }
  if (!S_ISCHR(device.info.st_mode) && !S_ISBLK(device.info.st_mode)) {
    return false;
  }
  device.type = S_ISCHR(device.info.st_mode) ? 'c' : 'b';
  device.major = gnu_dev_major(device.info.st_rdev);
  device.minor = gnu_dev_minor(device.info.st_rdev);
  return true;
}

json device_entry(const std::string& path, const HostDevice& device) {
  return {{"path", path},
          {"type", std::string(1, device.type)},
          {"major", device.major},
          {"minor", device.minor},
          {"fileMode", device.info.st_mode & 0777U},
          {"uid", device.info.st_uid},
          {"gid", device.info.st_gid}};
}

json rule(const char* type, json major, json minor, const char* access) {
  json value = {{"allow", true}, {"type", type}, {"access", access}};
  if (!major.is_null()) {
    value["major"] = std::move(major);
  }
  if (!minor.is_null()) {
    value["minor"] = std::move(minor);
  }
  return value;
}

/// "c 42:* rmw"
json rule_of(const std::string& text) {
  static const std::regex form(
      R"(^([acb]) ([0-9]+|\*):([0-9]+|\*) ([rwm]{1,3})$)");
  std::smatch parts;
  if (!std::regex_match(text, parts, form)) {
    throw ApiError(ErrorCode::invalid_argument,
                   "invalid device cgroup rule format: '" + text + "'");
  }
  const auto number = [](const std::string& digits) {
    return digits == "*" ? json(nullptr) : json(std::stoll(digits));
  };
  return rule(parts[1].str().c_str(), number(parts[2]), number(parts[3]),
              parts[4].str().c_str());
}

HostDevice requested(const DeviceRequest& request) {
  HostDevice device;
  if (!look_at(request.path_on_host, device)) {
    const int why = errno == 0 ? ENODEV : errno;
    throw ApiError(
        ErrorCode::internal,
        "error gathering device information while adding custom device \"" +
            request.path_on_host + "\": " +
            (why == ENOENT ? "no such file or directory"
                           : "not a device node"));
  }
  return device;
}

/// Those of the host, for --privileged; the folders of pseudo terminals and
/// shared memory are the container's own.
json all_host_devices() {
  json list = json::array();
  std::error_code error;
  auto walk = std::filesystem::recursive_directory_iterator(
      "/dev", std::filesystem::directory_options::skip_permission_denied,
      error);
  for (; !error && walk != std::filesystem::end(walk); walk.increment(error)) {
    const std::string path = walk->path().string();
    if (walk->is_symlink(error)) {
      continue;
    }
    if (walk->is_directory(error)) {
      if (path == "/dev/pts" || path == "/dev/shm" || path == "/dev/mqueue" ||
          path == "/dev/fd") {
        walk.disable_recursion_pending();
      }
      continue;
    }
    HostDevice device;
    if (path != "/dev/console" && look_at(path, device)) {
      list.push_back(device_entry(path, device));
    }
  }
  return list;
}

}  // namespace

json devices_part(const HostConfig& host) {
  if (host.privileged) {
    return all_host_devices();
  }
  json list = json::array();
  for (const DeviceRequest& request : host.devices) {
    const HostDevice device = requested(request);
    list.push_back(device_entry(request.path_in_container.empty()
                                    ? request.path_on_host
                                    : request.path_in_container,
                                device));
  }
  return list;
}

json device_rules_part(const HostConfig& host) {
  json list = json::array();
  if (host.privileged) {
    list.push_back({{"allow", true}, {"access", "rwm"}});
    return list;
  }
  list.push_back({{"allow", false}, {"access", "rwm"}});
  list.push_back(rule("c", nullptr, nullptr, "m"));
  list.push_back(rule("b", nullptr, nullptr, "m"));
  constexpr std::array memory_minors = {3, 5, 7, 8, 9};  // null zero full …
  for (const int minor : memory_minors) {
    list.push_back(rule("c", 1, minor, "rwm"));
  }
  list.push_back(rule("c", 5, 0, "rwm"));          // tty
  list.push_back(rule("c", 5, 1, "rwm"));          // console
  list.push_back(rule("c", 5, 2, "rwm"));          // ptmx
  list.push_back(rule("c", 136, nullptr, "rwm"));  // pts
  for (const DeviceRequest& request : host.devices) {
    const HostDevice device = requested(request);
    list.push_back(rule(device.type == 'c' ? "c" : "b", device.major,
                        device.minor, request.cgroup_permissions.c_str()));
  }
  for (const std::string& text : host.device_cgroup_rules) {
    list.push_back(rule_of(text));
  }
  return list;
}

json block_io_part(const HostConfig& host) {
  json out = json::object();
  if (host.blkio_weight != 0) {
    out["weight"] = host.blkio_weight;
  }
  const auto add = [&](const char* key, const char* value,
                       const std::vector<BlockDeviceLimit>& limits) {
    for (const BlockDeviceLimit& limit : limits) {
      HostDevice device;
      if (!look_at(limit.path, device) || device.type != 'b') {
        throw ApiError(ErrorCode::invalid_argument,
                       limit.path + " is not a block device of this host");
      }
      out[key].push_back({{"major", device.major},
                          {"minor", device.minor},
                          {value, limit.value}});
    }
  };
  add("weightDevice", "weight", host.blkio_weight_device);
  add("throttleReadBpsDevice", "rate", host.read_bps);
  add("throttleWriteBpsDevice", "rate", host.write_bps);
  add("throttleReadIOPSDevice", "rate", host.read_iops);
  add("throttleWriteIOPSDevice", "rate", host.write_iops);
  return out;
}

}  // namespace docker_cpp::daemon
