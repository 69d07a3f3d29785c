// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "assemble_fixture.hpp"

#include "docker_cpp/namespaces/exec_error.hpp"
#include "docker_cpp/oci/assemble.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::oci {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST_F(Assemble, RunsAContainer) {
  const Outcome result = shell("hostname; id -u; echo $HOME; echo $$; exit 7");
  EXPECT_EQ(result.code, 7);
  EXPECT_EQ(result.output, "docker-cpp\n0\n/root\n1\n");
}

TEST_F(Assemble, RunsAContainerFromAnOverlay) {
  AssemblyOptions with = options();
  for (const char* name : {"/upper", "/work"}) {
    fs::create_directory(bundle_.path() + name);
  }
  with.overlay = rootfs::OverlayRoot{.lower = {bundle_.root()},
                                     .upper = bundle_.path() + "/upper",
                                     .work = bundle_.path() + "/work",
                                     .durable = false};
  const Spec spec =
      parse_spec(Bundle::config({"sh", "-c", "echo kept > /note; cat /note"},
                                R"({"root": {"readonly": false}})"));
  EXPECT_EQ(run(spec, std::move(with)).output, "kept\n");
  EXPECT_EQ(slurp(bundle_.path() + "/upper/note"), "kept\n");
  EXPECT_FALSE(fs::exists(bundle_.root() + "/note"));
  EXPECT_THAT(slurp("/proc/self/mountinfo"), Not(HasSubstr(bundle_.path())));
}

TEST_F(Assemble, ExactlyTheCapabilitiesAskedFor) {
  // KILL 5, NET_BIND_SERVICE 10, AUDIT_WRITE 29
  const Outcome result = shell("grep Cap /proc/self/status");
  EXPECT_THAT(result.output, HasSubstr("CapInh:\t0000000000000000"));
  EXPECT_THAT(result.output, HasSubstr("CapPrm:\t0000000020000420"));
  EXPECT_THAT(result.output, HasSubstr("CapEff:\t0000000020000420"));
  EXPECT_THAT(result.output, HasSubstr("CapBnd:\t0000000020000420"));
  EXPECT_THAT(result.output, HasSubstr("CapAmb:\t0000000000000000"));
}

TEST_F(Assemble, NoCapabilitiesObjectMeansNone) {
  const Outcome result = shell("grep Cap /proc/self/status",
                               R"({"process": {"capabilities": null}})");
  EXPECT_THAT(result.output, HasSubstr("CapBnd:\t0000000000000000"));
  EXPECT_THAT(result.output, HasSubstr("CapEff:\t0000000000000000"));
}

TEST_F(Assemble, UnknownCapabilitiesAreLeftOutWithAWarning) {
  const Spec spec = parse_spec(Bundle::config({"true"}, R"({"process":
      {"capabilities": {"bounding": ["CAP_FLY", "CAP_KILL"]}}})"));
  Assembly assembly = assemble(spec, bundle_.id(), options());
  assembly.cgroup->remove();
  ASSERT_EQ(assembly.warnings.size(), 1U);
  EXPECT_THAT(assembly.warnings[0], HasSubstr("CAP_FLY"));
}

TEST_F(Assemble, BecomesTheUserWithExactlyItsGroups) {
  const Outcome result = shell("id -u; id -g; grep Groups /proc/self/status",
                               R"({"process": {"user": {"uid": 1815,
                                "gid": 7, "additionalGids": [9]}}})");
  EXPECT_EQ(result.output, "1815\n7\nGroups:\t9 \n");
}

TEST_F(Assemble, LooksUpAUserNameInTheRoot) {
  const Outcome result =
      shell("id -u; id -g; echo $HOME; grep Groups /proc/self/status",
            R"({"process": {"user": {"username": "ada"}}})");
  EXPECT_EQ(result.output, "1815\n1852\n/home/ada\nGroups:\t33 \n");
}

TEST_F(Assemble, AnUnknownUserNameIsRefused) {
  try {
    shell("true", R"({"process": {"user": {"username": "nobody-here"}}})");
    FAIL();
  } catch (const SpecError& error) {
    EXPECT_THAT(error.what(), StartsWith("process.user.username: "));
  }
}

