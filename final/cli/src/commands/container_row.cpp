// SPDX-License-Identifier: Apache-2.0
#include "commands/container_row.hpp"

#include <algorithm>
#include <tuple>
#include <vector>

#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/cli/times.hpp"
#include "docker_cpp/cli/units.hpp"

namespace docker_cpp::cli {
namespace {

struct Port {
  std::int64_t inside;
  std::string ip;
  std::int64_t outside;
  std::string type;

  auto operator<=>(const Port&) const = default;
};

struct PortGroup {
  std::string ip;
  std::string type;
  std::int64_t first;
  std::int64_t last;
};

std::string with_ip(const std::string& ip, const std::string& port) {
  return (ip.find(':') == std::string::npos ? ip : "[" + ip + "]") + ":" + port;
}

std::string shown(const PortGroup& group) {
  auto range = std::to_string(group.first);
  if (group.last != group.first) {
    range += "-" + std::to_string(group.last);
  }
  if (!group.ip.empty()) {
    range = with_ip(group.ip, range) + "->" + range;
  }
  return range + "/" + group.type;
}

std::vector<Port> sorted_ports(const Value& ports) {
  std::vector<Port> all;
  for (const auto& port : ports.items()) {
    all.push_back({.inside = port["PrivatePort"].number(),
                   .ip = port["IP"].text(),
                   .outside = port["PublicPort"].number(),
                   .type = port["Type"].text()});
  }
  std::ranges::sort(all);
  return all;
}

std::string shown_names(const Value& names, Cut cut) {
  std::vector<std::string> shown;
  for (const auto& name : names.items()) {
    auto plain = name.text();
    if (plain.starts_with('/')) {
      plain.erase(0, 1);
    }
    // A name with a slash is a link's: another container's word for this one.
    if (cut == Cut::no || plain.find('/') == std::string::npos) {
      shown.push_back(std::move(plain));
    }
  }
  return join(shown, ",");
}

std::string shown_labels(const Value& labels) {
  std::vector<std::string> pairs;
  for (const auto& label : labels.members()) {
    pairs.push_back(label.key + "=" + label.value.text());
  }
  std::ranges::sort(pairs);
  return join(pairs, ",");
}

std::string shown_mounts(const Value& mounts, Cut cut) {
  std::vector<std::string> names;
  for (const auto& mount : mounts.items()) {
    const auto& name = mount["Name"].text();
    const auto& shown = name.empty() ? mount["Source"].text() : name;
    names.push_back(cut == Cut::yes ? ellipsis(shown, 15) : shown);
  }
  return join(names, ",");
}

std::string shown_networks(const Value& networks) {
  std::vector<std::string> names;
  for (const auto& network : networks.members()) {
    names.push_back(network.key);
  }
  return join(names, ",");
}

std::string shown_image(const Value& container, Cut cut) {
  const auto& image = container["Image"].text();
  if (image.empty()) {
    return "<no image>";
  }
  if (cut == Cut::no) {
    return image;
  }
  return image == container["ImageID"].text() || image.starts_with("sha256:")
             ? short_id(image)
             : image.substr(0, image.find('@'));
}

std::string shown_size(const Value& container) {
  const auto own =
      human_size(static_cast<double>(container["SizeRw"].number()), 3);
  const auto whole = container["SizeRootFs"].number();
  return whole > 0 ? own + " (virtual " +
                         human_size(static_cast<double>(whole), 3) + ")"
                   : own;
}

std::int64_t local_volumes(const Value& mounts) {
  return std::ranges::count_if(mounts.items(), [](const Value& mount) {
    return mount["Driver"].text() == "local";
  });
}

}  // namespace

std::string shown_ports(const Value& ports) {
  std::vector<std::string> result;
  std::vector<std::string> mappings;
  std::vector<PortGroup> groups;
  for (const auto& port : sorted_ports(ports)) {
    if (!port.ip.empty() && port.outside != port.inside) {
      mappings.push_back(with_ip(port.ip, std::to_string(port.outside)) + "->" +
                         std::to_string(port.inside) + "/" + port.type);
      continue;
    }
    const auto group = std::ranges::find_if(groups, [&](const auto& one) {
      return one.ip == port.ip && one.type == port.type;
    });
    if (group == groups.end()) {
      groups.push_back({port.ip, port.type, port.inside, port.inside});
    } else if (port.inside == group->last + 1) {
      group->last = port.inside;
    } else {
      result.push_back(shown(*group));
      group->first = group->last = port.inside;
    }
  }
  std::ranges::transform(groups, std::back_inserter(result), shown);
  std::ranges::move(mappings, std::back_inserter(result));
  return join(result, ", ");
}

Value container_row(const Value& container, Cut cut) {
  const auto& command = container["Command"].text();
  const auto& id = container["Id"].text();
  const auto created = container["Created"].number();
  const auto age = std::chrono::seconds(now().seconds - created);
  auto row = Value::object();
  row.set("Command", quote(cut == Cut::yes ? ellipsis(command, 20) : command))
      .set("CreatedAt", go_time(created))
      .set("ID", cut == Cut::yes ? short_id(id) : id)
      .set("Image", shown_image(container, cut))
      .set("Labels", shown_labels(container["Labels"]))
      .set("LocalVolumes", std::to_string(local_volumes(container["Mounts"])))
      .set("Mounts", shown_mounts(container["Mounts"], cut))
      .set("Names", shown_names(container["Names"], cut))
      .set("Networks", shown_networks(container["NetworkSettings"]["Networks"]))
      .set("Platform", container["ImageManifestDescriptor"]["platform"])
      .set("Ports", shown_ports(container["Ports"]))
      .set("RunningFor", human_duration(age) + " ago")
      .set("Size", shown_size(container))
      .set("State", container["State"].text())
      .set("Status", container["Status"].text());
  return row;
}

}  // namespace docker_cpp::cli
