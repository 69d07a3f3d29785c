// SPDX-License-Identifier: Apache-2.0
#include "json_fields.hpp"

#include "docker_cpp/daemon/model_json.hpp"

namespace docker_cpp::daemon {
namespace {

using nlohmann::json;

json state_to_json(const Container& container) {
  json out = {{"Status", to_string(container.state)},
              {"Pid", container.pid},
              {"ExitCode", container.exit_code},
              {"Error", container.error},
              {"OOMKilled", container.oom_killed},
              {"RestartCount", container.restart_count},
              {"StoppedByUser", container.stopped_by_user},
              {"StartedAt", format_time(container.started_at)},
              {"FinishedAt", format_time(container.finished_at)}};
  if (container.health) {
    out["Health"] = health_to_json(*container.health);
  }
  return out;
}

/// An endpoint in a record also says which network's it is.
json endpoints_to_json(const std::vector<Endpoint>& endpoints) {
  json out = json::array();
  for (const auto& endpoint : endpoints) {
    auto entry = endpoint_to_json(endpoint);
    entry["Network"] = endpoint.network;
    entry["WantedMac"] = endpoint.wanted_mac;
    entry["WayOut"] = endpoint.way_out;
    out.push_back(std::move(entry));
  }
  return out;
}

json mounts_to_json(const std::vector<MountPoint>& mounts) {
  json out = json::array();
  for (const auto& mount : mounts) {
    out.push_back(mount_point_to_json(mount));
  }
  return out;
}

MountPoint mount_point_from_json(const json& value) {
  const Fields fields(value, "MountPoint");
  MountPoint out;
  fields.read("Type", out.type);
  fields.read("Name", out.name);
  fields.read("Source", out.source);
  fields.read("Destination", out.destination);
  fields.read("Driver", out.driver);
  fields.read("Mode", out.mode);
  fields.read("RW", out.rw);
  fields.read("Propagation", out.propagation);
  return out;
}

Time time_field(const Fields& fields, std::string_view key) {
  std::string text;
  fields.read(key, text);
  if (text.empty()) {
    return {};
  }
  auto time = parse_time(text);
  if (!time) {
    throw ApiError(ErrorCode::invalid_argument, time.error());
  }
  return *time;
}

State state_field(const Fields& fields) {
  std::string name = "created";
  fields.read("Status", name);
  const auto state = parse_state(name);
  if (!state) {
    throw ApiError(ErrorCode::invalid_argument,
                   "unknown container state '" + name + "'");
  }
  return *state;
}

void read_state(const json& value, Container& out) {
  const Fields fields(value, "State");
  out.state = state_field(fields);
  fields.read("Pid", out.pid);
  fields.read("ExitCode", out.exit_code);
  fields.read("Error", out.error);
  fields.read("OOMKilled", out.oom_killed);
  fields.read("RestartCount", out.restart_count);
  fields.read("StoppedByUser", out.stopped_by_user);
  out.started_at = time_field(fields, "StartedAt");
  out.finished_at = time_field(fields, "FinishedAt");
  if (const auto* health = fields.find("Health")) {
    out.health = health_from_json(*health);
  }
}

void read_parts(const Fields& fields, Container& out) {
  if (const auto* config = fields.find("Config")) {
    out.config = config_from_json(*config);
  }
  if (const auto* host = fields.find("HostConfig")) {
    out.host_config = host_config_from_json(*host);
  }
  if (const auto* state = fields.find("State")) {
    read_state(*state, out);
  }
  if (const auto* ports = fields.find("Ports")) {
    out.ports = port_map_from_json(*ports);
  }
  fields.each("Endpoints", [&](const json& value) {
    const Fields endpoint(value, "Endpoint");
    std::string network;
    endpoint.read("Network", network);
    out.endpoints.push_back(endpoint_from_json(network, value));
    endpoint.read("WantedMac", out.endpoints.back().wanted_mac);
    endpoint.read("WayOut", out.endpoints.back().way_out);
  });
  fields.each("Mounts", [&](const json& value) {
    out.mounts.push_back(mount_point_from_json(value));
  });
}

}  // namespace

json mount_point_to_json(const MountPoint& mount) {
  json out = {{"Type", mount.type},
              {"Source", mount.source},
              {"Destination", mount.destination},
              {"Mode", mount.mode},
              {"RW", mount.rw},
              {"Propagation", mount.propagation}};
  if (!mount.name.empty()) {
    out["Name"] = mount.name;
  }
  if (!mount.driver.empty()) {
    out["Driver"] = mount.driver;
  }
  return out;
}

std::string container_to_record(const Container& container) {
  json record = {{"Id", container.id},
                 {"Name", container.name},
                 {"Created", format_time(container.created)},
                 {"ImageId", container.image_id},
                 {"Config", config_to_json(container.config)},
                 {"HostConfig", host_config_to_json(container.host_config)},
                 {"Args", container.args},
                 {"State", state_to_json(container)},
                 {"Endpoints", endpoints_to_json(container.endpoints)},
                 {"Ports", port_map_to_json(container.ports)},
                 {"Mounts", mounts_to_json(container.mounts)},
                 {"LogPath", container.log_path}};
  if (!container.frozen.empty()) {
    record["Frozen"] = container.frozen;
  }
  if (container.own_root) {
    record["OwnRoot"] = true;
  }
  return dump(record);
}

Container container_from_record(std::string_view text) {
  const json document = parse_json(text);
  const Fields fields(document, "Container");
  Container out;
  fields.read("Id", out.id);
  fields.read("Name", out.name);
  out.created = time_field(fields, "Created");
  fields.read("ImageId", out.image_id);
  fields.read("Args", out.args);
  fields.read("LogPath", out.log_path);
  fields.read("Frozen", out.frozen);
  if (document.contains("OwnRoot")) {
    out.own_root.emplace();
  }
  read_parts(fields, out);
  return out;
}

}  // namespace docker_cpp::daemon
