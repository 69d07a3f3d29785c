// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/namespaces/process.hpp"

#include <memory>

#include <gtest/gtest.h>

#include "docker_cpp/namespaces/exec_error.hpp"
#include "docker_cpp/namespaces/namespaces.hpp"

namespace docker_cpp::namespaces {
namespace {

Program shell(std::string script) {
  return {.args = {"/bin/sh", "-c", std::move(script)}};
}

TEST(Process, SeesItselfAsPidOneOnItsOwnHost) {
  Isolations isolations;
  isolations.push_back(std::make_unique<NewNamespaces>(
      std::vector{Kind::pid, Kind::uts, Kind::ipc, Kind::network}));
  isolations.push_back(std::make_unique<Hostname>("box"));
  Process process = Process::start(
      shell("test $$ = 1 && test $(uname -n) = box"), isolations);
  EXPECT_EQ(process.wait(), 0);
}

TEST(Process, TellsTheParentWhyExecFailed) {
  try {
    Process::start({.args = {"nosuchcmd"}}, {});
    FAIL() << "start() should have thrown";
  } catch (const ExecError& error) {
    EXPECT_STREQ(error.what(),
                 "exec: \"nosuchcmd\": executable file not found in $PATH");
    EXPECT_EQ(error.exit_code(), 127);
  }
}

TEST(Process, OffsetsTheClocks) {
  Isolations isolations;
  isolations.push_back(std::make_unique<TimeOffsets>(
      TimeOffsets::Offset{}, TimeOffsets::Offset{.seconds = 1'000'000}));
  Process process = Process::start(
      shell("test $(cut -d. -f1 /proc/uptime) -ge 1000000"), isolations);
  EXPECT_EQ(process.wait(), 0);
}

TEST(Process, MapsUsers) {
  Isolations isolations;
  isolations.push_back(
      std::make_unique<Users>(std::vector<IdRange>{{0, 100'000, 65'536}},
                              std::vector<IdRange>{{0, 100'000, 65'536}}));
  Process process = Process::start(
      shell("test $(id -u) = 0 && grep -q 100000 /proc/self/uid_map"),
      isolations);
  EXPECT_EQ(process.wait(), 0);
}

}  // namespace
}  // namespace docker_cpp::namespaces
