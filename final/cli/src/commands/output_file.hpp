// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "docker_cpp/cli/engine.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::cli {

/// Where an archive goes: stdout, or a file that takes its name only when it
/// is complete.
class OutputFile {
 public:
  /// Nothing for stdout, which must not be a terminal. \throws Failure
  OutputFile(std::string path, const std::string& command);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// Copies the body. \throws Failure
  void receive(Exchange& exchange);

 private:
  std::string path_;
  std::string temporary_;
  sys::UniqueFd file_;
};

}  // namespace docker_cpp::cli