TEST_F(Assemble, OnlyStandardDescriptorsAreOpen) {
  // 3 is the folder that ls itself reads.
  EXPECT_EQ(run({"ls", "/proc/self/fd"}).output, "0\n1\n2\n3\n");
}

TEST_F(Assemble, TheProgramIsChargedToItsCgroupAndSeesItAsTheRoot) {
  const Outcome result =
      shell("cat /proc/self/cgroup",
            R"({"linux": {"resources": {"pids": {"limit": 5}}}})");
  EXPECT_THAT(result.output, HasSubstr(":/\n"));
  EXPECT_THAT(result.output, Not(HasSubstr("docker-cpp")));
}

TEST_F(Assemble, ALimitHolds) {
  const Outcome result =
      shell("for i in 1 2 3 4 5 6 7 8; do sleep 1 & done; wait",
            R"({"linux": {"resources": {"pids": {"limit": 3}}}})");
  EXPECT_THAT(result.output, HasSubstr("can't fork"));
}

TEST_F(Assemble, WritesSysctlsOfItsNamespaces) {
  const Outcome result =
      shell("cat /proc/sys/kernel/shmmni /proc/sys/net/ipv4/ip_forward",
            R"({"linux": {"sysctl": {"kernel.shmmni": "77",
                                     "net/ipv4/ip_forward": "1"}}})");
  EXPECT_EQ(result.output, "77\n1\n");
}

TEST_F(Assemble, RefusesSysctlsOfTheWholeMachine) {
  for (const char* name : {"kernel.panic", "vm.swappiness", "net",
                           "net.../../kernel.panic", "fs.file-max"}) {
    try {
      shell("true",
            std::string(R"({"linux": {"sysctl": {")") + name + R"(": "1"}}})");
      FAIL() << name;
    } catch (const SpecError& error) {
      EXPECT_THAT(error.what(), StartsWith("linux.sysctl[")) << name;
    }
  }
}

TEST_F(Assemble, AdjustsTheOomScore) {
  EXPECT_EQ(run({"cat", "/proc/self/oom_score_adj"},
                R"({"process": {"oomScoreAdj": 500}})")
                .output,
            "500\n");
}

TEST_F(Assemble, LoopbackIsUp) {
  EXPECT_THAT(run({"ip", "link", "show", "lo"}).output, HasSubstr("LOWER_UP"));
}

TEST_F(Assemble, FiltersSystemCalls) {
  const Outcome result = shell("hostname other; echo $?", R"({
        "process": {"capabilities": {"bounding": ["CAP_SYS_ADMIN"],
          "effective": ["CAP_SYS_ADMIN"], "permitted": ["CAP_SYS_ADMIN"]}},
        "linux": {"seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "syscalls":
          [{"names": ["sethostname"], "action": "SCMP_ACT_ERRNO",
            "errnoRet": 42}]}}})");
  EXPECT_THAT(result.output, HasSubstr("No message of desired type"));
}

TEST_F(Assemble, KeepsCompiledFilters) {
  const std::string cache = bundle_.path() + "/cache";
  fs::create_directory(cache);
  const Spec spec = parse_spec(Bundle::config({"true"}, R"({"linux": {"seccomp":
      {"defaultAction": "SCMP_ACT_ALLOW", "syscalls":
        [{"names": ["sethostname"], "action": "SCMP_ACT_ERRNO"}]}}})"));
  for (int round = 0; round < 2; ++round) {
    AssemblyOptions with = options();
    with.seccomp_cache = cache;
    EXPECT_EQ(run(spec, std::move(with)).code, 0);
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(cache), {}), 1);
}

TEST_F(Assemble, GivesATerminalOfTheContainersOwn) {
  const Spec spec = parse_spec(Bundle::config(
      {"sh", "-c", "tty; stty size; test -c /dev/console && echo console"},
      R"({"process": {"terminal": true,
                      "consoleSize": {"height": 30, "width": 100}}})"));
  Assembly assembly = assemble(spec, bundle_.id(), options());
  ASSERT_TRUE(assembly.console);
  auto process =
      namespaces::Process::start(assembly.program, assembly.isolations);
  assembly.console->slave.reset();
  std::string text;
  char buffer[256];
  ssize_t got = 0;
  while ((got = ::read(assembly.console->master.get(), buffer, sizeof buffer)) >
         0) {
    text.append(buffer, static_cast<std::size_t>(got));
  }
  EXPECT_EQ(process.wait(), 0);
  assembly.cgroup->remove();
  EXPECT_EQ(text, "/dev/pts/0\r\n30 100\r\nconsole\r\n");
}

