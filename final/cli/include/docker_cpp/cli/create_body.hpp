// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "docker_cpp/cli/arguments.hpp"
#include "docker_cpp/cli/value.hpp"

namespace docker_cpp::cli {

/// What run and create ask of the daemon.
struct CreateBody {
  Value body;  ///< of POST /containers/create; what has its default is left out
  std::string image;
  bool attach_stdin = false;
  bool attach_stdout = false;
  bool attach_stderr = false;
  bool tty = false;
  bool open_stdin = false;
  bool auto_remove = false;
};

/// From the options and words of run or create.
/// \throws Failure with docker's sentence for what does not fit
[[nodiscard]] CreateBody create_body(const Arguments& arguments,
                                     const std::string& socket_path);

}  // namespace docker_cpp::cli
