// SPDX-License-Identifier: Apache-2.0
#include "oci_privileges.hpp"

#include <algorithm>
#include <string_view>

#include "docker_cpp/security/user_lookup.hpp"

namespace docker_cpp::oci {
namespace {

security::CapabilityMask mask_of(const std::vector<std::string>& names,
                                 Warnings& warnings) {
  security::CapabilityMask mask = 0;
  for (const std::string& name : names) {
    const auto one = security::parse_capability(name);
    if (one && name.starts_with("CAP_")) {
      mask |= *one;
    } else {
      warnings.push_back("process.capabilities: " + name +
                         " is unknown here, left out");
    }
  }
  return mask;
}

bool has_home(const std::vector<std::string>& env) {
  return std::ranges::any_of(env, [](std::string_view entry) {
    return entry.starts_with("HOME=") && entry != "HOME=";
  });
}

}  // namespace

security::CapabilitySets capability_sets(const ProcessSpec& process,
                                         Warnings& warnings) {
  if (!process.capabilities) {
    return {};
  }
  const CapabilitiesSpec& spec = *process.capabilities;
  Warnings repeated;  // a name unknown in one set is unknown in all
  security::CapabilitySets sets{
      .bounding = mask_of(spec.bounding, warnings),
      .effective = mask_of(spec.effective, repeated),
      .permitted = mask_of(spec.permitted, repeated),
      .inheritable = mask_of(spec.inheritable, repeated),
      .ambient = mask_of(spec.ambient, repeated)};
  const security::CapabilityMask wanted = sets.bounding | sets.permitted;
  const security::CapabilityMask refused =
      wanted & ~security::grantable_capabilities(wanted);
  for (const std::string& name : security::capability_names(refused)) {
    warnings.push_back("process.capabilities: " + name +
                       " cannot be granted here, left out");
  }
  return sets;
}

std::vector<security::ResourceLimit> resource_limits(const ProcessSpec& process,
                                                     Warnings& warnings) {
  std::vector<security::ResourceLimit> limits;
  for (const RlimitSpec& wanted : process.rlimits) {
    security::ResourceLimit limit{
        .resource = wanted.resource, .soft = wanted.soft, .hard = wanted.hard};
    if (limit.soft > limit.hard) {
      throw SpecError("process.rlimits", "the soft limit " +
                                             std::to_string(limit.soft) +
                                             " is above the hard limit " +
                                             std::to_string(limit.hard));
    }
    if (security::clamp_to_grantable(limit)) {
      warnings.push_back("process.rlimits: lowered the hard limit " +
                         std::to_string(wanted.hard) + " to " +
                         std::to_string(limit.hard) +
                         ", the most that can be granted here");
    }
    limits.push_back(limit);
  }
  return limits;
}

security::Credentials::Identity identity(const ProcessSpec& process, int root,
                                         std::vector<std::string>& env) {
  const UserSpec& user = process.user;
  security::Credentials::Identity identity{.uid = user.uid,
                                           .gid = user.gid,
                                           .groups = user.additional_gids,
                                           .umask = user.umask};
  if (user.username.empty() && has_home(env)) {
    return identity;
  }
  const auto files = security::read_account_files(root);
  const auto found = security::look_up_user(
      files, user.username.empty() ? std::to_string(user.uid) : user.username,
      user.groupnames);
  if (!user.username.empty()) {
    if (!found) {
      throw SpecError("process.user.username", found.error());
    }
    identity.uid = found->uid;
    identity.gid = found->gid;
    identity.groups.insert(identity.groups.end(), found->groups.begin(),
                           found->groups.end());
  }
  if (!has_home(env)) {
    std::erase(env, "HOME=");  // empty is as good as none: as runc
    env.push_back("HOME=" + (found ? found->home : std::string("/")));
  }
  return identity;
}

}  // namespace docker_cpp::oci
