// SPDX-License-Identifier: Apache-2.0
#include "oci_program.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::oci {
namespace {

constexpr unsigned memory_devices = 1;  // null, zero, full: devices.txt

/// What is made for this program alone may change hands. A file or terminal of
/// the host does so as with runc, but not across a user namespace; a device
/// that everybody shares, /dev/null above all, never.
bool may_be_given(const struct stat& stream, const StreamOwner& owner) {
  if (S_ISFIFO(stream.st_mode) || S_ISSOCK(stream.st_mode)) {
    return true;
  }
  const bool shared =
      S_ISBLK(stream.st_mode) ||
      (S_ISCHR(stream.st_mode) && ::major(stream.st_rdev) == memory_devices);
  return !shared && !owner.in_user_namespace;
}

bool may_be_impossible(int code) {
  return code == EPERM || code == EROFS || code == EINVAL;
}

}  // namespace

std::vector<std::string> last_of_each(const std::vector<std::string>& env) {
  std::unordered_set<std::string_view> seen;
  std::vector<std::string> kept;
  for (auto entry = env.rbegin(); entry != env.rend(); ++entry) {
    const std::string_view name =
        std::string_view(*entry).substr(0, entry->find('='));
    if (seen.insert(name).second) {
      kept.push_back(*entry);
    }
  }
  std::ranges::reverse(kept);
  return kept;
}

namespaces::Program program_of(const ProcessSpec& process,
                               const AssemblyOptions& options) {
  return {.args = process.args,
          .env = last_of_each(process.env),
          .stdio = options.stdio,
          .preserve_fds = options.preserve_fds,
          .start_gate = options.start_gate};
}

void give_console(Assembly& assembly, namespaces::Pty console,
                  const ProcessSpec& process, uid_t owner) {
  const int slave = console.slave.get();
  must(
      sys::check_void(::fchown(slave, owner, static_cast<gid_t>(-1)), "fchown"),
      "give the terminal to the container's user");
  if (process.console_size) {
    namespaces::resize(console.master.get(), *process.console_size);
  }
  assembly.console = std::move(console);
  assembly.program.stdio = {slave, slave, slave};
}

void give_streams(const namespaces::Program& program,
                  const StreamOwner& owner) {
  if (owner.uid == 0) {
    return;  // root opens them anyway
  }
  for (const int stream : program.stdio) {
    struct stat info{};
    if (::fstat(stream, &info) == -1 || info.st_uid == owner.uid ||
        !may_be_given(info, owner)) {
      continue;
    }
    // The group of a file or terminal may have a meaning on the host.
    const bool ours = S_ISFIFO(info.st_mode) || S_ISSOCK(info.st_mode);
    const gid_t group = ours ? owner.gid : static_cast<gid_t>(-1);
    if (::fchown(stream, owner.uid, group) == -1 && !may_be_impossible(errno)) {
      throw Error({.code = errno, .call = "fchown"},
                  "give the streams to the container's user");
    }
  }
}

}  // namespace docker_cpp::oci
