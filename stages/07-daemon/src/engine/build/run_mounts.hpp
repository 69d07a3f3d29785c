// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "stage_build.hpp"

#include "docker_cpp/dockerfile/run_mount.hpp"

namespace docker_cpp::daemon {

/// The `--mount`s of one RUN, from before its container to behind it.
///
/// What is mounted is found by handle, inside its context, stage or image, and
/// attached to a folder of the engine's own: the container's monitor is given
/// that folder's path, in which nothing is a stranger's.
class RunMounts {
 public:
  RunMounts(StageBuild& stage, const dockerfile::Instruction& in);
  ~RunMounts();
  RunMounts(const RunMounts&) = delete;
  RunMounts& operator=(const RunMounts&) = delete;

  /// What of them decides the result: not a cache's content, not a secret's.
  [[nodiscard]] Strings key() const;

  /// Attaches them and puts them into the container's description.
  void attach(CreateRequest& request);
  /// The places to mount at that no layer has: a layer of empty files and
  /// folders, so that a step's own layer holds what its program did only.
  [[nodiscard]] std::string make_places(const CreateRequest& request);

 private:
  using Mount = dockerfile::RunMount;
  void attach_bind(const Mount& mount, CreateRequest& request);
  void attach_cache(const Mount& mount, CreateRequest& request);
  void attach_secret(const Mount& mount, CreateRequest& request);
  void attach_agent(const Mount& mount, CreateRequest& request);
  [[nodiscard]] rootfs::RootFd root_of(const Mount& mount) const;
  [[nodiscard]] std::string attach_handle(int mount, bool folder);
  [[nodiscard]] std::string write_secret(const Mount& mount,
                                         const std::string& content);

  StageBuild& stage_;
  std::vector<Mount> mounts_;
  std::vector<std::string> attached_;
  std::vector<std::unique_ptr<CacheMounts::Lease>> leases_;
};

}  // namespace docker_cpp::daemon
