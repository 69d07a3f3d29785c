// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "docker_cpp/daemon/events.hpp"

namespace docker_cpp::daemon {

struct PluginInfo {
  std::string name;
  std::string version;
  std::string path;   ///< of the shared object, or of the socket
  std::string state;  ///< "running", or why it is not
};

/// What an authorization plugin decides on.
struct Question {
  std::string user;
  std::string method;
  std::string uri;
};

/// Plugins of both kinds: shared objects, each on a thread of its own, so
/// that one that hangs or throws costs itself only; and programs that speak
/// Docker's plugin protocol over a socket. Thread safe.
///
/// Whoever cannot be asked refuses: a gate that fails open is none.
class PluginRegistry {
 public:
  struct Options {
    std::vector<std::string> socket_folders = {"/run/docker/plugins"};
    std::chrono::milliseconds patience{2000};
    std::function<void(const std::string&)> warn;
  };

  explicit PluginRegistry(Options options);
  ~PluginRegistry();
  PluginRegistry(const PluginRegistry&) = delete;
  PluginRegistry& operator=(const PluginRegistry&) = delete;

  /// \throws ApiError saying what is wrong with the object
  void load(const std::string& path, const std::string& configuration = "{}");
  /// Every *.so of a folder; those that cannot be used are warned about.
  void load_folder(const std::string& folder);
  /// False when nobody has that name.
  bool unload(const std::string& name);
  [[nodiscard]] std::vector<PluginInfo> list() const;

  /// Uses the program behind NAME.sock (or NAME.spec) for authorization.
  /// \throws ApiError when it is not there or is not for that
  void use_for_authorization(const std::string& name);

  [[nodiscard]] bool authorizes() const;
  /// Empty: allowed by all. Blocks for up to `patience` per plugin.
  [[nodiscard]] std::string refusal(const Question& question);

  void tell(const Event& event);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace docker_cpp::daemon
