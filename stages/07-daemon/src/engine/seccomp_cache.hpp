// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "oci_config.hpp"

namespace docker_cpp::daemon {

/// Compiled system call filters as files that monitors read. Compiling takes
/// longer than starting a container: the default one is made when the daemon
/// starts, others when first asked for. Thread safe.
class SeccompCache {
 public:
  explicit SeccompCache(std::string folder) : folder_(std::move(folder)) {}

  /// The file for a container with these capabilities; empty when it is to
  /// run unconfined. \throws ApiError when its own profile is no good
  [[nodiscard]] std::string file_for(const SecurityOptions& options,
                                     std::uint64_t capabilities);

 private:
  [[nodiscard]] std::string compile(const SecurityOptions& options,
                                    std::uint64_t capabilities,
                                    const std::string& name) const;

  const std::string folder_;
  std::mutex mutex_;
  std::map<std::string, std::string> files_;  ///< by what they are made from
};

}  // namespace docker_cpp::daemon
