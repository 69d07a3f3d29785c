// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include "create_body_parts.hpp"

#include "docker_cpp/cli/create_parts.hpp"
#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli {
namespace {

/// "./src:/dst" names a folder of this machine: the daemon needs all of it.
std::string absolute_source(const std::string& volume) {
  const auto [source, rest] = cut(volume, ':');
  const bool relative = source == "." || source == ".." ||
                        source.starts_with("./") || source.starts_with("../");
  if (!relative) {
    return volume;
  }
  auto path = std::filesystem::absolute(source).lexically_normal().string();
  if (path.size() > 1 && path.ends_with('/')) {
    path.pop_back();
  }
  return path + ":" + rest;
}

void add_volume(const std::string& volume, Value& body, Value& host) {
  if (volume.empty()) {
    throw Failure("invalid empty volume spec");
  }
  if (volume.find(':') == std::string::npos) {
    body.member("Volumes").set(volume, Value::object());
    return;
  }
  for (const auto& section : split(volume, ":")) {
    if (section.empty()) {
      throw Failure("invalid spec: " + volume +
                    ": empty section between colons");
    }
  }
  host.member("Binds").append(absolute_source(volume));
}

void add_storage_options(const Arguments& arguments, Value& host) {
  for (const auto& option : arguments.list("storage-opt")) {
    const auto [key, value] = cut(option, '=');
    if (option.find('=') == std::string::npos) {
      throw Failure("invalid storage option");
    }
    host.member("StorageOpt").set(key, value);
  }
}

}  // namespace

void add_storage(const Arguments& arguments, Value& body, Value& host,
                 const std::string& socket_path) {
  for (const auto& volume : arguments.list("volume")) {
    add_volume(volume, body, host);
  }
  for (const auto& mount : arguments.list("mount")) {
    auto value = parse_mount(mount);
    if (!value) {
      throw Failure(value.error());
    }
    host.member("Mounts").append(*std::move(value));
  }
  if (arguments.flag("use-api-socket")) {
    host.member("Mounts").append(Value::object()
                                     .set("Type", "bind")
                                     .set("Source", socket_path)
                                     .set("Target", "/var/run/docker.sock"));
  }
  for (const auto& tmpfs : arguments.list("tmpfs")) {
    const auto [path, options] = cut(tmpfs, ':');
    host.member("Tmpfs").set(path, options);
  }
  set_text(arguments, "volume-driver", host, "VolumeDriver");
  set_list(arguments, "volumes-from", host, "VolumesFrom");
  add_storage_options(arguments, host);
}

}  // namespace docker_cpp::cli
