// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "docker_cpp/cgroups/cgroup.hpp"
#include "docker_cpp/cgroups/join.hpp"
#include "docker_cpp/namespaces/namespaces.hpp"
#include "docker_cpp/namespaces/process.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::cgroups {

/// A test is for the one or the other generation of cgroups; a machine has
/// one. DOCKER_CPP_VM=1 says that this is the virtual machine with v2: there,
/// as here for v1, a skip is a failure.
inline bool is_v2() {
  return Hierarchies::detect().version() == Version::v2;
}

#define SKIP_UNLESS_V2()                                          \
  if (!is_v2()) {                                                 \
    if (std::getenv("DOCKER_CPP_VM") != nullptr) {                \
      FAIL() << "the virtual machine should have pure cgroup v2"; \
    }                                                             \
    GTEST_SKIP() << "this machine has cgroup v1; see tools/vm";   \
  }                                                               \
  static_assert(true)

#define SKIP_UNLESS_V1()                                \
  if (is_v2()) {                                        \
    GTEST_SKIP() << "this machine has cgroup v2 alone"; \
  }                                                     \
  static_assert(true)

/// A place of its own below each hierarchy's root; nothing is left of it.
class OwnCgroup : public ::testing::Test {
 public:
  /// A control file's text, or "" when there is none.
  static std::string file(const Cgroup& cgroup, std::string_view v1_controller,
                          const std::string& v1, const std::string& v2) {
    for (const ControlDirectory& directory : cgroup.directories()) {
      const bool unified = cgroup.version() == Version::v2;
      if (unified || has(directory.hierarchy, v1_controller)) {
        auto text =
            sys::read_file_at(directory.fd.get(), (unified ? v2 : v1).c_str());
        std::string line = text.value_or("");
        return line.substr(0, line.find_last_not_of('\n') + 1);
      }
    }
    return "";
  }

 protected:
  OwnCgroup() : root_("/docker-cpp-test-" + std::to_string(::getpid())) {}

  ~OwnCgroup() override {
    try {
      Cgroup::open(root_).kill_all(SIGKILL);
    } catch (const Error&) {  // made no cgroup, or only in part
    }
    try {
      Cgroup::remove_all(root_);
    } catch (const Error& error) {
      ADD_FAILURE() << error.what();
    }
  }

  [[nodiscard]] std::string path(const std::string& name = "box") const {
    return root_ + "/" + name;
  }

  /// A shell behind stage 01's isolations and a cgroup.
  static namespaces::Process start(const Cgroup& cgroup, std::string script) {
    namespaces::Isolations isolations;
    isolations.push_back(std::make_unique<JoinCgroup>(cgroup));
    isolations.push_back(std::make_unique<namespaces::NewNamespaces>(
        std::vector{namespaces::Kind::pid}));
    return namespaces::Process::start(
        {.args = {"/bin/sh", "-c", std::move(script)}}, isolations);
  }

  static int run(const Cgroup& cgroup, std::string script) {
    return start(cgroup, std::move(script)).wait();
  }

 private:
  std::string root_;
};

/// The sentence of the Error that a call ends in.
template <typename Call>
std::string error_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace docker_cpp::cgroups
