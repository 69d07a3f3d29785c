// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "docker_cpp/oci/explain.hpp"
#include "docker_cpp/sys/trace.hpp"

namespace docker_cpp::runtime {

/// `--explain`: records a start while it lives, and tells it at its end; on
/// standard error, since standard output is the program's. Also of a start
/// that fails, up to where it failed.
class Telling {
 public:
  /// \throws UsageError
  explicit Telling(const std::optional<std::string>& how);
  ~Telling();
  Telling(const Telling&) = delete;
  Telling& operator=(const Telling&) = delete;
  Telling(Telling&&) = delete;
  Telling& operator=(Telling&&) = delete;

 private:
  void tell() const;

  oci::ExplainRequest request_;
  std::optional<sys::Trace> trace_;
};

}  // namespace docker_cpp::runtime
