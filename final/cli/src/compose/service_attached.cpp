// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "compose/normalise.hpp"
#include "compose/service_body.hpp"
#include "file_io.hpp"

#include "docker_cpp/cli/failure.hpp"
#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/cli/units.hpp"

namespace docker_cpp::cli::compose {
namespace {

using Files = std::vector<std::pair<std::string, std::string>>;

std::string container_of(const PlanOptions& options,
                         const std::string& service) {
  for (const auto& [name, id] : options.containers) {
    if (name == service) {
      return id;
    }
  }
  throw Failure("service " + quote(service) +
                " has no container whose namespace could be shared");
}

Value endpoint(const Value& settings, const std::string& service,
               const std::string& container, const PlanOptions& options) {
  std::vector<std::string> aliases = {container};
  if (options.use_aliases) {
    aliases.push_back(service);
    for (const auto& alias : settings["aliases"].items()) {
      aliases.push_back(alias.text());
    }
  }
  auto value = Value::object();
  value.set("Aliases", Value::strings(aliases));
  auto address = Value::object();
  for (const auto& [key, target] : Pairs{{"ipv4_address", "IPv4Address"},
                                         {"ipv6_address", "IPv6Address"}}) {
    if (settings[key].is_string()) {
      address.set(target, settings[key]);
    }
  }
  if (settings["link_local_ips"].size() > 0) {
    address.set("LinkLocalIPs", settings["link_local_ips"]);
  }
  if (address.size() > 0) {
    value.set("IPAMConfig", address);
  }
  if (settings["mac_address"].is_string()) {
    value.set("MacAddress", settings["mac_address"]);
  }
  if (settings["driver_opts"].size() > 0) {
    value.set("DriverOpts", as_mapping(settings["driver_opts"]));
  }
  if (!settings["gw_priority"].is_null()) {
    value.set("GwPriority", Value(whole_number(settings["gw_priority"])));
  }
  return value;
}

/// Highest priority first, then by name: the first gives the default route.
std::vector<std::string> by_priority(const Value& networks) {
  std::vector<std::string> keys;
  for (const auto& [key, settings] : networks.members()) {
    keys.push_back(key);
  }
  std::ranges::sort(keys, [&](const auto& left, const auto& right) {
    const auto first = whole_number(networks[left]["priority"]);
    const auto second = whole_number(networks[right]["priority"]);
    return first != second ? first > second : left < right;
  });
  return keys;
}

Value links_of(const Project& project, const Value& service) {
  auto links = Value::array();
  for (const auto& link : service["links"].items()) {
    const auto [other, alias] = cut(link.text(), ':');
    const auto& name = project.service(other)["container_name"];
    links.append(
        (name.is_string() ? name.text() : project.name + "-" + other + "-1") +
        ":" + (alias.empty() ? other : alias));
  }
  for (const auto& link : service["external_links"].items()) {
    links.append(link);
  }
  return links;
}

class Mounts {
 public:
  Mounts(const Project& project, const Value& service, std::string place)
      : project_(project), service_(service), place_(std::move(place)) {}

  Files run(Value& body, Value& host) {
    for (const auto& mount : service_["volumes"].items()) {
      add(mount);
    }
    references("configs", project_.configs, "/");
    references("secrets", project_.secrets, "/run/secrets/");
    for (const auto& entry : service_["tmpfs"].items()) {
      const auto [path, options] = cut(entry.text(), ':');
      host.member("Tmpfs").set(path, options);
    }
    if (binds_.size() > 0) {
      host.set("Binds", binds_);
    }
    if (mounts_.size() > 0) {
      host.set("Mounts", mounts_);
    }
    if (anonymous_.size() > 0) {
      body.set("Volumes", anonymous_);
    }
    return std::move(files_);
  }

 private:
  void add(const Value& mount) {
    const auto& type = mount["type"].text();
    const auto& target = mount["target"].text();
    if (target.empty()) {
      throw Failure(place_ + ".volumes: a target is missing");
    }
    const auto& source = mount["source"].text();
    if (type == "volume" && source.empty()) {
      anonymous_.set(target, Value::object());
    } else if (type == "bind" && truth(mount["bind"]["create_host_path"])) {
      bind(source, mount);  // only -v's form makes the folder
    } else if (type == "volume" && mount["volume"]["subpath"].is_null()) {
      bind(project_.volume_name(source), mount);
    } else {
      mounts_.append(long_form(mount));
    }
  }

