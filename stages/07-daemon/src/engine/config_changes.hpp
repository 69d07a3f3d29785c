// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "docker_cpp/daemon/host_config.hpp"

namespace docker_cpp::daemon {

/// The Dockerfile instructions that `commit --change` and `import --change`
/// take: CMD, ENTRYPOINT, ENV, EXPOSE, HEALTHCHECK, LABEL, ONBUILD, STOPSIGNAL,
/// USER, VOLUME, WORKDIR. `config` is a Config of the API.
/// \throws ApiError naming the instruction
void apply_changes(nlohmann::json& config, const Strings& instructions);

/// What `config` does not say is as `base` has it, by the rules of `commit`:
/// lists of names are joined, a new entrypoint takes the base's command away.
void fill_from(nlohmann::json& config, const nlohmann::json& base);

}  // namespace docker_cpp::daemon
