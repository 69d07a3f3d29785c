// SPDX-License-Identifier: Apache-2.0
// Profiles come in two dialects: the OCI's, which is final, and Docker's, which
// says for which capabilities, architectures and kernels a rule counts. Both
// are read here; Docker's conditions are decided on the way.
#include <sys/utsname.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include <nlohmann/json.hpp>

#include "docker_cpp/security/seccomp_profile.hpp"

namespace docker_cpp::security {
namespace {

using nlohmann::json;
using Strings = std::vector<std::string>;

constexpr const char* own_architecture = "amd64";

Strings strings_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? Strings{}
                                                   : found->get<Strings>();
}

std::pair<int, int> version_of(std::string_view text) {
  int major = 0;
  int minor = 0;
  const char* end = text.data() + text.size();
  const auto [dot, error] = std::from_chars(text.data(), end, major);
  if (error == std::errc{} && dot != end && *dot == '.') {
    std::from_chars(dot + 1, end, minor);
  }
  return {major, minor};
}

bool kernel_is_at_least(const std::string& wanted) {
  utsname own{};
  ::uname(&own);
  return version_of(own.release) >= version_of(wanted);
}

bool names_own_architecture(const Strings& names) {
  return std::ranges::any_of(names, [](const std::string& name) {
    return name == own_architecture || name == "x32" || name == "x86";
  });
}

/// Whether a rule's includes and excludes let it count here.
bool counts(const json& rule, CapabilityMask held) {
  const auto holds = [&](const std::string& name) {
    return (parse_capability(name).value_or(0) & held) != 0;
  };
  if (const auto only = rule.find("includes");
      only != rule.end() && only->is_object()) {
    const Strings arches = strings_of(*only, "arches");
    const Strings caps = strings_of(*only, "caps");
    const std::string kernel = only->value("minKernel", "");
    if ((!arches.empty() && !names_own_architecture(arches)) ||
        !std::ranges::all_of(caps, holds) ||
        (!kernel.empty() && !kernel_is_at_least(kernel))) {
      return false;
    }
  }
  if (const auto never = rule.find("excludes");
      never != rule.end() && never->is_object()) {
    const std::string kernel = never->value("minKernel", "");
    return !names_own_architecture(strings_of(*never, "arches")) &&
           std::ranges::none_of(strings_of(*never, "caps"), holds) &&
           (kernel.empty() || !kernel_is_at_least(kernel));
  }
  return true;
}

SeccompRule rule_of(const json& from) {
  SeccompRule rule;
  rule.names = strings_of(from, "names");
  if (const std::string one = from.value("name", ""); !one.empty()) {
    rule.names.push_back(one);
  }
  rule.action = from.at("action").get<std::string>();
  if (const auto code = from.find("errnoRet");
      code != from.end() && !code->is_null()) {
    rule.errno_return = code->get<unsigned>();
  }
  if (const auto all = from.find("args");
      all != from.end() && all->is_array()) {
    for (const json& one : *all) {
      rule.arguments.push_back(
          {.index = one.at("index").get<unsigned>(),
           .op = one.at("op").get<std::string>(),
           .value = one.at("value").get<std::uint64_t>(),
           .value_two = one.value("valueTwo", std::uint64_t{0})});
    }
  }
  return rule;
}

Strings architectures_of(const json& document) {
  Strings all = strings_of(document, "architectures");
  const auto map = document.find("archMap");
  if (map == document.end() || !map->is_array()) {
    return all;
  }
  for (const json& entry : *map) {
    const auto name = entry.at("architecture").get<std::string>();
    if (name == "SCMP_ARCH_X86_64") {
      all.push_back(name);
      const Strings more = strings_of(entry, "subArchitectures");
      all.insert(all.end(), more.begin(), more.end());
    }
  }
  return all;
}

SeccompProfile profile_of(const json& document, CapabilityMask capabilities) {
  SeccompProfile profile;
  profile.default_action = document.at("defaultAction").get<std::string>();
  if (const auto code = document.find("defaultErrnoRet");
      code != document.end() && !code->is_null()) {
    profile.default_errno_return = code->get<unsigned>();
  }
  profile.architectures = architectures_of(document);
  profile.flags = strings_of(document, "flags");
  profile.listener_path = document.value("listenerPath", "");
  profile.listener_metadata = document.value("listenerMetadata", "");
  if (const auto rules = document.find("syscalls");
      rules != document.end() && rules->is_array()) {
    for (const json& rule : *rules) {
      if (counts(rule, capabilities)) {
        profile.rules.push_back(rule_of(rule));
      }
    }
  }
  return profile;
}

}  // namespace

std::expected<SeccompProfile, std::string> parse_seccomp_profile(
    std::string_view text, CapabilityMask capabilities) {
  try {
    return profile_of(json::parse(text), capabilities);
  } catch (const json::exception& error) {
    return std::unexpected(std::string("decoding seccomp profile failed: ") +
                           error.what());
  }
}

}  // namespace docker_cpp::security
