// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "docker_cpp/namespaces/isolation.hpp"
#include "docker_cpp/oci/spec.hpp"

// Where on the machine a program runs: on which processors and memory nodes,
// and with which share of the caches.
namespace docker_cpp::oci {

/// Runs the child on these processors from here on. \man{sched_setaffinity,2}
class Affinity final : public namespaces::Isolation {
 public:
  /// `property` is what a failure is to name.
  Affinity(const BitSet& cpus, std::string property)
      : cpus_(cpus), property_(std::move(property)) {}

  [[nodiscard]] const char* name() const noexcept override;
  [[nodiscard]] sys::Result<void> in_child() const noexcept override;

 private:
  BitSet cpus_;
  std::string property_;
};

/// From which memory nodes its pages come. \man{set_mempolicy,2}
class MemoryNodes final : public namespaces::Isolation {
 public:
  explicit MemoryNodes(MemoryPolicy policy) : policy_(policy) {}

  [[nodiscard]] const char* name() const noexcept override;
  [[nodiscard]] sys::Result<void> in_child() const noexcept override;

 private:
  MemoryPolicy policy_;
};

/// Where in resctrl a container's processes are counted.
struct RdtGroup {
  std::string group;    ///< its folder; resctrl itself: in no group of its own
  std::string monitor;  ///< below it; empty: not counted apart

  /// By its configuration. `root` is where resctrl is mounted.
  [[nodiscard]] static RdtGroup of(const RdtSpec& spec, const std::string& id,
                                   const std::string& root);
  /// \throws Error
  void take_in(pid_t process) const;
};

/// A program that joins a container has the container's share.
class JoinRdt final : public namespaces::Isolation {
 public:
  explicit JoinRdt(RdtGroup group) : group_(std::move(group)) {}

  [[nodiscard]] const char* name() const noexcept override;
  void from_parent(const namespaces::ChildHandle& child) override;

 private:
  RdtGroup group_;
};

/// Changes the share of a container that runs. One that has no group gets its
/// own, with its first process in it; the folder is returned then, for
/// whoever deletes the container. \throws Error, SpecError
[[nodiscard]] std::optional<std::string> update_rdt(
    const std::optional<RdtSpec>& spec, const std::string& id,
    const std::string& root, const std::vector<std::string>& schemata,
    pid_t process);

/// A share of the processors' caches and memory bandwidth, and the counting
/// of it: a folder of resctrl. \oci{runtime,config-linux,intelrdt}
class IntelRdt final : public namespaces::Isolation {
 public:
  /// Makes and fills the folders. `root` is where resctrl is mounted.
  /// \throws SpecError where there is no resctrl, or it refuses
  IntelRdt(const RdtSpec& spec, const std::string& id, std::string root);
  ~IntelRdt() override;
  IntelRdt(const IntelRdt&) = delete;
  IntelRdt& operator=(const IntelRdt&) = delete;
  IntelRdt(IntelRdt&&) = delete;
  IntelRdt& operator=(IntelRdt&&) = delete;

  /// Where this machine has it mounted; empty: nowhere.
  [[nodiscard]] static std::string mount_point();

  /// The folders that were made, the inner ones first: for whoever deletes the
  /// container. From here on this object does not remove them.
  [[nodiscard]] std::vector<std::string> take_made();

  [[nodiscard]] const char* name() const noexcept override;
  void from_parent(const namespaces::ChildHandle& child) override;

 private:
  void make(const std::string& folder);
  void set_schemata(const std::vector<std::string>& lines, bool existed);

  RdtGroup at_;
  std::vector<std::string> made_;
};

}  // namespace docker_cpp::oci
