// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "docker_cpp/daemon/model.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

/// What the engine is asked for, and what it answers.
namespace docker_cpp::daemon {

/// What a clone takes from another container instead of an image.
struct ClonedFiles {
  std::string image_id;
  Strings frozen;
};

struct CreateRequest {
  std::string name;  ///< empty: one is made up
  Config config;
  HostConfig host_config;
  std::vector<Endpoint> endpoints;    ///< of NetworkingConfig
  std::optional<OwnRoot> own_root;    ///< in place of an image
  std::optional<ClonedFiles> cloned;  ///< then `config` is whole
  std::string mac_address;            ///< as clients before 1.44 say it
};

struct Created {
  std::string id;
  Strings warnings;
};

struct StopOptions {
  std::optional<int> timeout;  ///< seconds; -1 waits for ever
  std::string signal;
};

struct RemoveOptions {
  bool force = false;
  bool volumes = false;
  bool link = false;
};

/// What is empty or zero stays as it is.
struct UpdateRequest {
  HostConfig limits;  ///< of its fields: the resources
  std::optional<RestartPolicy> restart_policy;
  // Beyond Docker, for the next start:
  Strings env;  ///< "KEY=value" sets, "KEY" takes away
  std::optional<PortMap> port_bindings;
};

enum class WaitCondition : std::uint8_t { not_running, next_exit, removed };

struct WaitResult {
  int exit_code = 0;
  std::string error;
};

struct AttachOptions {
  bool stdin_stream = false;
  bool stdout_stream = false;
  bool stderr_stream = false;
  bool logs = false;    ///< what was written before, first
  bool stream = false;  ///< what comes from now on
};

/// A conversation with a container's monitor. Bytes written go to the
/// program's stdin (shutdown(SHUT_WR) closes it); bytes read are what it
/// printed: raw with a terminal, else framed as the Engine API frames it
/// (8 bytes: stream, 0, 0, 0, length). End of file: the program has ended and
/// its state is final.
struct Attachment {
  sys::UniqueFd stream;
  bool tty = false;
};

struct ExecRequest {
  Strings args;
  Strings env;
  std::string user;
  std::string working_dir;
  std::string detach_keys;
  std::array<std::uint16_t, 2> console_size{};
  bool tty = false;
  bool privileged = false;
  bool attach_stdin = false;
  bool attach_stdout = false;
  bool attach_stderr = false;
};

struct TerminalSize {
  std::uint16_t rows = 0;
  std::uint16_t columns = 0;
};

}  // namespace docker_cpp::daemon
