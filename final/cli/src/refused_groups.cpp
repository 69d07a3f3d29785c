// SPDX-License-Identifier: Apache-2.0
#include "refused_groups.hpp"

#include <array>
#include <string_view>

namespace docker_cpp::cli {
namespace {

struct Refused {
  std::string_view words;  ///< "swarm", "plugin install"
  std::string_view answer;
};

// Scripts look for docker's first sentence; the second is ours.
constexpr std::string_view no_manager =
    "Error response from daemon: This node is not a swarm manager. "
    "docker-cpp has no swarm mode: `docker-cpp compose` runs services on one "
    "machine";
constexpr std::string_view no_swarm =
    "Error response from daemon: docker-cpp has no swarm mode: `docker-cpp "
    "compose` runs services on one machine, and an orchestrator can drive its "
    "API or its OCI runtime";
constexpr std::string_view not_part =
    "Error response from daemon: This node is not part of a swarm";
constexpr std::string_view no_managed_plugins =
    "docker-cpp runs plugins that listen on a socket in /run/docker/plugins; "
    "plugins that come as images are not supported";
constexpr std::string_view no_trust =
    "docker-cpp has no content trust (notary): pull by digest, or check "
    "signatures with cosign";
constexpr std::string_view no_buildx =
    "docker-cpp has no buildx: `docker-cpp build` knows RUN --mount, several "
    "stages and build secrets, `docker-cpp manifest` what imagetools does";

constexpr std::array refused = {
    Refused{"swarm leave", not_part},
    Refused{"swarm init", no_swarm},
    Refused{"swarm join", no_swarm},
    Refused{"swarm", no_manager},
    Refused{"service", no_manager},
    Refused{"stack", no_manager},
    Refused{"node", no_manager},
    Refused{"secret", no_manager},
    Refused{"config", no_manager},
    Refused{"volume update", no_manager},
    Refused{"plugin create", no_managed_plugins},
    Refused{"plugin install", no_managed_plugins},
    Refused{"plugin push", no_managed_plugins},
    Refused{"plugin upgrade", no_managed_plugins},
    Refused{"trust", no_trust},
    Refused{"buildx", no_buildx},
    Refused{"bake", no_buildx},
};

struct RefusedFlags {
  std::string_view command;
  std::string_view names;  ///< " --squash --ulimit "
  std::string_view answer;
};

constexpr std::array refused_flags = {
    RefusedFlags{"build", " --squash ",
                 "several stages (COPY --from) make small images here"},
    RefusedFlags{"build", " --isolation ",
                 "there is one kind of isolation on Linux"},
    RefusedFlags{"build", " --security-opt --ulimit ",
                 "steps run with the daemon's defaults: default-ulimits and "
                 "seccomp-profile of its configuration"},
    RefusedFlags{"volume create",
                 " --availability --group --limit-bytes --required-bytes "
                 "--scope --secret --sharing --topology-preferred "
                 "--topology-required --type ",
                 "cluster volumes belong to swarm, which docker-cpp has not"},
    RefusedFlags{"volume ls", " --cluster ",
                 "cluster volumes belong to swarm, which docker-cpp has not"},
};

}  // namespace

std::string refusal_of_flag(std::string_view command, std::string_view wrong) {
  constexpr std::string_view unknown = "unknown flag: ";
  if (!wrong.starts_with(unknown)) {
    return {};
  }
  const auto flag = std::string(wrong.substr(unknown.size()));
  for (const auto& one : refused_flags) {
    if (one.command == command &&
        one.names.find(" " + flag + " ") != std::string_view::npos) {
      return flag + " is not for docker-cpp: " + std::string(one.answer);
    }
  }
  return {};
}

std::string refusal_of(std::span<const std::string> words) {
  if (words.empty()) {
    return {};
  }
  const auto two = words.size() > 1 ? words[0] + " " + words[1] : words[0];
  for (const auto& one : refused) {
    if (one.words == two || one.words == words[0]) {
      return std::string(one.answer);
    }
  }
  return {};
}

}  // namespace docker_cpp::cli
