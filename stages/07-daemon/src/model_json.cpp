// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/daemon/model_json.hpp"

#include "json_fields.hpp"

#include "docker_cpp/daemon/network_json.hpp"

namespace docker_cpp::daemon {
namespace {

using nlohmann::json;

constexpr std::size_t deepest = 64;

/// Go's sentence for text that is no JSON at `byte` (counted from 1).
std::string parse_complaint(std::string_view text, std::size_t byte) {
  if (byte == 0 || byte > text.size()) {
    return "unexpected end of JSON input";
  }
  const std::string found{text.substr(byte - 1, 1)};
  if (byte == 1) {
    return "invalid character '" + found + "' looking for beginning of value";
  }
  return "invalid character '" + found + "' at offset " +
         std::to_string(byte - 1) + " of the JSON text";
}

[[noreturn]] void refuse(const std::string& why) {
  throw ApiError(ErrorCode::invalid_argument, why);
}

/// Counts brackets outside of strings, because the parser itself has no
/// limit and a document is freed by recursion.
void check_depth(std::string_view text) {
  std::size_t depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      i += c == '\\' ? 1 : 0;
      quoted = c != '"';
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      if (++depth > deepest) {
        refuse("json: exceeded max depth");
      }
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
}

}  // namespace

json parse_json(std::string_view text) {
  check_depth(text);
  try {
    return json::parse(text);
  } catch (const json::parse_error& error) {
    refuse(parse_complaint(text, error.byte));
  } catch (const json::exception& error) {
    refuse(error.what());
  }
}

std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

json config_to_json(const Config& config) {
  json out = {
      {"Hostname", config.hostname},
      {"Domainname", config.domainname},
      {"User", config.user},
      {"AttachStdin", config.attach_stdin},
      {"AttachStdout", config.attach_stdout},
      {"AttachStderr", config.attach_stderr},
      {"Tty", config.tty},
      {"OpenStdin", config.open_stdin},
      {"StdinOnce", config.stdin_once},
      {"Env", list_or_null(config.env)},
      {"Cmd", list_or_null(config.cmd)},
      {"Image", config.image},
      {"Volumes", nullptr},
      {"WorkingDir", config.working_dir},
      {"Entrypoint", list_or_null(config.entrypoint)},
      {"OnBuild", nullptr},
      {"Labels", config.labels},
  };
  if (!config.volumes.empty()) {
    out["Volumes"] = set_of(config.volumes);
  }
  if (!config.exposed_ports.empty()) {
    out["ExposedPorts"] = set_of(config.exposed_ports);
  }
  if (!config.stop_signal.empty()) {
    out["StopSignal"] = config.stop_signal;
  }
  if (config.stop_timeout) {
    out["StopTimeout"] = *config.stop_timeout;
  }
  if (config.healthcheck) {
    out["Healthcheck"] = healthcheck_to_json(*config.healthcheck);
  }
  if (!config.shell.empty()) {
    out["Shell"] = config.shell;
  }
  if (!config.on_build.empty()) {
    out["OnBuild"] = config.on_build;
  }
  return out;
}

Config config_from_json(const json& value) {
  const Fields fields(value, "Config");
  Config out;
  fields.read("Hostname", out.hostname);
  fields.read("Domainname", out.domainname);
  fields.read("User", out.user);
  fields.read("AttachStdin", out.attach_stdin);
  fields.read("AttachStdout", out.attach_stdout);
  fields.read("AttachStderr", out.attach_stderr);
  fields.read_set("ExposedPorts", out.exposed_ports);
  fields.read("Tty", out.tty);
  fields.read("OpenStdin", out.open_stdin);
  fields.read("StdinOnce", out.stdin_once);
  fields.read("Env", out.env);
  fields.read_arguments("Cmd", out.cmd);
  fields.read_arguments("Entrypoint", out.entrypoint);
  fields.read("Image", out.image);
  fields.read_set("Volumes", out.volumes);
  fields.read("WorkingDir", out.working_dir);
  fields.read("Labels", out.labels);
  fields.read("StopSignal", out.stop_signal);
  fields.read("StopTimeout", out.stop_timeout);
  fields.read("Shell", out.shell);
  fields.read("OnBuild", out.on_build);
  if (const auto* check = fields.find("Healthcheck")) {
    out.healthcheck = healthcheck_from_json(*check);
  }
  return out;
}

json port_map_to_json(const PortMap& ports) {
  json out = json::object();
  for (const auto& [port, bindings] : ports) {
    json list = json::array();
    for (const auto& binding : bindings) {
      list.push_back(
          {{"HostIp", binding.host_ip}, {"HostPort", binding.host_port}});
    }
    out[port] = list.empty() ? json(nullptr) : std::move(list);
  }
  return out;
}

PortMap port_map_from_json(const json& value) {
  PortMap out;
  const json wrapped = {{"PortBindings", value}};
  const Fields fields(wrapped, "HostConfig");
  fields.each_member("PortBindings", [&](const std::string& port,
                                         const json& bindings) {
    auto& list = out[port];
    const json one = {{"PortBindings", bindings}};
    Fields(one, "HostConfig").each("PortBindings", [&](const json& binding) {
      PortBinding parsed;
      const Fields entry(binding, "PortBinding");
      entry.read("HostIp", parsed.host_ip);
      entry.read("HostPort", parsed.host_port);
      list.push_back(std::move(parsed));
    });
  });
  return out;
}

CreateRequest create_request_from_json(std::string_view body) {
  const json document = parse_json(body);
  const Fields fields(document, "ContainerConfigWrapper");
  CreateRequest out;
  out.config = config_from_json(document);
  if (const auto* host = fields.find("HostConfig")) {
    out.host_config = host_config_from_json(*host);
    std::string driver;
    if (const auto* log = Fields(*host, "HostConfig").find("LogConfig")) {
      Fields(*log, "LogConfig").read("Type", driver);
    }
    out.host_config.log_driver = driver;  // nothing: the daemon's
    out.host_config.runtime.clear();      // the same
    out.host_config.shm_size = 0;
    Fields(*host, "HostConfig").read("ShmSize", out.host_config.shm_size);
    Fields(*host, "HostConfig").read("Runtime", out.host_config.runtime);
  }
  if (const auto* networking = fields.find("NetworkingConfig")) {
    Fields(*networking, "NetworkingConfig")
        .each_member(
            "EndpointsConfig", [&](const std::string& name, const json& value) {
              out.endpoints.push_back(endpoint_request_from_json(name, value));
            });
  }
  fields.read("MacAddress", out.mac_address);
  return out;
}

UpdateRequest update_request_from_json(std::string_view body) {
  const json document = parse_json(body);
  const Fields fields(document, "UpdateConfig");
  UpdateRequest out;
  out.limits = host_config_from_json(document);
  if (const auto* policy = fields.find("RestartPolicy")) {
    std::string name;
    Fields(*policy, "RestartPolicy").read("Name", name);
    if (!name.empty()) {
      out.restart_policy = out.limits.restart_policy;
    }
  }
  fields.read("Env", out.env);
  if (const auto* ports = fields.find("PortBindings")) {
    out.port_bindings = port_map_from_json(*ports);
  }
  return out;
}

ExecRequest exec_request_from_json(std::string_view body) {
  const json document = parse_json(body);
  const Fields fields(document, "ExecConfig");
  ExecRequest out;
  std::optional<Strings> arguments;
  fields.read_arguments("Cmd", arguments);
  out.args = arguments.value_or(Strings{});
  fields.read("Env", out.env);
  fields.read("User", out.user);
  fields.read("WorkingDir", out.working_dir);
  fields.read("DetachKeys", out.detach_keys);
  fields.read_pair("ConsoleSize", out.console_size);
  fields.read("Tty", out.tty);
  fields.read("Privileged", out.privileged);
  fields.read("AttachStdin", out.attach_stdin);
  fields.read("AttachStdout", out.attach_stdout);
  fields.read("AttachStderr", out.attach_stderr);
  return out;
}

}  // namespace docker_cpp::daemon
