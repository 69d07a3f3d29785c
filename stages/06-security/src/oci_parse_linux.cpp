// SPDX-License-Identifier: Apache-2.0
#include <sys/personality.h>

#include <set>

#include "oci_parse.hpp"

namespace docker_cpp::oci {
namespace {

using namespaces::Kind;

constexpr std::array<Word<Kind>, 8> namespace_words = {{
    {"pid", Kind::pid},
    {"network", Kind::network},
    {"mount", Kind::mount},
    {"ipc", Kind::ipc},
    {"uts", Kind::uts},
    {"user", Kind::user},
    {"cgroup", Kind::cgroup},
    {"time", Kind::time},
}};

constexpr std::array<Word<int>, 4> propagation_words = {{
    {"private", 0},
    {"shared", 0},
    {"slave", 0},
    {"unbindable", 0},
}};

constexpr std::array<Word<char>, 4> device_words = {{
    {"c", 'c'},
    {"u", 'c'},  // "unbuffered" is mknod(1)'s other name for it
    {"b", 'b'},
    {"p", 'p'},
}};

constexpr std::array<Word<std::uint64_t>, 2> personality_words = {{
    {"LINUX", PER_LINUX},
    {"LINUX32", PER_LINUX32},
}};

std::vector<NamespaceSpec> read_namespaces(const JsonView& json) {
  std::vector<NamespaceSpec> all;
  for (const JsonView& item : json.items()) {
    NamespaceSpec one{.kind = read_word(item.at("type"), namespace_words),
                      .path = ""};
    item.read("path", one.path);
    if (!one.path.empty() && !one.path.starts_with('/')) {
      item.at("path").refuse("\"" + one.path + "\" is not an absolute path");
    }
    // "If a namespaces field contains duplicated namespaces with same type,
    // the runtime MUST generate an error": config-linux.md.
    if (std::ranges::find(all, one.kind, &NamespaceSpec::kind) != all.end()) {
      item.refuse("asks for a second " + item.at("type").string() +
                  " namespace");
    }
    all.push_back(std::move(one));
  }
  return all;
}

namespaces::TimeOffsets::Offset read_offset(const JsonView& json) {
  namespaces::TimeOffsets::Offset offset;
  json.read("secs", offset.seconds);
  json.read("nanosecs", offset.nanoseconds);
  return offset;
}

rootfs::DeviceNode read_device(const JsonView& json) {
  rootfs::DeviceNode device{};
  device.path = json.at("path").string();
  if (!device.path.starts_with('/')) {
    json.at("path").refuse("\"" + device.path + "\" is not an absolute path");
  }
  device.type = read_word(json.at("type"), device_words);
  if (device.type != 'p') {
    device.major = json.at("major").integer<std::uint32_t>();
    device.minor = json.at("minor").integer<std::uint32_t>();
  }
  device.mode = 0666;
  json.read("fileMode", device.mode);
  device.mode &= 07777U;  // Docker hands over the file type's bits as well
  json.read("uid", device.uid);
  json.read("gid", device.gid);
  return device;
}

std::vector<rootfs::DeviceNode> read_devices(const JsonView& json) {
  std::vector<rootfs::DeviceNode> all;
  for (const JsonView& item : json.items()) {
    all.push_back(read_device(item));
  }
  return all;
}

std::vector<std::string> read_paths(const JsonView& json) {
  std::vector<std::string> all;
  for (const JsonView& item : json.items()) {
    all.push_back(item.string());
    if (!all.back().starts_with('/')) {
      item.refuse("\"" + all.back() + "\" is not an absolute path");
    }
  }
  return all;
}

void read_time(const JsonView& json, LinuxSpec& linux_spec) {
  if (const auto offset = json.find("monotonic")) {
    linux_spec.monotonic_offset = read_offset(*offset);
  }
  if (const auto offset = json.find("boottime")) {
    linux_spec.boottime_offset = read_offset(*offset);
  }
}

/// Which namespaces and users, and that they fit each other.
void read_isolation(const JsonView& json, LinuxSpec& linux_spec) {
  if (const auto wanted = json.find("namespaces")) {
    linux_spec.namespaces = read_namespaces(*wanted);
  }
  if (const auto maps = json.find("uidMappings")) {
    linux_spec.uid_mappings = read_id_maps(*maps);
  }
  if (const auto maps = json.find("gidMappings")) {
    linux_spec.gid_mappings = read_id_maps(*maps);
  }
  const NamespaceSpec* users = find_namespace(linux_spec, Kind::user);
  if (users == nullptr && !linux_spec.uid_mappings.empty()) {
    json.at("uidMappings").refuse("needs a user namespace");
  }
  if (users != nullptr && !users->path.empty() &&
      !linux_spec.uid_mappings.empty()) {
    json.at("uidMappings")
        .refuse("a user namespace that exists has its maps already");
  }
  if (users != nullptr && users->path.empty() &&
      (linux_spec.uid_mappings.empty() || linux_spec.gid_mappings.empty())) {
    json.at("namespaces")
        .refuse("a new user namespace needs uidMappings and gidMappings");
  }
  if (const auto offsets = json.find("timeOffsets")) {
    read_time(*offsets, linux_spec);
    if (find_namespace(linux_spec, Kind::time) == nullptr) {
      offsets->refuse("needs a time namespace");
    }
  }
}

void read_files(const JsonView& json, LinuxSpec& linux_spec) {
  if (const auto devices = json.find("devices")) {
    linux_spec.devices = read_devices(*devices);
  }
  if (const auto paths = json.find("maskedPaths")) {
    linux_spec.masked_paths = read_paths(*paths);
  }
  if (const auto paths = json.find("readonlyPaths")) {
    linux_spec.readonly_paths = read_paths(*paths);
  }
  if (const auto propagation = json.find("rootfsPropagation");
      propagation && !propagation->string().empty()) {
    // Docker and containerd write the recursive forms, which runc accepts.
    linux_spec.rootfs_propagation = propagation->string();
    if (!linux_spec.rootfs_propagation.starts_with('r')) {
      static_cast<void>(read_word(*propagation, propagation_words));
    }
  }
  json.read("mountLabel", linux_spec.mount_label);
}

std::uint64_t read_personality(const JsonView& json) {
  if (const auto flags = json.find("flags"); flags && !flags->items().empty()) {
    flags->refuse("no flag is defined yet");
  }
  return read_word(json.at("domain"), personality_words);
}

}  // namespace

const NamespaceSpec* find_namespace(const LinuxSpec& linux_spec, Kind kind) {
  const auto& all = linux_spec.namespaces;
  const auto found = std::ranges::find(all, kind, &NamespaceSpec::kind);
  return found == all.end() ? nullptr : &*found;
}

std::vector<namespaces::IdRange> read_id_maps(const JsonView& json) {
  std::vector<namespaces::IdRange> all;
  for (const JsonView& item : json.items()) {
    all.push_back({.inside = item.at("containerID").integer<std::uint32_t>(),
                   .outside = item.at("hostID").integer<std::uint32_t>(),
                   .count = item.at("size").integer<std::uint32_t>()});
    if (all.back().count == 0) {
      item.at("size").refuse("must be at least 1");
    }
  }
  return all;
}

LinuxSpec read_linux(const JsonView& json) {
  LinuxSpec linux_spec;
  read_isolation(json, linux_spec);
  read_files(json, linux_spec);
  json.read("cgroupsPath", linux_spec.cgroups_path);
  json.read("sysctl", linux_spec.sysctl);
  if (const auto resources = json.find("resources")) {
    linux_spec.resources = read_resources(*resources);
  }
  if (const auto seccomp = json.find("seccomp")) {
    linux_spec.seccomp = seccomp->text();
  }
  if (const auto personality = json.find("personality")) {
    linux_spec.personality = read_personality(*personality);
  }
  read_machine(json, linux_spec);
  return linux_spec;
}

}  // namespace docker_cpp::oci
