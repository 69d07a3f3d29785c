// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
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

  std::string group_;
  std::string monitor_;
  std::vector<std::string> made_;
};

}  // namespace docker_cpp::oci
