// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/security/seccomp.hpp"

#include <linux/audit.h>
#include <sys/socket.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <seccomp.h>

#include "bpf_interpreter.hpp"

namespace docker_cpp::security {
namespace {

constexpr std::uint32_t allowed = SECCOMP_RET_ALLOW;

constexpr std::uint32_t refused(unsigned code) {
  return SECCOMP_RET_ERRNO | code;
}

/// Docker's default, compiled once for all tests of a process.
const FilterProgram& docker_default() {
  static const FilterProgram program =
      compile_seccomp(default_profile(default_capabilities())).value();
  return program;
}

std::uint32_t decide(const FilterProgram& program, std::uint32_t arch,
                     int number, std::uint64_t first = 0) {
  seccomp_data call{};
  call.nr = number;
  call.arch = arch;
  call.args[0] = first;
  return testing::decide(program, call);
}

std::uint32_t native(int number, std::uint64_t first = 0) {
  return decide(docker_default(), AUDIT_ARCH_X86_64, number, first);
}

std::map<std::string, std::string> docker_decisions() {
  std::ifstream file(DOCKER_DECISIONS);
  std::map<std::string, std::string> table;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name;
    std::string decision;
    if (words >> name >> decision && name != "#") {
      table[name] = decision;
    }
  }
  return table;
}

struct Abi {
  std::uint32_t token;  ///< libseccomp's
  std::uint32_t audit;
  int calls;  ///< how many at least have a name
};

class DefaultSeccompTable : public ::testing::TestWithParam<Abi> {};

/// `some` depends on arguments, which other tests look at; here, that such a
/// call is not open whatever its arguments.
TEST_P(DefaultSeccompTable, DecidesEachCallAsDockerDoes) {
  const auto table = docker_decisions();
  ASSERT_GT(table.size(), 300U);
  int compared = 0;
  for (int number = 0; number < 463; ++number) {
    char* raw = ::seccomp_syscall_resolve_num_arch(GetParam().token, number);
    if (raw == nullptr) {
      continue;
    }
    const std::string name(raw);
    ::free(raw);
    const auto known = table.find(name);
    const std::string wanted = known == table.end() ? "errno1" : known->second;
    const std::uint32_t answer =
        decide(docker_default(), GetParam().audit, number);
    if (wanted == "all") {
      EXPECT_EQ(answer, allowed) << name;
    } else if (wanted.starts_with("errno")) {
      EXPECT_EQ(answer,
                refused(static_cast<unsigned>(std::stoi(wanted.substr(5)))))
          << name;
    }
    ++compared;
  }
  EXPECT_GT(compared, GetParam().calls);
}

INSTANTIATE_TEST_SUITE_P(
    BothAbis, DefaultSeccompTable,
    ::testing::Values(Abi{SCMP_ARCH_X86_64, AUDIT_ARCH_X86_64, 330},
                      Abi{SCMP_ARCH_X86, AUDIT_ARCH_I386, 400}),
    [](const auto& one) {
      return one.param.token == SCMP_ARCH_X86 ? "i386" : "x86_64";
    });

TEST(DefaultSeccomp, RefusesAddressFamiliesThatReachOutOfTheContainer) {
  const int socket = SCMP_SYS(socket);
  EXPECT_EQ(native(socket, AF_INET), allowed);
  EXPECT_EQ(native(socket, AF_UNIX), allowed);
  EXPECT_EQ(native(socket, AF_ALG), refused(1));
  EXPECT_EQ(native(socket, AF_VSOCK), refused(1));
}

TEST(DefaultSeccomp, ClosesTheSocketcallHoleOfThe32BitAbi) {
  constexpr int socketcall_386 = 102;
  constexpr int socket_386 = 359;
  const auto decide_386 = [](int number, std::uint64_t first) {
    return decide(docker_default(), AUDIT_ARCH_I386, number, first);
  };
  EXPECT_EQ(decide_386(socketcall_386, 1), refused(1)) << "SYS_SOCKET";
  EXPECT_EQ(decide_386(socketcall_386, 3), allowed) << "SYS_CONNECT";
  EXPECT_EQ(decide_386(socket_386, AF_ALG), refused(1));
  EXPECT_EQ(decide_386(socket_386, AF_VSOCK), refused(1));
  EXPECT_EQ(decide_386(socket_386, AF_INET), allowed);
}

TEST(DefaultSeccomp, AllowsNoNewNamespaces) {
  const int clone = SCMP_SYS(clone);
  EXPECT_EQ(native(clone, CLONE_VM | CLONE_FS), allowed);
  EXPECT_EQ(native(clone, CLONE_NEWUSER), refused(1));
  EXPECT_EQ(native(clone, CLONE_NEWNS | CLONE_VM), refused(1));
  EXPECT_EQ(native(SCMP_SYS(unshare)), refused(1));
  EXPECT_EQ(native(435), refused(38)) << "clone3 hides its flags";
}

TEST(DefaultSeccomp, FollowsTheCapabilities) {
  const auto with = [](const char* name) {
    return compile_seccomp(default_profile(default_capabilities() |
                                           parse_capability(name).value()))
        .value();
  };
  const int mount = SCMP_SYS(mount);
  EXPECT_EQ(native(mount), refused(1));
  EXPECT_EQ(decide(with("SYS_ADMIN"), AUDIT_ARCH_X86_64, mount), allowed);
  EXPECT_EQ(native(SCMP_SYS(chroot)), allowed) << "CAP_SYS_CHROOT is default";
}

TEST(DefaultSeccomp, SaysThatCallsYoungerThanItselfDoNotExist) {
  EXPECT_EQ(native(452), allowed) << "fchmodat2 is younger than the library";
  EXPECT_EQ(native(457), allowed) << "statmount";
  EXPECT_EQ(native(500), refused(38));
  EXPECT_EQ(decide(docker_default(), AUDIT_ARCH_I386, 500), refused(38));
}

TEST(DefaultSeccomp, RefusesForeignArchitectures) {
  EXPECT_EQ(decide(docker_default(), AUDIT_ARCH_AARCH64, 0), refused(1));
}

TEST(DefaultSeccomp, IsShallow) {
  // As a list, a filter of this size would take some 400 steps per call.
  EXPECT_LT(docker_default().size(), 4096U) << "BPF_MAXINSNS";
}

TEST(SeccompJson, ReadsDockersDialect) {
  const char* text = R"({
    "defaultAction": "SCMP_ACT_ERRNO",
    "archMap": [{"architecture": "SCMP_ARCH_X86_64",
                 "subArchitectures": ["SCMP_ARCH_X86"]},
                {"architecture": "SCMP_ARCH_AARCH64"}],
    "syscalls": [
      {"names": ["read"], "action": "SCMP_ACT_ALLOW"},
      {"names": ["reboot"], "action": "SCMP_ACT_ALLOW",
       "includes": {"caps": ["CAP_SYS_BOOT"]}},
      {"names": ["mount"], "action": "SCMP_ACT_ALLOW",
       "excludes": {"caps": ["CAP_CHOWN"]}},
      {"names": ["ptrace"], "action": "SCMP_ACT_ALLOW",
       "includes": {"minKernel": "99.0"}}]})";
  const auto profile = parse_seccomp_profile(text, default_capabilities());
  ASSERT_TRUE(profile) << profile.error();
  EXPECT_EQ(profile->architectures.size(), 2U);
  ASSERT_EQ(profile->rules.size(), 1U);
  EXPECT_EQ(profile->rules[0].names[0], "read");
}

TEST(SeccompJson, SaysWhatIsWrong) {
  EXPECT_FALSE(parse_seccomp_profile("{", 0));
  EXPECT_FALSE(parse_seccomp_profile(R"({"syscalls": []})", 0));
  SeccompProfile bad;
  bad.rules.push_back({.names = {"read"}, .action = "SCMP_ACT_MAYBE"});
  EXPECT_EQ(compile_seccomp(bad).error(),
            "seccomp: 'SCMP_ACT_MAYBE' is not an action");
}

TEST(SeccompProfile, KnowsAllNineActions) {
  for (const char* action :
       {"SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD",
        "SCMP_ACT_TRAP", "SCMP_ACT_ERRNO", "SCMP_ACT_TRACE", "SCMP_ACT_ALLOW",
        "SCMP_ACT_LOG", "SCMP_ACT_NOTIFY"}) {
    SeccompProfile profile{.default_action = "SCMP_ACT_ALLOW"};
    profile.rules.push_back({.names = {"acct"}, .action = action});
    EXPECT_TRUE(compile_seccomp(profile)) << action;
  }
}

}  // namespace
}  // namespace docker_cpp::security
