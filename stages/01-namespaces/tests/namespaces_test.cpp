// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/namespaces/namespaces.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "require.hpp"

#include "docker_cpp/namespaces/process.hpp"
#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::namespaces {
namespace {

Program shell(std::string script) {
  return {.args = {"/bin/sh", "-c", std::move(script)}};
}

std::string link_of(const std::string& path) {
  char text[64] = {};
  return ::readlink(path.c_str(), text, sizeof text - 1) > 0 ? text : "";
}

std::string namespace_of(pid_t pid, Kind kind) {
  return link_of("/proc/" + std::to_string(pid) + "/ns/" + proc_name(kind));
}

constexpr std::array by_clone = {Kind::ipc, Kind::uts, Kind::network, Kind::pid,
                                 Kind::mount};

TEST(NewNamespaces, AreDifferentFromTheHosts) {
  DOCKER_CPP_NEEDS_ROOT();
  Isolations isolations;
  isolations.push_back(std::make_unique<NewNamespaces>(
      std::vector(by_clone.begin(), by_clone.end())));
  const Process process = Process::start(shell("sleep 100"), isolations);
  for (const Kind kind : by_clone) {
    EXPECT_NE(namespace_of(process.pid(), kind), namespace_of(::getpid(), kind))
        << proc_name(kind);
  }
  EXPECT_EQ(namespace_of(process.pid(), Kind::user),
            namespace_of(::getpid(), Kind::user));
}

TEST(Users, AreRootInsideAndNobodyOutside) {
  DOCKER_CPP_NEEDS_ROOT();
  Isolations isolations;
  isolations.push_back(
      std::make_unique<Users>(std::vector<IdRange>{{0, 100'000, 65'536}},
                              std::vector<IdRange>{{0, 200'000, 65'536}}));
  EXPECT_EQ(Process::start(shell("test $(id -u) = 0 && test $(id -g) = 0 && "
                                 "test ! -r /etc/shadow && "
                                 "grep -q 100000 /proc/self/uid_map && "
                                 "grep -q 200000 /proc/self/gid_map"),
                           isolations)
                .wait(),
            0);
}

TEST(Users, AMapTheKernelRefusesFailsTheStart) {
  DOCKER_CPP_NEEDS_ROOT();
  Isolations isolations;
  isolations.push_back(std::make_unique<Users>(
      std::vector<IdRange>{{0, 0, 0}}, std::vector<IdRange>{{0, 0, 1}}));
  try {
    Process::start({.args = {"/bin/true"}}, isolations);
    FAIL() << "a range of no ids is no range";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::StartsWith("write the map of users"));
  }
}

TEST(FormatIdMap, WritesALinePerRange) {
  EXPECT_EQ(format_id_map({{0, 1000, 1}, {1, 100'000, 65'535}}),
            "0 1000 1\n1 100000 65535\n");
}

TEST(TimeOffsets, MoveTheClocksOfTheContainerOnly) {
  DOCKER_CPP_NEEDS_ROOT();
  Isolations isolations;
  isolations.push_back(std::make_unique<TimeOffsets>(
      TimeOffsets::Offset{}, TimeOffsets::Offset{.seconds = 1'000'000}));
  Process process = Process::start(
      shell("test $(cut -d. -f1 /proc/uptime) -ge 1000000"), isolations);
  EXPECT_EQ(process.wait(), 0);
}

class JoinTest : public testing::Test {
 protected:
  static Process container(Isolations isolations) {
    isolations.push_back(std::make_unique<NewNamespaces>(
        std::vector(by_clone.begin(), by_clone.end())));
    isolations.push_back(std::make_unique<Hostname>("joined"));
    return Process::start(shell("sleep 100"), isolations);
  }

  static int exec(pid_t pid, const char* script) {
    Isolations isolations;
    isolations.push_back(
        std::make_unique<JoinNamespaces>(JoinNamespaces::of_process(pid)));
    return Process::start(shell(script), isolations).wait();
  }
};

TEST_F(JoinTest, EntersEveryNamespaceOfTheContainer) {
  DOCKER_CPP_NEEDS_ROOT();
  const Process process = container({});
  EXPECT_EQ(exec(process.pid(), "test $(uname -n) = joined"), 0);
  EXPECT_EQ(exec(process.pid(), "test $$ -gt 1 && test $$ -lt 10"), 0)
      << "number 1 is the container's own first process";
  const std::string same = "test \"$(readlink /proc/self/ns/net)\" = '" +
                           namespace_of(process.pid(), Kind::network) + "'";
  EXPECT_EQ(exec(process.pid(), same.c_str()), 0);
}

TEST_F(JoinTest, EntersAUserNamespaceAsItsRoot) {
  DOCKER_CPP_NEEDS_ROOT();
  Isolations users;
  users.push_back(
      std::make_unique<Users>(std::vector<IdRange>{{0, 100'000, 65'536}},
                              std::vector<IdRange>{{0, 100'000, 65'536}}));
  const Process process = container(std::move(users));
  EXPECT_EQ(exec(process.pid(),
                 "test $(id -u) = 0 && grep -q 100000 /proc/self/uid_map"),
            0);
}

TEST_F(JoinTest, LeavesTheCallersOwnNamespaceForChildrenAlone) {
  DOCKER_CPP_NEEDS_ROOT();
  const Process process = container({});
  EXPECT_EQ(exec(process.pid(), "true"), 0);
  EXPECT_EQ(link_of("/proc/self/ns/pid_for_children"),
            link_of("/proc/self/ns/pid"));
}

TEST(OpenNamespace, RefusesWhatIsNone) {
  EXPECT_THROW(
      static_cast<void>(open_namespace(Kind::uts, "/proc/self/ns/net")), Error);
  EXPECT_THROW(static_cast<void>(open_namespace(Kind::uts, "/etc/hostname")),
               Error);
  EXPECT_THROW(static_cast<void>(open_namespace(Kind::uts, "/no/such/file")),
               Error);
}

}  // namespace
}  // namespace docker_cpp::namespaces
