// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/namespaces/isolation.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::namespaces {

/// The eight kinds of namespaces(7), in the order in which they are joined.
enum class Kind : std::uint8_t {
  user,
  cgroup,
  ipc,
  uts,
  network,
  pid,
  mount,
  time
};

/// The kernel's CLONE_NEW... flag of a kind.
[[nodiscard]] std::uint64_t clone_flag(Kind kind) noexcept;

/// The name of its file in /proc/PID/ns: "mnt", "net", "pid"...
[[nodiscard]] const char* proc_name(Kind kind) noexcept;

/// New namespaces of the given kinds, made by the clone itself. The kinds
/// `cgroup` and `time` are not made here: they need work in the child, see
/// TimeOffsets and cgroups::CgroupNamespace.
class NewNamespaces final : public Isolation {
 public:
  explicit NewNamespaces(std::vector<Kind> kinds);

  [[nodiscard]] const char* name() const noexcept override;
  void prepare(CloneRequest& request) override;

 private:
  std::vector<Kind> kinds_;
};

/// A hostname and NIS domain name of its own; empty leaves it as it is. Wants
/// Kind::uts among the new namespaces. \man{uts_namespaces,7}
class Hostname final : public Isolation {
 public:
  explicit Hostname(std::string hostname, std::string domainname = "");

  [[nodiscard]] const char* name() const noexcept override;
  [[nodiscard]] sys::Result<void> in_child() const noexcept override;

 private:
  std::string hostname_;
  std::string domainname_;
};

/// One line of a uid_map or gid_map: \man{user_namespaces,7}
struct IdRange {
  std::uint32_t inside;
  std::uint32_t outside;
  std::uint32_t count;
};

/// The lines of an id map file.
[[nodiscard]] std::string format_id_map(const std::vector<IdRange>& ranges);

/// Users of its own: Kind::user, with its maps, and the child becomes the
/// namespace's root. Comes first in the list of isolations.
class Users final : public Isolation {
 public:
  Users(std::vector<IdRange> uids, std::vector<IdRange> gids);

  [[nodiscard]] const char* name() const noexcept override;
  void prepare(CloneRequest& request) override;
  void from_parent(const ChildHandle& child) override;
  [[nodiscard]] sys::Result<void> in_child() const noexcept override;

 private:
  std::vector<IdRange> uids_;
  std::vector<IdRange> gids_;
};

/// Clocks of its own: Kind::time. Needs the host's /proc, so it acts before
/// the root file system is changed. \man{time_namespaces,7}
class TimeOffsets final : public Isolation {
 public:
  struct Offset {
    std::int64_t seconds = 0;
    std::uint32_t nanoseconds = 0;
  };
  /// A child that is not root to the host may not write its own file, since
  /// until exec it belongs to root: then the parent writes it, and
  /// EnterTimeNamespace has to follow in the list.
  enum class Writer : std::uint8_t { child, parent };

  TimeOffsets(Offset monotonic, Offset boottime, Writer writer = Writer::child);

  [[nodiscard]] const char* name() const noexcept override;
  [[nodiscard]] sys::Result<void> in_child() const noexcept override;
  [[nodiscard]] bool stops_child() const noexcept override;
  void while_child_waits(const ChildHandle& child) override;

 private:
  std::string offsets_;
  Writer writer_;
};

class EnterTimeNamespace final : public Isolation {
 public:
  [[nodiscard]] const char* name() const noexcept override;
  [[nodiscard]] sys::Result<void> in_child() const noexcept override;
};

/// An existing namespace to be joined, by an opened /proc/PID/ns file.
struct ExistingNamespace {
  Kind kind;
  sys::UniqueFd fd;
};

/// Opens a namespace file (a path of the host, never of a container) and
/// checks that it is of the kind asked for.
[[nodiscard]] ExistingNamespace open_namespace(Kind kind,
                                               const std::string& path);

/// Joins existing namespaces: what `exec` into a container is. A PID namespace
/// is joined by being born in it; the others by setns(2) in the child.
class JoinNamespaces final : public Isolation {
 public:
  explicit JoinNamespaces(std::vector<ExistingNamespace> existing);

  /// All namespaces of a process that differ from the caller's own.
  static std::vector<ExistingNamespace> of_process(pid_t pid);

  [[nodiscard]] const char* name() const noexcept override;
  void prepare(CloneRequest& request) override;
  [[nodiscard]] sys::Result<void> in_child() const noexcept override;

 private:
  std::vector<ExistingNamespace> existing_;  ///< sorted in the order to join
};

}  // namespace docker_cpp::namespaces
