// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "command.hpp"
#include "creation.hpp"

#include "docker_cpp/namespaces/process.hpp"
#include "docker_cpp/oci/assemble.hpp"

namespace docker_cpp::runtime {

/// The flags that `create` and `run` have in common.
struct LaunchOptions {
  std::string bundle = ".";
  std::string config;  ///< in place of <bundle>/config.json
  std::string console_socket;
  std::string pidfd_socket;
  std::string pid_file;
  std::int64_t preserve_fds = 0;
  bool no_pivot = false;
  bool no_new_keyring = false;
  std::optional<std::string> explain;  ///< how, see oci::parse_explain
};

void add_launch_flags(Flags& flags, LaunchOptions& options);

/// Whether the program waits for `start`, or begins at once; and who looks
/// after it then.
enum class Gate : std::uint8_t { closed, open };
enum class Attendance : std::uint8_t { detached, foreground };

struct Launched {
  Container container;
  oci::Spec spec;
  namespaces::Process process;
  std::optional<cgroups::Cgroup> cgroup;  ///< of our own making
  /// The terminal, if there is one and nobody else has it.
  std::optional<sys::UniqueFd> terminal;
};

/// Makes a container. When that fails, nothing of it is left.
[[nodiscard]] Launched launch(Context& context, const std::string& id,
                              const LaunchOptions& options, Gate gate,
                              Attendance attendance);

/// ": it was killed for want of memory, ..." with the limit, or nothing.
[[nodiscard]] std::string out_of_memory(const cgroups::Cgroup& cgroup,
                                        const oci::Spec& spec);

/// Runs the poststart hooks; one that fails ends the container.
void after_start(const Container& container, const oci::Spec& spec);

/// Where a terminal goes: checks what the flags and the configuration say.
void check_console(bool terminal, const std::string& socket,
                   Attendance attendance);
/// A terminal that stays with us ends its lines with a line feed alone, as
/// runc's: ours makes more of it, and a file or pipe is better off without.
/// Before the program writes its first.
void end_lines_plainly(const oci::Assembly& assembly,
                       const std::string& socket);
/// Sends the terminal to the console socket, or keeps it for the foreground.
[[nodiscard]] std::optional<sys::UniqueFd> hand_over_console(
    oci::Assembly& assembly, const std::string& socket);

/// Sends a terminal to a console socket, if anybody listens there.
void hand_over_terminal(int terminal, const std::string& socket);

/// Gives a handle on the process to whoever listens there, if anybody is to.
void hand_over_pidfd(const namespaces::Process& process,
                     const std::string& socket);

/// Written beside and renamed: who finds it, finds it whole.
void write_pid_file(const std::string& path, pid_t pid);

/// How many descriptors to pass on: `--preserve-fds` and LISTEN_FDS.
/// \throws UsageError when the caller did not hand over so many
[[nodiscard]] unsigned preserved_fds(const Context& context, std::int64_t asked,
                                     std::vector<std::string>& env);

}  // namespace docker_cpp::runtime
