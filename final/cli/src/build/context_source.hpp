// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "docker_cpp/cli/arguments.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::cli {

/// What `build` was told to build from, and how it gets to the daemon.
struct ContextSource {
  std::string folder;       ///< of this machine; empty for the others
  std::string remote;       ///< a URL that the daemon fetches itself
  std::string dockerfile;   ///< its name in the context
  std::string extra;        ///< content of a Dockerfile from elsewhere
  bool from_stdin = false;  ///< an archive, or a Dockerfile alone
  /// id to content, name to folder: the archive has folders then.
  std::vector<std::pair<std::string, std::string>> secrets;
  std::vector<std::pair<std::string, std::string>> contexts;

  [[nodiscard]] bool has_folders() const {
    return !secrets.empty() || !contexts.empty();
  }
};

/// \throws Failure in docker's words for what cannot be a context
[[nodiscard]] ContextSource choose_context(const Arguments& arguments);

/// The body of the request, packed on a thread of its own while it is sent.
class ContextBody {
 public:
  explicit ContextBody(const ContextSource& source);
  ~ContextBody();
  ContextBody(const ContextBody&) = delete;
  ContextBody& operator=(const ContextBody&) = delete;

  [[nodiscard]] int fd() const { return read_end_.get(); }
  /// After the request was sent. \throws Failure what packing threw
  void finish();

 private:
  void pack(const ContextSource& source, int into);

  sys::UniqueFd read_end_;
  std::thread packer_;
  std::exception_ptr failure_;
};

}  // namespace docker_cpp::cli