TEST_F(Assemble, ProgramsThatCannotBeExecutedHaveTheirExitCode) {
  spill(bundle_.root() + "/etc/text", "no program");
  try {
    run({"nosuch"});
    FAIL();
  } catch (const namespaces::ExecError& error) {
    EXPECT_EQ(error.exit_code(), 127);
  }
  try {
    run({"/etc/text"});
    FAIL();
  } catch (const namespaces::ExecError& error) {
    EXPECT_EQ(error.exit_code(), 126);
  }
}

TEST_F(Assemble, AnImageWhoseFoldersAreLinksTouchesNothingOfTheHosts) {
  const std::string trap = bundle_.path() + "/trap";
  fs::create_directory(trap);
  for (const char* name : {"proc", "sys", "dev"}) {
    fs::create_symlink(trap, bundle_.root() + "/" + name);
  }
  try {
    shell("true", R"({"root": {"readonly": false}})");
  } catch (const Error&) {  // a clear refusal is as good as a correct start
  }
  EXPECT_TRUE(fs::is_empty(trap));
}

TEST_F(Assemble, NothingIsLeftWhenItFails) {
  EXPECT_THROW(shell("true", R"({"mounts": [{"destination": "/x", "type":
    "bind", "source": "/nonexistent", "options": ["bind"]}]})"),
               Error);
  EXPECT_THROW(shell("true", R"({"linux": {"seccomp": {"defaultAction":
    "SCMP_ACT_LAUGH"}}})"),
               SpecError);
}

TEST_F(Assemble, UsersOfItsOwn) {
  for (const auto& entry : fs::recursive_directory_iterator(bundle_.root())) {
    ASSERT_EQ(::lchown(entry.path().c_str(), 100'000, 100'000), 0);
  }
  ASSERT_EQ(::chown(bundle_.root().c_str(), 100'000, 100'000), 0);
  const Outcome result =
      shell("id -u; stat -c %u /bin; cat /proc/self/uid_map", R"({"linux":
        {"namespaces": [{"type": "user"}, {"type": "pid"}, {"type": "mount"},
                        {"type": "uts"}, {"type": "ipc"}, {"type": "network"},
                        {"type": "cgroup"}],
         "uidMappings": [{"containerID": 0, "hostID": 100000, "size": 65536}],
         "gidMappings": [{"containerID": 0, "hostID": 100000,
                          "size": 65536}]}})");
  EXPECT_EQ(result.output, "0\n0\n         0     100000      65536\n");
}

TEST_F(Assemble, ClocksOfItsOwn) {
  const Outcome result = shell("cat /proc/self/timens_offsets", R"({"linux":
        {"namespaces": [{"type": "time"}, {"type": "pid"}, {"type": "mount"},
                        {"type": "uts"}],
         "timeOffsets": {"boottime": {"secs": 5}}}})");
  EXPECT_THAT(result.output, ::testing::ContainsRegex("boottime +5 +0"));
}

TEST_F(Assemble, JoinsANamespaceByItsPath) {
  const Outcome result =
      shell("readlink /proc/self/ns/net", R"({"linux": {"namespaces":
        [{"type": "pid"}, {"type": "mount"}, {"type": "uts"},
         {"type": "network", "path": "/proc/self/ns/net"}]}})");
  EXPECT_EQ(result.output,
            fs::read_symlink("/proc/self/ns/net").string() + "\n");
}

