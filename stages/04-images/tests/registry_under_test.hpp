// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "support.hpp"

namespace docker_cpp::images {

/// A server of tests/registry.py in a process of its own, on a port of the
/// kernel's choice, gone with this object.
class RegistryUnderTest {
 public:
  /// `behaviour`: what it does wrong, and when; see registry.py.
  explicit RegistryUnderTest(const std::vector<std::string>& behaviour = {});
  ~RegistryUnderTest();
  RegistryUnderTest(const RegistryUnderTest&) = delete;
  RegistryUnderTest& operator=(const RegistryUnderTest&) = delete;

  [[nodiscard]] const std::string& host() const { return host_; }
  /// What it was asked, a request a line: "GET /v2/ auth=none range=".
  [[nodiscard]] std::vector<std::string> log() const;
  /// How many requests have that in them.
  [[nodiscard]] std::size_t asked(const std::string& part) const;

 private:
  TempDir folder_;
  std::string host_;
  pid_t pid_ = -1;
};

/// Options with short waits, for servers that misbehave on purpose.
[[nodiscard]] ImageStore::Options impatient(const TempDir& root);

}  // namespace docker_cpp::images
