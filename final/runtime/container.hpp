// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "docker_cpp/oci/spec.hpp"
#include "docker_cpp/oci/state.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::runtime {

/// What a command refuses to do, in runc's words where tools match on them.
class Refusal : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What is remembered of a container: <root>/<id>/state.json. The format is
/// described in docs/formats/runtime-state.md.
struct Record {
  std::string id;
  std::string bundle;
  std::string rootfs;
  std::string created;  ///< RFC 3339
  std::string cgroup_path;
  std::string systemd_unit;  ///< empty: the cgroup is of our own making
  pid_t pid = 0;
  /// When the process began, in clock ticks since boot: with the pid, its
  /// identity. \man{proc,5} /proc/PID/stat, field 22
  std::uint64_t start_time = 0;
  uid_t owner = 0;
  /// Of resctrl, made for it and removed with it.
  std::vector<std::string> rdt_folders;
};

/// Whether a command changes the container, or only looks. Who looks never
/// waits: a hook may ask for the state of the container it runs for.
enum class Access : std::uint8_t { change, look };

/// A container of this machine, by its folder below `--root`. Locked while an
/// object that may change it lives, so that two commands take turns.
class Container {
 public:
  /// A new one, with a copy of its configuration.
  /// \throws Refusal when the id is taken or not an id
  static Container make(const std::string& root, const std::string& id,
                        const std::string& config_json);
  /// \throws Refusal "container does not exist"
  static Container open(const std::string& root, const std::string& id,
                        Access access);

  [[nodiscard]] Record& record() noexcept { return record_; }
  [[nodiscard]] const Record& record() const noexcept { return record_; }
  [[nodiscard]] int folder() const noexcept { return folder_.get(); }

  [[nodiscard]] oci::Spec spec() const;
  void save() const;
  void remove_folder();
  /// While the program runs, others may look after the container.
  void unlock() const;
  /// False when somebody else has removed it meanwhile.
  [[nodiscard]] bool lock_again() const;

  /// Makes the gate; returns the folder for namespaces::Program::start_gate.
  [[nodiscard]] sys::UniqueFd make_gate() const;
  /// Lets the program begin. \throws Refusal when it is gone
  void open_gate() const;

  [[nodiscard]] oci::Status status() const;
  [[nodiscard]] oci::State state(oci::Status status) const;
  /// Of the first process, or nothing when it is not that process any more.
  [[nodiscard]] std::optional<sys::UniqueFd> pidfd() const;

 private:
  Container(std::string path, sys::UniqueFd folder);
  void load();
  [[nodiscard]] oci::Status status_without_process() const;

  std::string path_;
  sys::UniqueFd folder_;
  Record record_;
};

/// The ids below a root, sorted.
[[nodiscard]] std::vector<std::string> list_ids(const std::string& root);

/// Those of them that match an extended regular expression. \man{regex,7}
[[nodiscard]] std::vector<std::string> matching_ids(const std::string& root,
                                                    const std::string& pattern);

/// \throws Refusal "invalid container ID format"
void check_id(const std::string& id);

struct ProcessFacts {
  char state;  ///< 'Z' for one that only waits to be reaped
  std::uint64_t start_time;
};
[[nodiscard]] std::optional<ProcessFacts> process_facts(pid_t pid);

}  // namespace docker_cpp::runtime
