// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "docker_cpp/daemon/container_runtime.hpp"

namespace docker_cpp::daemon {

/// For an engineer at three in the morning: what the daemon believes, and what
/// it holds. Written on SIGUSR1 to `<exec-root>/dump-<time>.txt`, root only.
/// \returns the file's path
/// \throws Error
std::string write_dump(const std::string& exec_root,
                       const ContainerRuntime& runtime);

/// Whether the daemon before this one ended in order: its last act was to
/// leave a file `clean`. Takes the file away.
[[nodiscard]] bool take_clean_marker(const std::string& data_root);
void leave_clean_marker(const std::string& data_root);

}  // namespace docker_cpp::daemon