TEST_F(Assemble, WhatCannotBeHadIsRefusedAndNotLeftOut) {
  for (const char* patch :
       {R"({"process": {"selinuxLabel": "a:b:c"}})",
        R"({"linux": {"mountLabel": "a:b:c"}})",
        R"({"linux": {"intelRdt": {"closID": "x"}}})",
        R"({"linux": {"netDevices": {"eth7": {}}}})",
        R"({"linux": {"seccomp": {"defaultAction": "SCMP_ACT_ALLOW",
            "listenerPath": "/nobody/there", "syscalls":
            [{"names": ["mkdir"], "action": "SCMP_ACT_NOTIFY"}]}}})",
        R"({"linux": {"seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "syscalls":
            [{"names": ["mkdir"], "action": "SCMP_ACT_NOTIFY"}]}}})",
        R"({"linux": {"seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "syscalls":
            [{"names": ["write"], "action": "SCMP_ACT_NOTIFY"}]}}})",
        R"({"linux": {"seccomp": {"defaultAction": "SCMP_ACT_NOTIFY"}}})",
        R"({"linux": {"seccomp": {"defaultAction": "SCMP_ACT_ALLOW",
            "defaultErrnoRet": 3}}})"}) {
    EXPECT_THROW(shell("true", patch), SpecError) << patch;
  }
}

TEST_F(Assemble, HooksRunInOrderWithTheStateOnTheirInput) {
  const std::string log = bundle_.path() + "/log";
  spill(bundle_.path() + "/hook",
        "#!/bin/sh\n(echo \"$1\"; cat; echo) >> " + log + "\n", 0755);
  const std::string hook = bundle_.path() + "/hook";
  const auto entry = [&](const char* word) {
    return "[{\"path\": \"" + hook + "\", \"args\": [\"hook\", \"" + word +
           "\"], \"env\": [\"PATH=/bin:/usr/bin\"]}]";
  };
  spill(bundle_.root() + "/bin/inside", "#!/bin/sh\necho inside $1 $(cat)\n",
        0755);
  const Outcome result = run(
      {"echo", "program"},
      R"({"annotations": {"a": "b"}, "hooks": {"prestart": )" + entry("one") +
          R"(, "createRuntime": )" + entry("two") + R"(, "createContainer": )" +
          entry("three") + R"(, "startContainer": [{"path": "/bin/inside",
            "args": ["inside", "four"], "env": ["PATH=/bin"]}]}})");
  const std::string text = slurp(log);
  EXPECT_LT(text.find("one"), text.find("two"));
  EXPECT_LT(text.find("two"), text.find("three"));
  EXPECT_THAT(text, HasSubstr(R"("status":"creating")"));
  EXPECT_THAT(text, HasSubstr(R"("annotations":{"a":"b"})"));
  EXPECT_THAT(result.output, StartsWith("inside four {"));
  EXPECT_THAT(result.output, HasSubstr(R"("pid":1,)"));
  EXPECT_THAT(result.output, ::testing::EndsWith("program\n"));
}

/// Tells, in a file of the host's, which root and mounts a hook sees.
std::string telling_hook(const std::string& bundle, const std::string& file) {
  const std::string hook = bundle + "/" + file + ".hook";
  spill(hook,
        "#!/bin/sh\nexec > " + bundle + "/" + file +
            "\ncat; echo\nfor n in mnt pid net; do readlink "
            "/proc/self/ns/$n; done\ntest -e " +
            bundle + "/rootfs/proc/1 && echo proc is mounted\nexit 0\n",
        0755);
  return "[{\"path\": \"" + hook + "\", \"env\": [\"PATH=/bin:/usr/bin\"]}]";
}

TEST_F(Assemble, HooksOfCreationRunWhenTheMountsAreMadeAndBeforeThePivot) {
  const Outcome result = shell(
      "for n in mnt pid net; do readlink /proc/self/ns/$n; done",
      R"({"hooks": {"createRuntime": )" +
          telling_hook(bundle_.path(), "runtime") + R"(, "createContainer": )" +
          telling_hook(bundle_.path(), "container") + "}}");
  const std::string in_runtime = slurp(bundle_.path() + "/runtime");
  const std::string in_container = slurp(bundle_.path() + "/container");
  // The container's mounts are not to be seen in the runtime's namespace...
  EXPECT_THAT(in_runtime, HasSubstr(fs::read_symlink("/proc/self/ns/mnt")));
  EXPECT_THAT(in_runtime, Not(HasSubstr("proc is mounted")));
  // ...but in its own, below the bundle, since the root is still the host's.
  EXPECT_THAT(in_container, HasSubstr(result.output));
  EXPECT_THAT(in_container, HasSubstr("proc is mounted"));
  EXPECT_THAT(in_container, HasSubstr(R"("pid":1,)"));
}