  void bind(const std::string& source, const Value& mount) {
    std::vector<std::string> options = {truth(mount["read_only"]) ? "ro"
                                                                  : "rw"};
    for (const auto* key : {"propagation", "selinux"}) {
      if (mount["bind"][key].is_string()) {
        options.push_back(mount["bind"][key].text());
      }
    }
    if (truth(mount["volume"]["nocopy"])) {
      options.emplace_back("nocopy");
    }
    binds_.append(source + ":" + mount["target"].text() + ":" +
                  join(options, ","));
  }

  Value long_form(const Value& mount) {
    auto value = Value::object();
    const auto& type = mount["type"].text();
    const auto& source = mount["source"].text();
    value.set("Type", type)
        .set("Source", type == "volume" ? project_.volume_name(source) : source)
        .set("Target", mount["target"].text())
        .set("ReadOnly", Value(truth(mount["read_only"])));
    if (mount["bind"]["propagation"].is_string()) {
      value.member("BindOptions")
          .set("Propagation", mount["bind"]["propagation"]);
    }
    if (mount["volume"]["subpath"].is_string()) {
      value.member("VolumeOptions").set("Subpath", mount["volume"]["subpath"]);
    }
    if (type == "tmpfs" && !mount["tmpfs"]["size"].is_null()) {
      value.member("TmpfsOptions")
          .set("SizeBytes",
               Value(parse_bytes(scalar(mount["tmpfs"]["size"])).value_or(0)));
    }
    return value;
  }

  void references(const std::string& section, const Value& pool,
                  const std::string& folder) {
    for (const auto& entry : service_[section].items()) {
      const auto& source = entry["source"].text();
      const auto& asked = entry["target"].text();
      const auto target = asked.starts_with('/')
                              ? asked
                              : folder + (asked.empty() ? source : asked);
      const auto& from = pool[source];
      if (truth(from["external"])) {
        throw Failure("unsupported external " +
                      section.substr(0, section.size() - 1) + " " + source);
      }
      if (from["file"].is_string()) {
        binds_.append(from["file"].text() + ":" + target + ":ro");
      } else if (from["environment"].is_string()) {
        const auto found = project_.variables.find(from["environment"].text());
        if (found == project_.variables.end()) {
          throw Failure("environment variable " +
                        quote(from["environment"].text()) + " required by " +
                        section.substr(0, section.size() - 1) + " " +
                        quote(source) + " is not set");
        }
        files_.emplace_back(target, found->second);
      } else {
        files_.emplace_back(target, scalar(from["content"]));
      }
    }
  }

  const Project& project_;
  const Value& service_;
  std::string place_;
  Value binds_ = Value::array();
  Value mounts_ = Value::array();
  Value anonymous_ = Value::object();
  Files files_;
};

}  // namespace

std::vector<std::pair<std::string, Value>> add_networks(
    const Project& project, const std::string& name,
    const std::string& container, const PlanOptions& options, Value& body,
    Value& host) {
  const auto& service = project.service(name);
  for (const auto& [key, target] : Pairs{{"ipc", "IpcMode"},
                                         {"pid", "PidMode"},
                                         {"network_mode", "NetworkMode"}}) {
    const auto mode = scalar(service[key]);
    if (mode.starts_with("service:")) {
      host.set(target, "container:" + container_of(options, mode.substr(8)));
    } else if (!mode.empty()) {
      host.set(target, mode);
    }
  }
  if (const auto links = links_of(project, service); links.size() > 0) {
    host.set("Links", links);
  }
  for (const auto& from : service["volumes_from"].items()) {
    const auto text = from.text();
    const auto [first, rest] = cut(text, ':');
    host.member("VolumesFrom")
        .append(first == "container" ? rest
                                     : container_of(options, first) +
                                           (rest.empty() ? "" : ":" + rest));
  }
  std::vector<std::pair<std::string, Value>> more;
  if (!service["network_mode"].is_null()) {
    return more;
  }
  for (const auto& key : by_priority(service["networks"])) {
    auto settings =
        endpoint(service["networks"][key], name, container, options);
    const auto network = project.network_name(key);
    if (host["NetworkMode"].is_null()) {
      host.set("NetworkMode", network);
      body.set("NetworkingConfig",
               Value::object().set(
                   "EndpointsConfig",
                   Value::object().set(network, std::move(settings))));
    } else {
      more.emplace_back(network, std::move(settings));
    }
  }
  return more;
}

Files add_mounts(const Project& project, const std::string& name, Value& body,
                 Value& host) {
  return Mounts(project, project.service(name), "services." + name)
      .run(body, host);
}

}  // namespace docker_cpp::cli::compose
