// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "create_body_parts.hpp"

#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::cli {
namespace {

std::string capability_name(const std::string& text) {
  auto name = to_upper(text);
  return name == "ALL" || name.starts_with("CAP_") ? name : "CAP_" + name;
}

void add_capabilities(const Arguments& arguments, std::string_view option,
                      Value& host, std::string_view key) {
  for (const auto& capability : arguments.list(option)) {
    host.member(key).append(capability_name(capability));
  }
}

/// A seccomp profile travels as its JSON, not as its path.
std::string seccomp_option(const std::string& path) {
  if (path == "unconfined" || path == "builtin") {
    return "seccomp=" + path;
  }
  const auto text = sys::read_file(path.c_str(), 16U << 20U);
  if (!text) {
    throw Failure("opening seccomp profile (" + path + ") failed: open " +
                  path + ": " + to_lower(::strerror(text.error().code)));
  }
  const auto profile = parse_json(*text);
  if (!profile) {
    throw Failure("compacting json for seccomp profile (" + path +
                  ") failed: " + profile.error());
  }
  return "seccomp=" + print_json(*profile);
}

void add_security_option(const std::string& option, Value& host) {
  if (option == "systempaths=unconfined") {
    host.set("MaskedPaths", Value::array());
    host.set("ReadonlyPaths", Value::array());
    return;
  }
  if (option == "no-new-privileges") {
    host.member("SecurityOpt").append(option);
    return;
  }
  // "seccomp:x" is how it was written before "seccomp=x".
  const auto at = option.find_first_of("=:");
  if (at == std::string::npos) {
    throw Failure("Invalid --security-opt: " + quote(option));
  }
  host.member("SecurityOpt")
      .append(option.substr(0, at) == "seccomp"
                  ? seccomp_option(option.substr(at + 1))
                  : option);
}

/// What a --pid, --uts… may say: nothing, "host", or what `others` holds.
void set_mode(const Arguments& arguments, std::string_view option, Value& host,
              std::string_view key, std::string_view others,
              const char* refusal) {
  const auto mode = arguments.text(option);
  const bool container = mode.starts_with("container:") && mode.size() > 10 &&
                         others == "container:";
  if (!mode.empty() && mode != "host" && mode != others && !container) {
    throw Failure("--" + std::string(option) + ": invalid " + refusal +
                  " mode");
  }
  if (!mode.empty()) {
    host.set(key, mode);
  }
}

}  // namespace

void add_namespaces(const Arguments& arguments, Value& host) {
  set_mode(arguments, "pid", host, "PidMode", "container:", "PID");
  set_mode(arguments, "uts", host, "UTSMode", "host", "UTS");
  set_mode(arguments, "userns", host, "UsernsMode", "host", "USER");
  set_mode(arguments, "cgroupns", host, "CgroupnsMode", "private", "CGROUP");
  set_text(arguments, "ipc", host, "IpcMode");
  set_text(arguments, "cgroup-parent", host, "CgroupParent");
  set_map(arguments, "sysctl", host, "Sysctls");
}

void add_security(const Arguments& arguments, Value& host) {
  add_capabilities(arguments, "cap-add", host, "CapAdd");
  add_capabilities(arguments, "cap-drop", host, "CapDrop");
  set_flag(arguments, "privileged", host, "Privileged");
  set_flag(arguments, "read-only", host, "ReadonlyRootfs");
  set_list(arguments, "group-add", host, "GroupAdd");
  for (const auto& option : arguments.list("security-opt")) {
    add_security_option(option, host);
  }
}

}  // namespace docker_cpp::cli
