// SPDX-License-Identifier: Apache-2.0
// What is asked of the machine: links, processors, memory nodes, caches.
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include <gmock/gmock.h>

#include "assemble_fixture.hpp"

#include "docker_cpp/oci/placement.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::oci {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// In a network namespace of the test's own, so that no link of the host's is
/// touched.
class Links : public Assemble {
 protected:
  void SetUp() override {
    ASSERT_EQ(::unshare(CLONE_NEWNET), 0);
    command("ip link add dc0 type veth peer name dc1");
    command("ip address add 10.98.7.6/24 dev dc0");
    command("ip address add fd00:98::6/64 dev dc0 nodad");
    command("ip link set dc0 up");
    command("ip link set dc1 up");
  }
  static void command(const std::string& line) {
    ASSERT_EQ(std::system(line.c_str()), 0) << line;  // NOLINT
  }
};

TEST_F(Links, MoveAreRenamedAndKeepTheirAddresses) {
  const Outcome result =
      shell("ip address show eth7; ip link show dc0",
            R"({"linux": {"netDevices": {"dc0": {"name": "eth7"}}}})");
  EXPECT_THAT(result.output, HasSubstr("10.98.7.6/24"));
  EXPECT_THAT(result.output, HasSubstr("fd00:98::6/64"));
  EXPECT_THAT(result.output, ::testing::ContainsRegex("eth7.*[<,]UP[,>]"));
  EXPECT_THAT(result.output, Not(HasSubstr(": dc0")));
}

TEST_F(Links, KeepTheirNameUnlessGivenAnother) {
  EXPECT_THAT(
      shell("ip address show dc0", R"({"linux": {"netDevices": {"dc0": {}}}})")
          .output,
      HasSubstr("10.98.7.6/24"));
}

TEST_F(Links, ThatAreNotThereAreNamed) {
  try {
    shell("true", R"({"linux": {"netDevices": {"eth77": {}}}})");
    FAIL();
  } catch (const SpecError& error) {
    EXPECT_STREQ(error.what(),
                 "linux.netDevices[\"eth77\"]: there is no such link on the "
                 "host");
  }
}

TEST_F(Links, NeedANetworkNamespaceToMoveTo) {
  EXPECT_THROW(shell("true", R"({"linux": {"netDevices": {"dc0": {}},
      "namespaces": [{"type": "mount"}, {"type": "pid"}, {"type": "uts"}]}})"),
               SpecError);
}

TEST_F(Links, ANameThatIsTakenIsAnError) {
  EXPECT_THROW(
      shell("true", R"({"linux": {"netDevices": {"dc0": {"name": "lo"}}}})"),
      Error);
}

TEST_F(Assemble, SchedulingPersonalityAndMaskAreWhatTheProgramSees) {
  const Outcome result = shell(
      "busybox cut -d' ' -f19,41 /proc/self/stat; busybox ionice;"
      "busybox uname -m; umask; busybox id -G",
      R"({"process": {"scheduler": {"policy": "SCHED_BATCH", "nice": 3},
            "ioPriority": {"class": "IOPRIO_CLASS_BE", "priority": 6},
            "user": {"uid": 0, "gid": 0, "umask": 63,
                     "additionalGids": [44, 4343]}},
          "linux": {"personality": {"domain": "LINUX32"}}})");
  EXPECT_EQ(result.output, "3 3\nbest-effort: prio 6\ni686\n0077\n0 44 4343\n");
}

TEST_F(Assemble, HasItsOwnHostAndDomainName) {
  EXPECT_EQ(shell("hostname; cat /proc/sys/kernel/domainname",
                  R"({"hostname": "inside", "domainname": "within.test"})")
                .output,
            "inside\nwithin.test\n");
}

TEST_F(Assemble, MemoryComesFromTheNodesAskedFor) {
  const std::string patch =
      R"({"linux": {"memoryPolicy": {"mode": "MPOL_BIND", "nodes": "0",
          "flags": ["MPOL_F_STATIC_NODES"]}}})";
  if (fs::exists("/proc/self/numa_maps")) {
    EXPECT_THAT(shell("cat /proc/self/numa_maps", patch).output,
                HasSubstr("bind=static:0"));
  } else {
    try {
      shell("true", patch);
      FAIL();
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("linux.memoryPolicy"));
    }
  }
}

TEST_F(Assemble, MemoryOfANodeThatIsNotThereIsRefused) {
  try {
    shell("true", R"({"linux": {"memoryPolicy": {"mode": "MPOL_BIND",
                                                 "nodes": "1000"}}})");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("linux.memoryPolicy"));
  }
}

TEST_F(AssembleExec, RunsOnTheProcessorsAskedFor) {
  const auto allowed = [&](const std::string& affinity) {
    return exec(R"({"cwd": "/", "env": ["PATH=/bin"], "execCPUAffinity": )" +
                affinity +
                R"(, "args": ["grep", "Cpus_allowed_list",
                              "/proc/self/status"]})")
        .output;
  };
  EXPECT_EQ(allowed(R"({"initial": "0", "final": "1"})"),
            "Cpus_allowed_list:\t1\n");
  EXPECT_EQ(allowed(R"({"initial": "0"})"), "Cpus_allowed_list:\t0\n");
}

TEST_F(AssembleExec, AProcessorThatIsNotThereIsNamed) {
  try {
    exec(R"({"cwd": "/", "env": ["PATH=/bin"], "args": ["true"],
             "execCPUAffinity": {"final": "1000"}})");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("process.execCPUAffinity.final"));
  }
}

