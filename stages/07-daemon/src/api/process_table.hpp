// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace docker_cpp::daemon::api {

/// A column of `ps`: what it is called there, and its title.
struct PsColumn {
  std::string key;
  std::string title;
};

/// The columns that arguments of ps ask for: "-ef" (also for none), "aux",
/// "-o pid,comm". Docker runs the host's ps; here /proc is read, so that a
/// host needs none.
/// \throws ApiError for arguments beyond these
[[nodiscard]] std::vector<PsColumn> parse_ps_arguments(const std::string& text);

/// {"Titles": [...], "Processes": [[...]]} of those processes that still are.
[[nodiscard]] nlohmann::json process_table(const std::vector<PsColumn>& columns,
                                           const std::vector<pid_t>& pids);

}  // namespace docker_cpp::daemon::api
