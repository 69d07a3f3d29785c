// SPDX-License-Identifier: Apache-2.0
#include "foreign_config.hpp"

#include <nlohmann/json.hpp>

#include "oci_config.hpp"

#include "docker_cpp/daemon/api_error.hpp"
#include "docker_cpp/security/seccomp_profile.hpp"

namespace docker_cpp::daemon {
namespace {

using nlohmann::json;

json rule_part(const security::SeccompRule& rule) {
  json out = {{"names", rule.names}, {"action", rule.action}};
  if (rule.errno_return) {
    out["errnoRet"] = *rule.errno_return;
  }
  for (const security::SeccompArgument& argument : rule.arguments) {
    out["args"].push_back({{"index", argument.index},
                           {"op", argument.op},
                           {"value", argument.value},
                           {"valueTwo", argument.value_two}});
  }
  return out;
}

json profile_part(const security::SeccompProfile& profile) {
  json out = {{"defaultAction", profile.default_action},
              {"architectures", profile.architectures},
              {"syscalls", json::array()}};
  if (profile.default_errno_return) {
    out["defaultErrnoRet"] = *profile.default_errno_return;
  }
  if (!profile.flags.empty()) {
    out["flags"] = profile.flags;
  }
  for (const security::SeccompRule& rule : profile.rules) {
    out["syscalls"].push_back(rule_part(rule));
  }
  return out;
}

}  // namespace

std::string with_seccomp(const std::string& config_json,
                         const HostConfig& host) {
  const SecurityOptions options = security_options(host);
  if (options.unconfined_seccomp) {
    return config_json;
  }
  const std::uint64_t capabilities = capabilities_of(host);
  auto profile = options.seccomp_profile.empty()
                     ? std::expected<security::SeccompProfile, std::string>(
                           security::default_profile(capabilities))
                     : security::parse_seccomp_profile(options.seccomp_profile,
                                                       capabilities);
  if (!profile) {
    throw ApiError(ErrorCode::invalid_argument,
                   "Decoding seccomp profile failed: " + profile.error());
  }
  json config = json::parse(config_json);
  config["linux"]["seccomp"] = profile_part(*profile);
  return config.dump();
}

}  // namespace docker_cpp::daemon
