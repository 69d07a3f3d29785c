// SPDX-License-Identifier: Apache-2.0
#include "compose/normalise_parts.hpp"

#include <algorithm>
#include <array>

#include "compose/normalise.hpp"

#include "docker_cpp/cli/create_parts.hpp"
#include "docker_cpp/cli/failure.hpp"
#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::compose {
namespace {

/// One -p as docker reads it, in the long form, one entry per port.
void add_short_port(const std::string& text, const std::string& place,
                    Value& list) {
  PublishedPorts ports;
  if (const auto wrong = publish_port(text, ports)) {
    throw Failure(place + ".ports: " + *wrong);
  }
  for (const auto& [inside, bindings] : ports.bindings.members()) {
    const auto [number, protocol] = cut(inside, '/');
    for (const auto& binding : bindings.items()) {
      auto entry = Value::object();
      entry.set("mode", "ingress");
      if (!binding["HostIp"].text().empty()) {
        entry.set("host_ip", binding["HostIp"].text());
      }
      entry.set("target", Value(*parse_integer(number)));
      if (!binding["HostPort"].text().empty()) {
        entry.set("published", binding["HostPort"].text());
      }
      entry.set("protocol", protocol);
      list.append(std::move(entry));
    }
  }
}

Value long_port(const Value& given) {
  auto entry = given;
  if (entry["mode"].is_null()) {
    entry.set("mode", "ingress");
  }
  if (entry["protocol"].is_null()) {
    entry.set("protocol", "tcp");
  }
  entry.set("target", Value(whole_number(entry["target"])));
  if (!entry["published"].is_null()) {
    entry.set("published", scalar(entry["published"]));
  }
  return entry;
}

bool is_path(const std::string& source) {
  return source.starts_with('.') || source.starts_with('/') ||
         source.starts_with('~');
}

void add_mount_option(const std::string& option, Value& mount) {
  constexpr std::array propagations = {"private", "rprivate", "shared",
                                       "rshared", "slave",    "rslave"};
  if (option == "ro") {
    mount.set("read_only", Value(true));
  } else if (option == "z" || option == "Z") {
    mount.member("bind").set("selinux", option);
  } else if (option == "nocopy") {
    mount.member("volume").set("nocopy", Value(true));
  } else if (std::ranges::find(propagations, option) != propagations.end()) {
    mount.member("bind").set("propagation", option);
  }
  // rw, cached, delegated and consistent say what is so anyway.
}

Value short_volume(const std::string& text, const std::string& folder,
                   const std::string& place) {
  const auto parts = split(text, ":");
  if (text.empty() || parts.size() > 3) {
    throw Failure(place + ".volumes: invalid spec: " + text +
                  ": too many colons");
  }
  auto mount = Value::object();
  if (parts.size() == 1) {
    return mount.set("type", "volume")
        .set("target", parts[0])
        .set("volume", Value::object());
  }
  const bool bind = is_path(parts[0]);
  mount.set("type", bind ? "bind" : "volume")
      .set("source", bind ? absolute(parts[0], folder) : parts[0])
      .set("target", parts[1]);
  if (bind) {
    mount.member("bind").set("create_host_path", Value(true));
  } else {
    mount.set("volume", Value::object());
  }
  for (const auto& option : split(parts.size() > 2 ? parts[2] : "", ",")) {
    add_mount_option(option, mount);
  }
  return mount;
}

Value long_volume(const Value& given, const std::string& folder) {
  auto mount = given;
  if (mount["type"].text() == "bind") {
    mount.set("source", absolute(mount["source"].text(), folder));
  }
  return mount;
}

}  // namespace

Value ports_of(const Value& value, const std::string& place) {
  auto list = Value::array();
  for (const auto& entry : value.items()) {
    if (entry.is_object()) {
      list.append(long_port(entry));
    } else {
      add_short_port(scalar(entry), place, list);
    }
  }
  return list;
}

Value volumes_of(const Value& value, const std::string& folder,
                 const std::string& place) {
  auto list = Value::array();
  for (const auto& entry : value.items()) {
    list.append(entry.is_object() ? long_volume(entry, folder)
                                  : short_volume(scalar(entry), folder, place));
  }
  return list;
}

Value references_of(const Value& value) {
  auto list = Value::array();
  for (const auto& entry : value.items()) {
    list.append(entry.is_object()
                    ? entry
                    : Value::object().set("source", scalar(entry)));
  }
  return list;
}

Value extra_hosts(const Value& value) {
  auto list = Value::array();
  for (const auto& item : value.items()) {
    auto text = scalar(item);
    if (const auto colon = text.find(':');
        text.find('=') == std::string::npos && colon != std::string::npos) {
      text[colon] = '=';
    }
    list.append(text);
  }
  for (const auto& [host, addresses] : value.members()) {
    for (const auto& address : as_texts(addresses)) {
      list.append(host + "=" + address);
    }
  }
  return list;
}

}  // namespace docker_cpp::cli::compose
