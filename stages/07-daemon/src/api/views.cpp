// SPDX-License-Identifier: Apache-2.0
#include "views.hpp"

#include <sys/stat.h>

#include <charconv>
#include <filesystem>
#include <set>

#include <nlohmann/json.hpp>

#include "docker_cpp/daemon/api_server.hpp"
#include "docker_cpp/daemon/model_json.hpp"

namespace docker_cpp::daemon::api {
namespace {

using nlohmann::json;

json state_view(const Container& container) {
  const auto state = container.state;
  json out = {{"Status", to_string(state)},
              {"Running", state == State::running || state == State::paused ||
                              state == State::restarting},
              {"Paused", state == State::paused},
              {"Restarting", state == State::restarting},
              {"OOMKilled", container.oom_killed},
              {"Dead", state == State::dead},
              {"Pid", container.pid},
              {"ExitCode", container.exit_code},
              {"Error", container.error},
              {"StartedAt", format_time(container.started_at)},
              {"FinishedAt", format_time(container.finished_at)}};
  if (container.health) {
    out["Health"] = health_to_json(*container.health);
  }
  return out;
}

json networks_view(const Container& container) {
  json out = json::object();
  for (const auto& endpoint : container.endpoints) {
    out[endpoint.network] = endpoint_to_json(endpoint);
  }
  return out;
}

/// The old fields, of the default bridge only, beside the new.
json network_view(const Container& container) {
  Endpoint bridge;
  for (const auto& endpoint : container.endpoints) {
    if (endpoint.network == "bridge") {
      bridge = endpoint;
    }
  }
  return {
      {"Bridge", ""},
      {"SandboxID", ""},
      {"SandboxKey", container.pid > 0
                         ? "/proc/" + std::to_string(container.pid) + "/ns/net"
                         : std::string{}},
      {"Ports", port_map_to_json(container.ports)},
      {"HairpinMode", false},
      {"LinkLocalIPv6Address", ""},
      {"LinkLocalIPv6PrefixLen", 0},
      {"SecondaryIPAddresses", nullptr},
      {"SecondaryIPv6Addresses", nullptr},
      {"EndpointID", bridge.endpoint_id},
      {"Gateway", bridge.gateway},
      {"GlobalIPv6Address", bridge.ipv6_address},
      {"GlobalIPv6PrefixLen", bridge.ipv6_prefix_len},
      {"IPAddress", bridge.ip_address},
      {"IPPrefixLen", bridge.ip_prefix_len},
      {"IPv6Gateway", bridge.ipv6_gateway},
      {"MacAddress", bridge.mac_address},
      {"Networks", networks_view(container)}};
}

json mounts_view(const Container& container) {
  json out = json::array();
  for (const auto& mount : container.mounts) {
    out.push_back(mount_point_to_json(mount));
  }
  return out;
}

int port_number(std::string_view text) {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// "80/tcp" with its bindings, one line each; one without any when it is only
/// exposed.
void add_ports(const std::string& port,
               const std::vector<PortBinding>& bindings, json& out) {
  const auto slash = std::min(port.find('/'), port.size());
  const std::string type =
      slash < port.size() ? port.substr(slash + 1) : std::string("tcp");
  const int number = port_number(port.substr(0, slash));
  for (const auto& binding : bindings) {
    out.push_back({{"IP", binding.host_ip},
                   {"PrivatePort", number},
                   {"PublicPort", port_number(binding.host_port)},
                   {"Type", type}});
  }
  if (bindings.empty()) {
    out.push_back({{"PrivatePort", number}, {"Type", type}});
  }
}

json ports_view(const Container& container) {
  json out = json::array();
  const bool up =
      container.state == State::running || container.state == State::paused;
  if (up) {
    for (const auto& [port, bindings] : container.ports) {
      add_ports(port, bindings, out);
    }
    for (const auto& port : container.config.exposed_ports) {
      if (!container.ports.contains(port)) {
        add_ports(port, {}, out);
      }
    }
  }
  return out;
}

json graph_driver(const std::string& upper) {
  const std::string folder = upper.substr(0, upper.rfind('/'));
  return {{"Name", "overlay2"},
          {"Data", {{"UpperDir", upper}, {"WorkDir", folder + "/work"}}}};
}

}  // namespace

std::string layer_folder(const std::string& data_root, const std::string& id) {
  return data_root + "/containers/" + id + "/fs/upper";
}

json inspect_view(const Container& container, const EngineInfo& info) {
  const std::string& data_root = info.data_root;
  // Made anew by each start, so they live with the run.
  const auto run = info.exec_root + "/containers/" + container.id;
  json arguments = json::array();
  for (std::size_t i = 1; i < container.args.size(); ++i) {
    arguments.push_back(container.args[i]);
  }
  return {
      {"Id", container.id},
      {"Created", format_time(container.created)},
      {"Path", container.args.empty() ? std::string{} : container.args[0]},
      {"Args", std::move(arguments)},
      {"State", state_view(container)},
      {"Image", container.image_id},
      {"ResolvConfPath", run + "/resolv.conf"},
      {"HostnamePath", run + "/hostname"},
      {"HostsPath", run + "/hosts"},
      {"LogPath", container.log_path},
      {"Name", "/" + container.name},
      {"RestartCount", container.restart_count},
      {"Driver", "overlay2"},
      {"Platform", "linux"},
      {"MountLabel", ""},
      {"ProcessLabel", ""},
      {"AppArmorProfile", ""},
      {"ExecIDs",
       container.exec_ids.empty() ? json(nullptr) : json(container.exec_ids)},
      {"HostConfig", host_config_to_json(container.host_config)},
      {"GraphDriver", graph_driver(layer_folder(data_root, container.id))},
      {"Mounts", mounts_view(container)},
      {"Config", config_to_json(container.config)},
      {"NetworkSettings", network_view(container)},
  };
}

json list_view(const Container& container, Time now) {
  const auto created = std::chrono::duration_cast<std::chrono::seconds>(
      container.created.time_since_epoch());
  return {
      {"Id", container.id},
      {"Names", {"/" + container.name}},
      {"Image", container.config.image},
      {"ImageID", container.image_id},
      {"Command", command_text(container)},
      {"Created", created.count()},
      {"Ports", ports_view(container)},
      {"Labels", container.config.labels},
      {"State", to_string(container.state)},
      {"Status", status_text(container, now)},
      {"HostConfig", {{"NetworkMode", container.host_config.network_mode}}},
      {"NetworkSettings", {{"Networks", networks_view(container)}}},
      {"Mounts", mounts_view(container)},
  };
}

std::int64_t layer_size(const std::string& folder) {
  std::int64_t total = 0;
  std::set<std::pair<dev_t, ino_t>> counted;  // a file has its size once
  std::error_code error;
  std::filesystem::recursive_directory_iterator at(folder, error);
  for (; !error && at != std::filesystem::end(at); at.increment(error)) {
    struct stat about{};
    if (::lstat(at->path().c_str(), &about) == 0 && S_ISREG(about.st_mode) &&
        (about.st_nlink == 1 ||
         counted.emplace(about.st_dev, about.st_ino).second)) {
      total += about.st_size;
    }
  }
  return total;
}

}  // namespace docker_cpp::daemon::api
