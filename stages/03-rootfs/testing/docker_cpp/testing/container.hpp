// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/wait.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "docker_cpp/namespaces/namespaces.hpp"
#include "docker_cpp/namespaces/process.hpp"
#include "docker_cpp/rootfs/root_filesystem.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"
#include "docker_cpp/testing/busybox_root.hpp"
#include "docker_cpp/testing/temporary_directory.hpp"

namespace docker_cpp::testing {

struct Outcome {
  int exit_code = -1;
  std::string output;  ///< stdout and stderr
};

/// The isolations of a plain container around a plan: new namespaces, root.
inline namespaces::Isolations isolations_of(rootfs::RootPlan plan) {
  using namespaces::Kind;
  namespaces::Isolations all;
  all.push_back(std::make_unique<namespaces::NewNamespaces>(std::vector{
      Kind::pid, Kind::uts, Kind::ipc, Kind::mount, Kind::network}));
  all.push_back(std::make_unique<rootfs::RootFilesystem>(std::move(plan)));
  return all;
}

inline Outcome run(const namespaces::Isolations& isolations,
                   std::vector<std::string> args) {
  sys::Pipe pipe = must(sys::pipe_cloexec(), "open a pipe");
  const int write_end = pipe.write_end.get();
  namespaces::Process process =
      namespaces::Process::start({.args = std::move(args),
                                  .env = {"PATH=/bin"},
                                  .stdio = {0, write_end, write_end}},
                                 isolations);
  pipe.write_end.reset();
  Outcome outcome;
  outcome.output = must(sys::read_all(pipe.read_end.get()), "read output");
  outcome.exit_code = process.wait();
  return outcome;
}

/// Layers of a container that lives as long as this object.
class TestContainer {
 public:
  TestContainer() {
    make_busybox_root(directory_.folder("lower"));
    directory_.folder("upper");
    directory_.folder("work");
  }

  /// An overlay of busybox with all of Docker's defaults.
  [[nodiscard]] rootfs::RootPlan plan() const {
    rootfs::RootPlan plan;
    plan.root = rootfs::OverlayRoot{.lower = {lower()},
                                    .upper = directory_ / "upper",
                                    .work = directory_ / "work",
                                    .durable = false};
    plan.mounts = rootfs::default_mounts();
    plan.devices = rootfs::default_devices();
    plan.masked_paths = rootfs::default_masked_paths();
    plan.read_only_paths = rootfs::default_read_only_paths();
    return plan;
  }

  [[nodiscard]] std::string lower() const { return directory_ / "lower"; }
  [[nodiscard]] std::string upper() const { return directory_ / "upper"; }
  [[nodiscard]] const TemporaryDirectory& directory() const {
    return directory_;
  }

  [[nodiscard]] static Outcome run(rootfs::RootPlan plan,
                                   const std::string& script) {
    return testing::run(isolations_of(std::move(plan)),
                        {"/bin/sh", "-c", script});
  }
  [[nodiscard]] Outcome run(const std::string& script) const {
    return run(plan(), script);
  }

 private:
  TemporaryDirectory directory_;
};

}  // namespace docker_cpp::testing
