// SPDX-License-Identifier: Apache-2.0
#include "oci_config.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "oci_parts.hpp"

#include "docker_cpp/daemon/api_error.hpp"
#include "docker_cpp/rootfs/root_plan.hpp"
#include "docker_cpp/security/capabilities.hpp"

namespace docker_cpp::daemon {
namespace {

constexpr std::string_view default_path =
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

bool has_key(const Strings& env, std::string_view key) {
  return std::ranges::any_of(env, [&](std::string_view entry) {
    return entry.starts_with(key) && entry.substr(key.size()).starts_with('=');
  });
}

/// What is set for a program besides the container's own environment.
struct Around {
  std::string hostname;
  Strings links;  ///< which the container's own settings replace
  Strings more;   ///< which replace the container's own
  bool tty = false;
};

/// A later setting of a name replaces the earlier one.
Strings environment(const Container& container, const Around& around) {
  Strings env;
  const auto set = [&](const std::string& entry) {
    const std::string key = entry.substr(0, entry.find('='));
    std::erase_if(env, [&](const std::string& old) {
      return old.substr(0, old.find('=')) == key;
    });
    env.push_back(entry);
  };
  if (!has_key(container.config.env, "PATH")) {
    set(std::string(default_path));
  }
  set("HOSTNAME=" + around.hostname);
  if (around.tty) {
    set("TERM=xterm");
  }
  for (const Strings* list :
       {&around.links, &container.config.env, &around.more}) {
    for (const std::string& entry : *list) {
      if (entry.find('=') != std::string::npos) {
        set(entry);
      }
    }
  }
  return env;
}

json capability_sets(std::uint64_t mask) {
  const Strings names = security::capability_names(mask);
  return {{"bounding", names}, {"effective", names}, {"permitted", names}};
}

void add_console_size(json& process, const std::array<std::uint16_t, 2>& size) {
  if (process.at("terminal").get<bool>() && size[0] != 0 && size[1] != 0) {
    process["consoleSize"] = {{"height", size[0]}, {"width", size[1]}};
  }
}

Strings arguments(const Container& container, const OciContext& context) {
  if (context.init.empty()) {
    return container.args;
  }
  Strings args = {std::string(init_path), "--"};
  args.insert(args.end(), container.args.begin(), container.args.end());
  return args;
}

json process(const Container& container, const OciContext& context) {
  const HostConfig& host = container.host_config;
  const SecurityOptions options = security_options(host);
  json value = {
      {"terminal", container.config.tty},
      {"user", user_part(container.config.user, host.group_add)},
      {"args", arguments(container, context)},
      {"env", environment(container, {.hostname = context.hostname,
                                      .links = context.link_environment,
                                      .tty = container.config.tty})},
      {"cwd", container.config.working_dir.empty()
                  ? "/"
                  : container.config.working_dir},
      {"capabilities", capability_sets(capabilities_of(host))},
      {"rlimits", rlimits_part(host.ulimits)},
      {"noNewPrivileges", options.no_new_privileges},
  };
  add_console_size(value, host.console_size);
  if (host.oom_score_adj != 0) {
    value["oomScoreAdj"] = host.oom_score_adj;
  }
  if (!options.apparmor_profile.empty()) {
    value["apparmorProfile"] = options.apparmor_profile;
  }
  return value;
}

json linux_part(const Container& container, const OciContext& context) {
  const HostConfig& host = container.host_config;
  json value = {
      {"cgroupsPath", context.cgroup},
      {"namespaces", namespaces_part(host, context)},
      {"resources", resources_part(host)},
      {"devices", devices_part(host)},
      {"sysctl", sysctls_part(host)},
  };
  if (!host.privileged) {
    value["maskedPaths"] =
        host.masked_paths.value_or(rootfs::default_masked_paths());
    value["readonlyPaths"] =
        host.readonly_paths.value_or(rootfs::default_read_only_paths());
  }
  return value;
}

std::uint64_t adjusted(const HostConfig& host) {
  const auto mask = security::adjust_capabilities(
      security::default_capabilities(), host.cap_add, host.cap_drop);
  if (!mask) {
    throw ApiError(ErrorCode::invalid_argument, mask.error());
  }
  return *mask;
}

}  // namespace

std::uint64_t capabilities_of(const HostConfig& host) {
  if (host.privileged) {
    return security::grantable_capabilities();
  }
  return adjusted(host) & security::grantable_capabilities();
}

SecurityOptions security_options(const HostConfig& host) {
  SecurityOptions options;
  options.unconfined_seccomp = host.privileged;
  for (const std::string& text : host.security_opt) {
    // Docker takes key=value and, as it once was, key:value.
    const std::size_t end = text.find_first_of("=:");
    const std::string key = text.substr(0, end);
    const std::string value =
        end == std::string::npos ? "" : text.substr(end + 1);
    if (key == "no-new-privileges") {
      options.no_new_privileges = value.empty() || value == "true";
    } else if (key == "seccomp") {
      options.unconfined_seccomp =
          options.unconfined_seccomp || value == "unconfined";
      options.seccomp_profile =
          value == "unconfined" || value == "builtin" ? "" : value;
    } else if (key == "apparmor") {
      options.apparmor_profile = value == "unconfined" ? "" : value;
    } else if (key != "label" && key != "systempaths" &&
               key != "writable-cgroups") {
      throw ApiError(ErrorCode::invalid_argument,
                     "invalid --security-opt 2: \"" + text + "\"");
    }
  }
  return options;
}

bool wants_bridge(const HostConfig& host) {
  const std::string& mode = host.network_mode;
  return mode != "none" && mode != "host" && !mode.starts_with("container:");
}

std::string oci_config(const Container& container, const OciContext& context) {
  json value = {
      {"ociVersion", "1.2.0"},
      {"process", process(container, context)},
      {"root",
       {{"path", "rootfs"},
        {"readonly", container.host_config.readonly_rootfs}}},
      {"mounts", mounts_part(container, context)},
      {"linux", linux_part(container, context)},
  };
  if (container.host_config.uts_mode != "host") {
    value["hostname"] = context.hostname;
    if (!container.config.domainname.empty()) {
      value["domainname"] = container.config.domainname;
    }
  }
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string oci_process(const Container& container, const Exec& exec) {
  const HostConfig& host = container.host_config;
  std::string cwd = exec.working_dir;
  if (cwd.empty()) {
    cwd = container.config.working_dir.empty() ? "/"
                                               : container.config.working_dir;
  }
  const std::string hostname = container.config.hostname.empty()
                                   ? container.id.substr(0, 12)
                                   : container.config.hostname;
  json value = {
      {"terminal", exec.tty},
      {"user", user_part(exec.user.empty() ? container.config.user : exec.user,
                         host.group_add)},
      {"args", exec.args},
      {"env",
       environment(container,
                   {.hostname = hostname, .more = exec.env, .tty = exec.tty})},
      {"cwd", cwd},
      {"capabilities",
       capability_sets(exec.privileged ? security::grantable_capabilities()
                                       : capabilities_of(host))},
      {"rlimits", rlimits_part(host.ulimits)},
      {"noNewPrivileges", security_options(host).no_new_privileges},
  };
  add_console_size(value, exec.console_size);
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace docker_cpp::daemon
