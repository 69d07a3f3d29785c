// SPDX-License-Identifier: Apache-2.0
#include "mount_request_json.hpp"

#include "json_fields.hpp"

namespace docker_cpp::daemon {
namespace {

using nlohmann::json;

void put_if(json& out, const char* key, bool value) {
  if (value) {
    out[key] = true;
  }
}

json bind_options(const MountRequest& mount) {
  json out = json::object();
  if (!mount.propagation.empty()) {
    out["Propagation"] = mount.propagation;
  }
  put_if(out, "NonRecursive", mount.non_recursive);
  put_if(out, "CreateMountpoint", mount.create_source);
  put_if(out, "ReadOnlyNonRecursive", mount.read_only_shallow);
  put_if(out, "ReadOnlyForceRecursive", mount.read_only_required);
  return out;
}

json volume_options(const MountRequest& mount) {
  json out = json::object();
  put_if(out, "NoCopy", mount.no_copy);
  if (!mount.subpath.empty()) {
    out["Subpath"] = mount.subpath;
  }
  if (!mount.volume_labels.empty()) {
    out["Labels"] = mount.volume_labels;
  }
  if (!mount.volume_driver.empty() || !mount.volume_options.empty()) {
    out["DriverConfig"] = {{"Name", mount.volume_driver},
                           {"Options", mount.volume_options}};
  }
  return out;
}

json tmpfs_options(const MountRequest& mount) {
  json out = json::object();
  if (mount.tmpfs_size) {
    out["SizeBytes"] = *mount.tmpfs_size;
  }
  if (mount.tmpfs_mode) {
    out["Mode"] = *mount.tmpfs_mode;
  }
  if (!mount.tmpfs_options.empty()) {
    out["Options"] = mount.tmpfs_options;
  }
  return out;
}

void read_bind(const json& value, MountRequest& out) {
  const Fields fields(value, "BindOptions");
  fields.read("Propagation", out.propagation);
  fields.read("NonRecursive", out.non_recursive);
  fields.read("CreateMountpoint", out.create_source);
  fields.read("ReadOnlyNonRecursive", out.read_only_shallow);
  fields.read("ReadOnlyForceRecursive", out.read_only_required);
}

void read_volume(const json& value, MountRequest& out) {
  const Fields fields(value, "VolumeOptions");
  fields.read("NoCopy", out.no_copy);
  fields.read("Subpath", out.subpath);
  fields.read("Labels", out.volume_labels);
  if (const auto* driver = fields.find("DriverConfig")) {
    const Fields config(*driver, "Driver");
    config.read("Name", out.volume_driver);
    config.read("Options", out.volume_options);
  }
}

void read_tmpfs(const json& value, MountRequest& out) {
  const Fields fields(value, "TmpfsOptions");
  fields.read("SizeBytes", out.tmpfs_size);
  fields.read("Mode", out.tmpfs_mode);
  fields.each("Options", [&](const json& words) {
    Strings option;
    for (const json& word : words) {
      if (!word.is_string()) {
        throw ApiError(ErrorCode::invalid_argument,
                       "TmpfsOptions.Options: words are expected");
      }
      option.push_back(word);
    }
    out.tmpfs_options.push_back(std::move(option));
  });
}

}  // namespace

json mount_to_json(const MountRequest& mount) {
  json out = {{"Type", mount.type}, {"Target", mount.target}};
  if (!mount.source.empty()) {
    out["Source"] = mount.source;
  }
  put_if(out, "ReadOnly", mount.read_only);
  for (auto& [key, options] :
       {std::pair("BindOptions", bind_options(mount)),
        std::pair("VolumeOptions", volume_options(mount)),
        std::pair("TmpfsOptions", tmpfs_options(mount))}) {
    if (!options.empty()) {
      out[key] = options;
    }
  }
  return out;
}

MountRequest mount_from_json(const json& value) {
  const Fields fields(value, "Mount");
  MountRequest out;
  fields.read("Type", out.type);
  fields.read("Source", out.source);
  fields.read("Target", out.target);
  fields.read("ReadOnly", out.read_only);
  if (const auto* bind = fields.find("BindOptions")) {
    read_bind(*bind, out);
  }
  if (const auto* volume = fields.find("VolumeOptions")) {
    read_volume(*volume, out);
  }
  if (const auto* tmpfs = fields.find("TmpfsOptions")) {
    read_tmpfs(*tmpfs, out);
  }
  return out;
}

}  // namespace docker_cpp::daemon
