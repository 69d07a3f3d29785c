// SPDX-License-Identifier: Apache-2.0
// Containers of a user who is not root. Run as uid 65534 by setpriv(1), on a
// copy of the runtime which that user may execute.
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime_runner.hpp"

namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr unsigned nobody = 65'534;

class Rootless : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::copy_file(RUNTIME, program());
    fs::permissions(program(), fs::perms(0755));
    own(bundle_.path());
    for (const auto& entry : fs::recursive_directory_iterator(bundle_.path())) {
      own(entry.path());
    }
  }
  void TearDown() override { command("delete --force " + bundle_.id()); }

  static void own(const std::string& path) {
    ASSERT_EQ(::lchown(path.c_str(), nobody, nobody), 0) << path;
  }
  [[nodiscard]] std::string program() const {
    return bundle_.path() + "/runtime";
  }

  /// The exit code; what was written is in out_.
  int command(const std::string& words) {
    const std::string out = bundle_.path() + "/out";
    const std::string line =
        "setpriv --reuid=65534 --regid=65534 "
        "--clear-groups --inh-caps=-all " +
        program() + " --root " + bundle_.path() + "/state " + words + " > " +
        out + " 2>&1 < /dev/null";
    const int status = std::system(line.c_str());  // NOLINT
    out_ = slurp(out);
    return WEXITSTATUS(status);
  }
  int run(const std::string& script, const std::string& patch = mapped_alone) {
    bundle_.configure({"sh", "-c", script}, patch);
    return command("run --bundle " + bundle_.path() + " " + bundle_.id());
  }

  /// As `spec --rootless` has it: the caller is root inside, and nobody else.
  static constexpr const char* mapped_alone = R"({"linux": {
    "namespaces": [{"type": "user"}, {"type": "pid"}, {"type": "mount"},
                   {"type": "uts"}, {"type": "ipc"}],
    "uidMappings": [{"containerID": 0, "hostID": 65534, "size": 1}],
    "gidMappings": [{"containerID": 0, "hostID": 65534, "size": 1}],
    "resources": null},
    "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"},
      {"destination": "/dev", "type": "tmpfs", "source": "tmpfs",
       "options": ["nosuid", "mode=755"]},
      {"destination": "/sys", "type": "none", "source": "/sys",
       "options": ["rbind", "nosuid", "noexec", "nodev", "ro"]}]})";

  Bundle bundle_;
  std::string out_;
};

TEST_F(Rootless, ItIsRootInside) {
  EXPECT_EQ(run("id -u; hostname; echo $$; echo x > /dev/null && echo null; "
                "cat /proc/self/uid_map"),
            0);
  EXPECT_EQ(out_, "0\ndocker-cpp\n1\nnull\n         0      65534          1\n");
  EXPECT_FALSE(fs::exists(bundle_.path() + "/state/" + bundle_.id()));
}

TEST_F(Rootless, TheWholeLifecycle) {
  bundle_.configure({"sleep", "60"}, mapped_alone);
  const std::string id = bundle_.id();
  ASSERT_EQ(command("create --bundle " + bundle_.path() + " " + id), 0) << out_;
  EXPECT_EQ(command("state " + id), 0);
  EXPECT_EQ(json_at(out_, "/status"), "created");
  EXPECT_EQ(command("start " + id), 0) << out_;
  EXPECT_EQ(command("exec " + id + " sh -c 'id -u; hostname; echo $HOME'"), 0)
      << out_;
  EXPECT_EQ(out_, "0\ndocker-cpp\n/root\n");
  EXPECT_EQ(command("list -q"), 0);
  EXPECT_EQ(out_, id + "\n");
  EXPECT_EQ(command("kill " + id + " KILL"), 0) << out_;
  EXPECT_EQ(command("delete --force " + id), 0) << out_;
  EXPECT_EQ(command("state " + id), 1);
}

TEST_F(Rootless, TheTemplateOfSpecWorks) {
  ASSERT_EQ(command("spec --rootless --bundle " + bundle_.path()), 0) << out_;
  const std::string config = slurp(bundle_.path() + "/config.json");
  EXPECT_EQ(json_at(config, "/linux/uidMappings/0/hostID"), "65534");
}

TEST_F(Rootless, NoUserNamespaceIsRefused) {
  EXPECT_EQ(run("true", R"({"linux": {"namespaces": [{"type": "pid"},
                 {"type": "mount"}, {"type": "uts"}]}})"),
            1);
  EXPECT_THAT(out_, HasSubstr("rootless container requires user namespaces"));
}

TEST_F(Rootless, ALimitThatItMayNotSetIsRefused) {
  EXPECT_EQ(run("true", std::string(mapped_alone)
                            .replace(std::string(mapped_alone).find("null"), 4,
                                     R"({"pids": {"limit": 5}})")),
            1);
  EXPECT_THAT(out_, HasSubstr("linux.resources: this user may not make a "
                              "cgroup"));
}

TEST_F(Rootless, AMapThatItWasNotGivenIsRefused) {
  const std::string patch =
      std::string(mapped_alone)
          .replace(std::string(mapped_alone).find("\"size\": 1"), 9,
                   "\"size\": 2");
  EXPECT_EQ(run("true", patch), 1);
  EXPECT_THAT(out_, HasSubstr("linux.uidMappings"));
}

/// /etc/subuid and /etc/subgid of the test's own, in a mount namespace.
TEST_F(Rootless, NewuidmapGivesMoreIds) {
  if (::access("/usr/bin/newuidmap", X_OK) != 0) {
    ASSERT_EQ(std::getenv("DOCKER_CPP_REQUIRE_ALL"), nullptr)
        << "newuidmap is not installed";
    GTEST_SKIP() << "newuidmap is not installed";
  }
  ASSERT_EQ(::unshare(CLONE_NEWNS), 0);
  ASSERT_EQ(::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
  const std::string ids = bundle_.path() + "/ids";
  spill(ids, "nobody:200000:65536\n65534:200000:65536\n");
  for (const char* file : {"/etc/subuid", "/etc/subgid"}) {
    ASSERT_EQ(::mount(ids.c_str(), file, nullptr, MS_BIND, nullptr), 0);
  }
  std::string patch = mapped_alone;
  for (int i = 0; i < 2; ++i) {
    patch.replace(patch.find("\"size\": 1}]"), 11,
                  R"("size": 1},
                     {"containerID": 1, "hostID": 200000, "size": 1000}])");
  }
  EXPECT_EQ(run("touch /tmp/f; stat -c %u /tmp/f; id -u; id -G", patch), 0)
      << out_;
  patch.replace(patch.find("\"resources\""), 11, "\"ignored\"");
  bundle_.configure({"sh", "-c", "id -u; id -g; touch /dev/shm-file || true"},
                    patch);
  std::string config = slurp(bundle_.path() + "/config.json");
  config.replace(config.find("\"uid\": 0"), 8, "\"uid\": 5");
  config.replace(config.find("\"gid\": 0"), 8, "\"gid\": 6");
  spill(bundle_.path() + "/config.json", config);
  EXPECT_EQ(command("run --bundle " + bundle_.path() + " " + bundle_.id()), 0)
      << out_;
  EXPECT_THAT(out_, ::testing::StartsWith("5\n6\n"));
}

}  // namespace
