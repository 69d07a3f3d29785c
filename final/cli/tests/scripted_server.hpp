// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <thread>

#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::cli {

/// A server whose every connection plays a script, on a thread and all on one
/// unix socket of its own.
class ScriptedServer {
 public:
  /// Called once per connection, the first of which has number 0.
  using Script = std::function<void(int socket, int number)>;
  ScriptedServer(int connections, Script script);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  [[nodiscard]] std::string host() const { return "unix://" + path_; }

 private:
  std::string path_;
  sys::UniqueFd listener_;
  std::thread thread_;
};

/// Reads up to the end of a request's head, and its body by its length.
[[nodiscard]] std::string read_request(int socket);
void send_text(int socket, const std::string& text);
[[nodiscard]] std::string read_to_end(int socket);

}  // namespace docker_cpp::cli
