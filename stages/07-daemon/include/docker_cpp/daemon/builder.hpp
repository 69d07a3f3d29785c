// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/daemon/container_runtime.hpp"
#include "docker_cpp/images/registry.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::images {
class ImageStore;
}

namespace docker_cpp::daemon {

/// What POST /build asks for.
struct BuildRequest {
  std::string dockerfile = "Dockerfile";  ///< in the context
  std::string remote;                     ///< a URL instead of the body
  std::string target;
  std::string platform;
  std::string build_id;  ///< for POST /build/cancel
  Strings tags;
  std::map<std::string, std::optional<std::string>> build_args;
  Labels labels;
  Strings cache_from;
  /// Who asks each registry, by its address as the client's file has it.
  std::map<std::string, images::Credentials> logins;
  bool quiet = false;
  bool no_cache = false;
  bool pull = false;
  bool remove = true;  ///< say that containers of steps are removed
  HostConfig host;     ///< limits, network mode and hosts of RUN
  Strings allow;       ///< "security.insecure", "network.host"
  /// The body holds folders: context/, secrets/<id>, contexts/<name>/.
  bool folders = false;
  std::map<std::string, std::string> agents;  ///< ssh id to socket
  /// Names that stand for an image: of `--build-context x=docker-image://y`.
  std::map<std::string, std::string> image_contexts;
};

/// Where a build tells how it goes. Called from several threads, one at a
/// time.
class BuildOutput {
 public:
  virtual ~BuildOutput() = default;
  virtual void text(std::string_view text) = 0;
  virtual void image(const std::string& id) = 0;
  /// Of a pull that the build needs.
  virtual void progress(const images::Progress& step) = 0;
};

/// A build that ended without an image, for a reason of the Dockerfile's.
class BuildFailure : public std::runtime_error {
 public:
  explicit BuildFailure(const std::string& message, int code = 0)
      : std::runtime_error(message), code_(code) {}
  /// What the command of a RUN returned; 0 when it was none.
  [[nodiscard]] int code() const noexcept { return code_; }

 private:
  int code_;
};

/// Builds images out of Dockerfiles. Each build is a thread, as are stages
/// that do not wait for each other; RUN is a container of the engine like any
/// other. Thread safe.
class Builder {
 public:
  struct Options {
    std::string data_root;
    std::string exec_root;
    /// Brings an image that is not here; null: such an image is an error.
    std::function<void(const images::PullRequest&)> pull;
  };

  Builder(ContainerRuntime& runtime, images::ImageStore& images,
          Options options);
  /// Cancels what runs, and waits for it.
  ~Builder();
  Builder(const Builder&) = delete;
  Builder& operator=(const Builder&) = delete;

  class Running;  ///< one build, to be cancelled

  /// Begins a build; `done` is called from its thread, after the last output,
  /// with nothing or with what was thrown.
  std::shared_ptr<Running> start(
      BuildRequest request, sys::UniqueFd body,
      std::shared_ptr<BuildOutput> output,
      std::move_only_function<void(std::exception_ptr)> done);

  static void cancel(Running& build);
  /// By the id that the request gave. \returns whether there is such a build
  bool cancel(const std::string& build_id);
  /// The folders of RUN --mount=type=cache. \returns the bytes that went
  std::int64_t prune_mounts();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace docker_cpp::daemon
