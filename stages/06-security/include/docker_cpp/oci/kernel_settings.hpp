// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "docker_cpp/namespaces/isolation.hpp"
#include "docker_cpp/oci/spec.hpp"
#include "docker_cpp/rootfs/procfs.hpp"

// What a container is told through /proc and by single system calls. All of
// /proc goes through rootfs::Procfs, which no container can cover.
namespace docker_cpp::oci {

/// Kernel settings of the container's own namespaces, by the names of
/// sysctl(8). One that belongs to the whole machine, or to a namespace that
/// the container shares with the host, is a SpecError; and so is one for which
/// the specification has a property.
class Sysctls final : public namespaces::Isolation {
 public:
  explicit Sysctls(const Spec& spec);

  [[nodiscard]] const char* name() const noexcept override;
  [[nodiscard]] sys::Result<void> in_child() const noexcept override;

 private:
  struct Setting {
    std::string path;     ///< below /proc
    std::string value;    ///< written at once
    std::string attempt;  ///< what to say when the kernel refuses
  };
  rootfs::Procfs proc_;
  std::vector<Setting> settings_;
};

/// How soon the kernel kills it for want of memory. \man{proc,5}
class OomScore final : public namespaces::Isolation {
 public:
  explicit OomScore(int adjustment);

  [[nodiscard]] const char* name() const noexcept override;
  void from_parent(const namespaces::ChildHandle& child) override;

 private:
  int adjustment_;
};

/// Personality, I/O priority and scheduler, by one system call each.
class Scheduling final : public namespaces::Isolation {
 public:
  explicit Scheduling(const ProcessSpec& process,
                      std::optional<std::uint64_t> personality);

  [[nodiscard]] static bool wanted(
      const ProcessSpec& process,
      const std::optional<std::uint64_t>& personality);

  [[nodiscard]] const char* name() const noexcept override;
  [[nodiscard]] sys::Result<void> in_child() const noexcept override;

 private:
  std::optional<std::uint64_t> personality_;
  std::optional<IoPriority> io_priority_;
  std::optional<SchedulerSpec> scheduler_;
};

/// A new network namespace has a loopback link, but it is down.
class Loopback final : public namespaces::Isolation {
 public:
  [[nodiscard]] const char* name() const noexcept override;
  [[nodiscard]] sys::Result<void> in_child() const noexcept override;
};

/// The folder in which a program that joins a container begins; checked to be
/// below the container's root after it was entered, so that a folder of the
/// host cannot be smuggled in (the class of CVE-2024-21626).
class WorkingDirectory final : public namespaces::Isolation {
 public:
  explicit WorkingDirectory(std::string path) : path_(std::move(path)) {}

  [[nodiscard]] const char* name() const noexcept override;
  [[nodiscard]] sys::Result<void> in_child() const noexcept override;

 private:
  std::string path_;
};

}  // namespace docker_cpp::oci
