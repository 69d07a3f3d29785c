// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "docker_cpp/cgroups/control_directory.hpp"
#include "docker_cpp/cgroups/hierarchies.hpp"
#include "docker_cpp/cgroups/resources.hpp"
#include "docker_cpp/cgroups/statistics.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::cgroups {

class Backend;

/// A share of the machine: one cgroup, whichever way the kernel has it (a
/// folder in each of a dozen v1 hierarchies, or one v2 folder).
///
/// Holds handles on the folders, not their life: what is made with create()
/// stays until remove(). Movable; calls on one object are for one thread at a
/// time, objects on the same cgroup may be used from several.
/// All of it \throws Error naming the file. \stage{02}  \man{cgroups,7}
class Cgroup {
 public:
  /// Makes the folders that are missing, parents too. `path` is below each
  /// hierarchy's root: "/docker-cpp/<id>". Refused when processes are in it;
  /// when it fails, it is gone again (its parents stay).
  static Cgroup create(const std::string& path);
  /// The same and apply(); when that fails, the cgroup is gone again.
  static Cgroup create(const std::string& path, const Resources& resources);
  /// One that somebody else has made around `process`: folders that are
  /// missing are made, the process moved into those it is not in, limits set.
  static Cgroup adopt(const std::string& path, const Resources& resources,
                      pid_t process);
  /// One that exists, in all hierarchies. ENOENT for an empty path: a
  /// container that has none.
  static Cgroup open(const std::string& path);

  /// The same, but for some controllers a folder below it: "sub", or "/" for
  /// itself. The controller "" means all. \throws Error
  static Cgroup open_below(const std::string& path,
                           const std::map<std::string, std::string>& below);

  Cgroup(Cgroup&&) noexcept;
  Cgroup& operator=(Cgroup&&) noexcept;
  Cgroup(const Cgroup&) = delete;
  Cgroup& operator=(const Cgroup&) = delete;
  ~Cgroup();

  /// Writes limits: all, or (when the kernel refuses one) none.
  void apply(const Resources& resources);

  [[nodiscard]] Statistics statistics() const;

  /// Stops all processes where they are; returns once they are.
  void freeze();
  void thaw();
  [[nodiscard]] bool frozen() const;

  /// Signals every process, also those in cgroups below. SIGKILL leaves none
  /// behind that was forked meanwhile, and ends frozen ones too.
  void kill_all(int signal);

  /// Of this cgroup and those below it, as this PID namespace numbers them.
  [[nodiscard]] std::vector<pid_t> processes() const;

  /// Removes it and those below it. Kills nothing, but waits a moment for
  /// processes that are ending; EBUSY when some live on. A second remove()
  /// does nothing.
  void remove();

  /// The same by name, for what a crash left half made or half removed.
  static void remove_all(const std::string& path);

  /// How many processes were killed for want of memory.
  [[nodiscard]] std::uint64_t oom_kills() const;

  /// Becomes readable when memory ran out (and when the cgroup goes): read it,
  /// then ask oom_kills(). Invalid when there is no memory controller.
  [[nodiscard]] sys::UniqueFd oom_event_fd() const;

  /// Lets a user of a user namespace manage cgroups of its own below this one:
  /// gives it the folder and the files that delegation names, in v2 (in v1
  /// that would not be safe, so nothing happens).
  /// \man{cgroups,7} "Cgroups delegation"
  void delegate_to(uid_t owner) const;

  [[nodiscard]] Version version() const noexcept { return version_; }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// Its folders, one per hierarchy; one in v2.
  [[nodiscard]] const std::vector<ControlDirectory>& directories() const;

 private:
  Cgroup(Version version, std::string path,
         std::vector<ControlDirectory> directories);

  Version version_;
  std::string path_;
  std::unique_ptr<Backend> backend_;
};

}  // namespace docker_cpp::cgroups
