// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>

namespace docker_cpp::oci {

enum class Status : std::uint8_t {
  creating,
  created,
  running,
  paused,  ///< not the specification's, but every runtime's
  stopped
};

[[nodiscard]] const char* status_name(Status status) noexcept;

/// What is told of a container: to hooks on their standard input, and to
/// whoever asks. \oci{runtime,runtime,state}
struct State {
  std::string id;
  Status status = Status::creating;
  pid_t pid = 0;
  std::string bundle;
  std::map<std::string, std::string> annotations;
};

/// The specification's JSON, in one line.
[[nodiscard]] std::string print_state(const State& state);

}  // namespace docker_cpp::oci
