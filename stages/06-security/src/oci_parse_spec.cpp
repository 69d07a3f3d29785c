// SPDX-License-Identifier: Apache-2.0
#include "oci_parse.hpp"

namespace docker_cpp::oci {
namespace {

std::vector<Hook> read_hook_list(const JsonView& hooks, const char* moment) {
  std::vector<Hook> all;
  const auto list = hooks.find(moment);
  if (!list) {
    return all;
  }
  for (const JsonView& item : list->items()) {
    Hook hook;
    hook.path = item.at("path").string();
    if (!hook.path.starts_with('/')) {
      item.at("path").refuse("\"" + hook.path + "\" is not an absolute path");
    }
    item.read("args", hook.args);
    item.read("env", hook.env);
    item.read("timeout", hook.timeout);
    if (hook.timeout.value_or(1) <= 0) {
      item.at("timeout").refuse("must be at least 1 second");
    }
    all.push_back(std::move(hook));
  }
  return all;
}

/// 1.x only: another major version may mean something else by the same words.
std::string read_version(const JsonView& json) {
  const std::string version = json.at("ociVersion").string();
  const bool known = version.starts_with("1.") || version.starts_with("0.");
  if (!known || version.find_first_not_of("0123456789", 2) == 2) {
    json.at("ociVersion")
        .refuse("unknown version \"" + version + "\": this is a runtime for " +
                oci_version);
  }
  return version;
}

rootfs::MountSpec read_mount(const JsonView& json) {
  rootfs::MountSpec mount;
  mount.destination = json.at("destination").string();
  if (mount.destination.empty()) {
    json.at("destination").refuse("must not be empty");
  }
  if (!mount.destination.starts_with('/')) {
    // Relative destinations start at "/" since 1.2: config.md, Mounts.
    mount.destination.insert(0, "/");
  }
  json.read("type", mount.type);
  json.read("source", mount.source);
  json.read("options", mount.options);
  if (const auto maps = json.find("uidMappings")) {
    mount.id_maps.uids = read_id_maps(*maps);
  }
  if (const auto maps = json.find("gidMappings")) {
    mount.id_maps.gids = read_id_maps(*maps);
  }
  if (mount.id_maps.uids.empty() != mount.id_maps.gids.empty()) {
    json.refuse("needs both uidMappings and gidMappings, or neither");
  }
  return mount;
}

RootSpec read_root(const JsonView& json) {
  RootSpec root;
  root.path = json.at("path").string();
  json.read("readonly", root.readonly);
  return root;
}

void read_names(const JsonView& json, Spec& spec) {
  json.read("hostname", spec.hostname);
  json.read("domainname", spec.domainname);
  const bool own_names =
      find_namespace(spec.linux_spec, namespaces::Kind::uts) != nullptr;
  for (const char* name : {"hostname", "domainname"}) {
    const auto present = json.find(name);
    if (!present || present->string().empty()) {
      continue;
    }
    if (!own_names) {  // or the host itself would be renamed
      present->refuse("needs a uts namespace");
    }
    if (present->string().size() > 64) {  // __NEW_UTS_LEN
      present->refuse("is longer than 64 bytes");
    }
  }
}

}  // namespace

Hooks read_hooks(const JsonView& json) {
  return {.prestart = read_hook_list(json, "prestart"),
          .create_runtime = read_hook_list(json, "createRuntime"),
          .create_container = read_hook_list(json, "createContainer"),
          .start_container = read_hook_list(json, "startContainer"),
          .poststart = read_hook_list(json, "poststart"),
          .poststop = read_hook_list(json, "poststop")};
}

Spec parse_spec(std::string_view text) {
  const JsonDocument document(text);
  const JsonView json = document.root();
  Spec spec;
  spec.oci_version = read_version(json);
  if (const auto process = json.find("process")) {
    spec.process = read_process(*process);
  }
  if (const auto root = json.find("root")) {
    spec.root = read_root(*root);
  }
  if (const auto mounts = json.find("mounts")) {
    for (const JsonView& mount : mounts->items()) {
      spec.mounts.push_back(read_mount(mount));
    }
  }
  if (const auto hooks = json.find("hooks")) {
    spec.hooks = read_hooks(*hooks);
  }
  json.read("annotations", spec.annotations);
  if (const auto linux_object = json.find("linux")) {
    spec.linux_spec = read_linux(*linux_object);
  }
  read_names(json, spec);
  return spec;
}

ProcessSpec parse_process(std::string_view text) {
  const JsonDocument document(text);
  return read_process(document.root());
}

cgroups::Resources parse_resources(std::string_view text) {
  const JsonDocument document(text);
  return read_resources(document.root());
}

}  // namespace docker_cpp::oci