/// This machine's processors have no resctrl: a folder with its files shows
/// what is written there.
class Rdt : public Assemble {
 protected:
  void SetUp() override { group("", ""); }

  void group(const std::string& name, const std::string& schemata) const {
    fs::create_directories(root() + name + "/mon_groups");
    spill(root() + name + "/schemata", schemata);
    spill(root() + name + "/tasks", "");
  }
  [[nodiscard]] std::string root() const { return bundle_.path() + "/resctrl"; }
};

TEST_F(Rdt, AGroupOfOthersIsJoinedAsItIs) {
  group("/gold", "L3:0=ff;1=ff\nMB:0=100\n");
  IntelRdt rdt(
      {.clos_id = "gold", .schemata = {"L3:0=ff;1=ff"}, .monitoring = false},
      "c1", root());
  rdt.from_parent({.pid = 4711, .pidfd = -1});
  EXPECT_EQ(slurp(root() + "/gold/tasks"), "4711");
  EXPECT_TRUE(rdt.take_made().empty());
}

TEST_F(Rdt, AGroupThatIsSetUpOtherwiseIsRefused) {
  group("/gold", "L3:0=0f\n");
  EXPECT_THROW(
      IntelRdt({.clos_id = "gold", .schemata = {"L3:0=ff"}}, "c1", root()),
      SpecError);
  EXPECT_EQ(slurp(root() + "/gold/schemata"), "L3:0=0f\n");
}

TEST_F(Rdt, AGroupThatIsNotThereNeedsSchemata) {
  EXPECT_THROW(IntelRdt({.clos_id = "silver"}, "c1", root()), SpecError);
}

TEST_F(Rdt, WhatIsMadeIsGoneWhenTheRestFails) {
  // No file to write the schemata to, in a folder that is no resctrl.
  EXPECT_THROW(IntelRdt({.schemata = {"L3:0=f"}}, "c1", root()), Error);
  EXPECT_FALSE(fs::exists(root() + "/c1"));
}

TEST_F(Rdt, WhoJoinsAContainerHasItsShare) {
  group("/gold", "L3:0=ff\n");
  fs::create_directories(root() + "/gold/mon_groups/c1");
  spill(root() + "/gold/mon_groups/c1/tasks", "");
  JoinRdt join(
      RdtGroup::of({.clos_id = "gold", .monitoring = true}, "c1", root()));
  join.from_parent({.pid = 4711, .pidfd = -1});
  EXPECT_EQ(slurp(root() + "/gold/tasks"), "4711");
  EXPECT_EQ(slurp(root() + "/gold/mon_groups/c1/tasks"), "4711");
}

TEST_F(Rdt, WhoJoinsOneThatIsOnlyCountedStaysInTheCommonGroup) {
  EXPECT_EQ(RdtGroup::of({.monitoring = true}, "c1", root()).group, root());
  JoinRdt(RdtGroup::of({}, "c1", root())).from_parent({.pid = 12, .pidfd = -1});
  EXPECT_EQ(slurp(root() + "/tasks"), "12");
  JoinRdt gone(RdtGroup::of({.clos_id = "gone"}, "c1", root()));
  EXPECT_THROW(gone.from_parent({.pid = 12, .pidfd = -1}), Error);
}

TEST_F(Rdt, AShareIsChangedWhereItIs) {
  group("/gold", "L3:0=ff\n");
  EXPECT_EQ(
      update_rdt(RdtSpec{.clos_id = "gold"}, "c1", root(), {"L3:0=0f"}, 4711),
      std::nullopt);
  EXPECT_EQ(slurp(root() + "/gold/schemata"), "L3:0=0f\n");
  EXPECT_EQ(slurp(root() + "/gold/tasks"), "") << "it is there already";
}

TEST_F(Rdt, AContainerWithoutAShareGetsOneOfItsOwn) {
  group("/c1", "");
  EXPECT_EQ(update_rdt(std::nullopt, "c1", root(), {"MB:0=50"}, 4711),
            std::nullopt);
  EXPECT_EQ(slurp(root() + "/c1/schemata"), "MB:0=50\n");
  EXPECT_EQ(slurp(root() + "/c1/tasks"), "4711");
  EXPECT_EQ(slurp(root() + "/schemata"), "") << "the whole machine's share";
  // No files in a new folder of what is no resctrl: refused, and gone again.
  EXPECT_THROW(static_cast<void>(
                   update_rdt(std::nullopt, "c2", root(), {"MB:0=50"}, 4711)),
               Error);
  EXPECT_FALSE(fs::exists(root() + "/c2"));
}

TEST_F(Rdt, AMachineWithoutItSaysSo) {
  try {
    IntelRdt({.clos_id = "gold"}, "c1", "");
    FAIL();
  } catch (const SpecError& error) {
    EXPECT_THAT(error.what(), StartsWith("linux.intelRdt: resctrl is not"));
  }
}

TEST_F(Assemble, ACgroupIsDelegatedInVersionTwoOnly) {
  auto cgroup = cgroups::Cgroup::create("/docker-cpp/" + bundle_.id());
  cgroup.delegate_to(65'534);
  for (const auto& directory : cgroup.directories()) {
    const uid_t wanted = directory.hierarchy.unified ? 65'534 : 0;
    for (const char* file : {"", "/cgroup.procs"}) {
      struct stat info{};
      ASSERT_EQ(::stat((directory.path + file).c_str(), &info), 0);
      EXPECT_EQ(info.st_uid, wanted) << directory.path << file;
    }
  }
  cgroup.remove();
}

}  // namespace
}  // namespace docker_cpp::oci