TEST_F(Assemble, WithoutAPivotTheHostIsOutOfSightAllTheSame) {
  for (const char* hooks :
       {"{}", R"({"hooks": {"createRuntime": [{"path": "/bin/true"}]}})"}) {
    AssemblyOptions with = options();
    with.no_pivot = true;
    EXPECT_EQ(run(parse_spec(Bundle::config(
                      {"sh", "-c", "ls /tmp; ls /../../../..; pwd"}, hooks)),
                  std::move(with))
                  .output,
              "bin\ndev\netc\nproc\nsys\ntmp\n/\n")
        << hooks;
  }
}

TEST_F(Assemble, ACreateRuntimeHookFindsTheMountsThroughThePid) {
  const std::string hook = bundle_.path() + "/hook";
  spill(hook,
        "#!/bin/sh\npid=$(sed 's/.*\"pid\":\\([0-9]*\\).*/\\1/')\n"
        "nsenter -t $pid -m test -e " +
            bundle_.root() +
            "/proc/1 && nsenter -t $pid -m mount -t tmpfs "
            "-o mode=0700 hook " +
            bundle_.root() + "/tmp\n",
        0755);
  const Outcome result =
      shell("stat -c %a /tmp", R"({"hooks": {"createRuntime": [{"path": ")" +
                                   hook + R"(", "env": ["PATH=)" +
                                   "/usr/sbin:/usr/bin:/sbin:/bin\"]}]}}");
  EXPECT_EQ(result.output, "700\n");
}

TEST_F(Assemble, AFailingHookEndsIt) {
  EXPECT_THROW(shell("true", R"({"hooks": {"createRuntime":
    [{"path": "/bin/false"}]}})"),
               Error);
  try {
    shell("true", R"({"hooks": {"createContainer": [{"path": "/bin/true"},
                                                    {"path": "/bin/false"}]}})");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("error running createContainer hook "
                                        "#1: /bin/false"));
  }
  EXPECT_THROW(shell("true", R"({"hooks": {"startContainer":
    [{"path": "/bin/false"}]}})"),
               Error);
}

TEST_F(Assemble, AHookThatHangsIsEndedInTime) {
  EXPECT_THROW(shell("true", R"({"hooks": {"prestart":
    [{"path": "/bin/sleep", "args": ["sleep", "60"], "timeout": 1}]}})"),
               Error);
}

TEST_F(AssembleExec, JoinsEverything) {
  const Outcome result = exec(R"({"cwd": "/etc", "env": ["PATH=/bin"],
    "args": ["sh", "-c", "hostname; pwd; cat /proc/self/cgroup;grep Cap /proc/self/status"]})");
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.output, StartsWith("docker-cpp\n/etc\n"));
  EXPECT_THAT(result.output, Not(HasSubstr("docker-cpp-bundle")));
  EXPECT_THAT(result.output, HasSubstr("CapBnd:\t0000000000000000"));
}

TEST_F(AssembleExec, HasNoDescriptorOfTheEngines) {
  EXPECT_EQ(exec(R"({"cwd": "/", "env": ["PATH=/bin"],
                     "args": ["ls", "/proc/self/fd"]})")
                .output,
            "0\n1\n2\n3\n");
}

TEST_F(AssembleExec, IsChargedToTheContainer) {
  Assembly assembly =
      assemble_exec(parse_process(R"({"cwd": "/", "env": ["PATH=/bin"],
                                      "args": ["sleep", "60"]})"),
                    process_->pid(), container_->cgroup->path(), options());
  auto joined =
      namespaces::Process::start(assembly.program, assembly.isolations);
  EXPECT_THAT(container_->cgroup->processes(),
              ::testing::UnorderedElementsAre(process_->pid(), joined.pid()));
}

TEST_F(AssembleExec, AMissingWorkingDirectoryIsAnError) {
  EXPECT_THROW(exec(R"({"cwd": "/nowhere", "args": ["true"]})"), Error);
}

}  // namespace
}  // namespace docker_cpp::oci
