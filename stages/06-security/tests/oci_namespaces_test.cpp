// SPDX-License-Identifier: Apache-2.0
// Namespaces that exist already, joined by their paths.
#include <sched.h>
#include <unistd.h>

#include <gmock/gmock.h>

#include "assemble_fixture.hpp"

#include "docker_cpp/namespaces/user_namespace.hpp"

namespace docker_cpp::oci {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::uint32_t first_id = 100'000;

namespaces::IdMaps maps() {
  return {.uids = {{.inside = 0, .outside = first_id, .count = 65'536}},
          .gids = {{.inside = 0, .outside = first_id, .count = 65'536}}};
}

class JoinByPath : public Assemble {
 protected:
  void SetUp() override {
    for (const auto& entry : fs::recursive_directory_iterator(bundle_.root())) {
      ASSERT_EQ(::lchown(entry.path().c_str(), first_id, first_id), 0);
    }
    ASSERT_EQ(::chown(bundle_.root().c_str(), first_id, first_id), 0);
  }
};

std::string own_path(int fd) {
  return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(fd);
}

std::string list(const std::string& entries) {
  return R"({"linux": {"namespaces": [)" + entries + "]}}";
}

constexpr const char* fresh =
    R"({"type": "pid"}, {"type": "mount"}, {"type": "uts"}, {"type": "ipc"},
       {"type": "network"}, {"type": "cgroup"})";

TEST_F(JoinByPath, AUserNamespaceAndNewOnesThatBelongToIt) {
  const sys::UniqueFd users = namespaces::make_user_namespace(maps());
  const Outcome result = shell(
      "id -u; stat -c %u /bin; cat /proc/self/uid_map; hostname; "
      "readlink /proc/self/ns/user; ip link show lo",
      list(std::string(fresh) + R"(, {"type": "user", "path": ")" +
           own_path(users.get()) + "\"}"));
  EXPECT_THAT(result.output,
              ::testing::StartsWith("0\n0\n         0     100000      65536\n"
                                    "docker-cpp\n"));
  EXPECT_THAT(result.output,
              HasSubstr(fs::read_symlink(own_path(users.get())).string()));
  EXPECT_THAT(result.output, HasSubstr("LOWER_UP"));
}

TEST_F(JoinByPath, ATerminalBelongsToItsUser) {
  const sys::UniqueFd users = namespaces::make_user_namespace(maps());
  auto spec = parse_spec(Bundle::config(
      {"true"}, list(std::string(fresh) + R"(, {"type": "user", "path": ")" +
                     own_path(users.get()) + "\"}")));
  spec.process->terminal = true;
  const Assembly assembly = assemble(spec, bundle_.id(), options());
  struct stat info{};
  ASSERT_EQ(::fstat(assembly.console->slave.get(), &info), 0);
  EXPECT_EQ(info.st_uid, first_id);
  cgroups::Cgroup::open(assembly.cgroup->path()).remove();
}

/// One container, and another that lives in all of its namespaces.
TEST_F(JoinByPath, AllEightAtOnce) {
  const std::string new_ones =
      std::string(fresh) + R"(, {"type": "user"}, {"type": "time"})";
  auto spec = parse_spec(Bundle::config(
      {"sleep", "60"},
      R"({"linux": {"namespaces": [)" + new_ones + R"(], "uidMappings":
        [{"containerID": 0, "hostID": 100000, "size": 65536}], "gidMappings":
        [{"containerID": 0, "hostID": 100000, "size": 65536}]}})"));
  Assembly first = assemble(spec, bundle_.id(), options());
  auto process = namespaces::Process::start(first.program, first.isolations);
  const std::string folder = "/proc/" + std::to_string(process.pid()) + "/ns/";
  std::string entries;
  std::string wanted;
  for (const auto& [type, file] :
       {std::pair{"user", "user"}, std::pair{"cgroup", "cgroup"},
        std::pair{"ipc", "ipc"}, std::pair{"uts", "uts"},
        std::pair{"network", "net"}, std::pair{"pid", "pid"},
        std::pair{"time", "time"}, std::pair{"mount", "mnt"}}) {
    entries += (entries.empty() ? "" : ", ") + std::string(R"({"type": ")") +
               type + R"(", "path": ")" + folder + file + "\"}";
    wanted += fs::read_symlink(folder + file).string() + "\n";
  }
  const std::string id = bundle_.id() + "-2";
  const Spec joining = parse_spec(Bundle::config(
      {"sh", "-c",
       "for n in user cgroup ipc uts net pid time mnt; do readlink "
       "/proc/self/ns/$n; done"},
      list(entries)));
  Assembly second = assemble(joining, id, options());
  auto joined = namespaces::Process::start(second.program, second.isolations);
  EXPECT_EQ(joined.wait(), 0);
  EXPECT_EQ(slurp(bundle_.path() + "/out"), wanted);
  second.cgroup->remove();
  static_cast<void>(sys::kill_process(process.pidfd(), SIGKILL));
  process.wait();
  first.cgroup->remove();
}

TEST_F(JoinByPath, AFileThatIsNoSuchNamespaceIsRefused) {
  EXPECT_THROW(
      shell("true", list(std::string(fresh) + R"(, {"type": "user", "path":
                         "/proc/self/ns/net"})")),
      Error);
  EXPECT_THROW(shell("true", list(R"({"type": "mount"}, {"type": "uts",
                                      "path": "/etc/passwd"})")),
               Error);
}

TEST_F(JoinByPath, ExecIntoAContainerWithUsersOfItsOwn) {
  const std::string patch = R"({"linux": {"namespaces": [)" +
                            std::string(fresh) +
                            R"(, {"type": "user"}], "uidMappings":
        [{"containerID": 0, "hostID": 100000, "size": 65536}], "gidMappings":
        [{"containerID": 0, "hostID": 100000, "size": 65536}]}})";
  Assembly first = assemble(parse_spec(Bundle::config({"sleep", "60"}, patch)),
                            bundle_.id(), options());
  auto process = namespaces::Process::start(first.program, first.isolations);
  Assembly second = assemble_exec(
      parse_process(R"({"cwd": "/", "env": ["PATH=/bin"], "args": ["sh", "-c",
        "id -u; hostname; readlink /proc/self/ns/pid"]})"),
      process.pid(), first.cgroup->path(), options());
  auto joined = namespaces::Process::start(second.program, second.isolations);
  EXPECT_EQ(joined.wait(), 0);
  EXPECT_EQ(
      slurp(bundle_.path() + "/out"),
      "0\ndocker-cpp\n" +
          fs::read_symlink("/proc/" + std::to_string(process.pid()) + "/ns/pid")
              .string() +
          "\n");
  static_cast<void>(sys::kill_process(process.pidfd(), SIGKILL));
  process.wait();
  first.cgroup->remove();
}

}  // namespace
}  // namespace docker_cpp::oci
