// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/cli/units.hpp"
#include "docker_cpp/cli/value.hpp"

/// The values that options of run, create and exec take, turned into the
/// pieces of the Engine API's create body.
namespace docker_cpp::cli {

[[nodiscard]] bool is_ip(const std::string& text);

/// "name:address" or "name=address" as "name:address".
[[nodiscard]] Parsed<std::string> parse_extra_host(const std::string& text);
/// "nofile=1024:2048" as {Name, Hard, Soft}.
[[nodiscard]] Parsed<Value> parse_ulimit(const std::string& text);
/// "/dev/sda:500" as {Path, Weight}.
[[nodiscard]] Parsed<Value> parse_weight(const std::string& text);
/// "/dev/sda:1mb" as {Path, Rate}.
[[nodiscard]] Parsed<Value> parse_rate(const std::string& text);
/// "/dev/sda:100" as {Path, Rate}.
[[nodiscard]] Parsed<Value> parse_count_rate(const std::string& text);
/// "/dev/a:/dev/b:rw" as an entry of HostConfig.Devices.
[[nodiscard]] Parsed<Value> parse_device(const std::string& text);
/// "type=bind,src=/a,dst=/b,ro" as an entry of HostConfig.Mounts.
[[nodiscard]] Parsed<Value> parse_mount(const std::string& text);
/// "on-failure:3" as HostConfig.RestartPolicy.
[[nodiscard]] Parsed<Value> parse_restart(const std::string& text);

/// "KEY=value" stays; "KEY" becomes what the environment has, or stays.
[[nodiscard]] std::string env_entry(const std::string& text);
/// The lines of an --env-file.
[[nodiscard]] Parsed<std::vector<std::string>> read_env_file(
    const std::string& path);
/// The lines of a --label-file.
[[nodiscard]] Parsed<std::vector<std::string>> read_label_file(
    const std::string& path);

struct PortRange {
  unsigned first = 0;
  unsigned last = 0;
};

/// "80-82"; refuses 0 as a container's port and ranges that go down.
[[nodiscard]] Parsed<PortRange> parse_port_range(std::string_view text);

struct PublishedPorts {
  Value exposed;   ///< {"80/tcp": {}}
  Value bindings;  ///< {"80/tcp": [{HostIp, HostPort}]}
};

/// Adds what one -p asks for. \returns what is wrong
[[nodiscard]] std::optional<std::string> publish_port(const std::string& text,
                                                      PublishedPorts& ports);
/// Adds what one --expose asks for. \returns what is wrong
[[nodiscard]] std::optional<std::string> expose_port(const std::string& text,
                                                     PublishedPorts& ports);

}  // namespace docker_cpp::cli
