// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>

#include <csignal>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "oci_bundle.hpp"

#include "docker_cpp/oci/assemble.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::oci {

namespace fs = std::filesystem;

/// How a program in a container ended, and what it wrote.
struct Outcome {
  int code;
  std::string output;
};

class Assemble : public ::testing::Test {
 protected:
  void TearDown() override {
    EXPECT_EQ(count_cgroups(bundle_.id()), 0) << "a cgroup was left behind";
  }

  AssemblyOptions options() {
    AssemblyOptions options;
    options.bundle = bundle_.path();
    out_ = must(sys::open((bundle_.path() + "/out").c_str(),
                          O_RDWR | O_CREAT | O_TRUNC, 0666),
                "open the output");
    null_ = must(sys::open("/dev/null", O_RDWR), "open /dev/null");
    options.stdio = {null_.get(), out_.get(), out_.get()};
    return options;
  }

  Outcome run(const Spec& spec, AssemblyOptions with) {
    Assembly assembly = assemble(spec, bundle_.id(), std::move(with));
    int code = -1;
    try {
      auto process =
          namespaces::Process::start(assembly.program, assembly.isolations);
      code = process.wait();
    } catch (...) {
      assembly.cgroup->remove();
      throw;
    }
    assembly.cgroup->remove();
    return {.code = code, .output = slurp(bundle_.path() + "/out")};
  }

  Outcome run(const std::vector<std::string>& args,
              const std::string& patch = "{}") {
    return run(parse_spec(Bundle::config(args, patch)), options());
  }

  Outcome shell(const std::string& script, const std::string& patch = "{}") {
    return run({"sh", "-c", script}, patch);
  }

  Bundle bundle_;
  sys::UniqueFd out_;
  sys::UniqueFd null_;
};

/// A container that runs, and programs that join it.
class AssembleExec : public Assemble {
 protected:
  void SetUp() override {
    container_ = assemble(parse_spec(Bundle::config({"sleep", "60"})),
                          bundle_.id(), options());
    process_.emplace(namespaces::Process::start(container_->program,
                                                container_->isolations));
  }
  void TearDown() override {
    static_cast<void>(sys::kill_process(process_->pidfd(), SIGKILL));
    process_->wait();
    container_->cgroup->remove();
    Assemble::TearDown();
  }

  Outcome exec(const std::string& process_json) {
    Assembly assembly =
        assemble_exec(parse_process(process_json), process_->pid(),
                      container_->cgroup->path(), options());
    auto joined =
        namespaces::Process::start(assembly.program, assembly.isolations);
    const int code = joined.wait();
    return {.code = code, .output = slurp(bundle_.path() + "/out")};
  }

  std::optional<Assembly> container_;
  std::optional<namespaces::Process> process_;
};

}  // namespace docker_cpp::oci
