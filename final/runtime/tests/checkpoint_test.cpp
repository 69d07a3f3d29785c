// SPDX-License-Identifier: Apache-2.0
// What is asked of criu, and what becomes of its answers: with a stand-in that
// speaks its RPC. criu itself needs a kernel that it knows.
#include <cstdlib>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime_runner.hpp"

namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class Checkpoint : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(tools());
    fs::create_symlink(CRIU_STAND_IN, tools() + "/criu");
    if (const char* path = std::getenv("PATH")) {
      path_ = path;
    }
    ::setenv("PATH", (tools() + ":" + path_).c_str(), 1);
  }
  void TearDown() override {
    ::setenv("PATH", path_.c_str(), 1);
    static_cast<void>(runtime_({"delete", "--force", id()}));
    EXPECT_EQ(count_cgroups(id()), 0) << "a cgroup was left behind";
  }

  [[nodiscard]] const std::string& id() const { return runtime_.bundle.id(); }
  [[nodiscard]] std::string tools() const {
    return runtime_.bundle.path() + "/tools";
  }
  [[nodiscard]] std::string images() const {
    return runtime_.bundle.path() + "/images";
  }
  [[nodiscard]] std::string asked(const std::string& pointer) const {
    return json_at(slurp(images() + "/request.json"), pointer);
  }

  void run_detached(const std::string& patch = "{}") {
    runtime_.bundle.configure({"sleep", "60"}, patch);
    ASSERT_EQ(runtime_.in_bundle("run", {"--detach", id()}).code, 0);
  }
  Answer checkpoint(std::vector<std::string> flags) {
    flags.insert(flags.begin(), {"checkpoint", "--image-path", images()});
    flags.push_back(id());
    return runtime_(flags);
  }
  Answer restore(std::vector<std::string> flags) {
    flags.insert(flags.begin(), {"--image-path", images()});
    flags.push_back(id());
    return runtime_.in_bundle("restore", flags);
  }

  std::string path_ = "/bin";
  Runtime runtime_;
};

TEST_F(Checkpoint, ADumpEndsTheContainer) {
  run_detached();
  const std::string pid = json_at(runtime_({"state", id()}).out, "/pid");
  const Answer done = checkpoint({"--tcp-established", "--file-locks"});
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(asked("/type"), "1");
  EXPECT_EQ(asked("/pid"), pid);
  EXPECT_EQ(asked("/tcp_established"), "1");
  EXPECT_EQ(asked("/file_locks"), "1");
  EXPECT_EQ(asked("/manage_cgroups_mode"), "3");
  EXPECT_EQ(asked("/log_file"), "dump.log");
  EXPECT_THAT(slurp(images() + "/descriptors.json"), HasSubstr("/dev/null"));
  EXPECT_EQ(runtime_.status(), "(none)");
}

TEST_F(Checkpoint, OrLeavesItRunning) {
  run_detached();
  EXPECT_EQ(checkpoint({"--leave-running"}).code, 0);
  EXPECT_EQ(asked("/leave_running"), "1");
  EXPECT_EQ(runtime_.status(), "running");
  EXPECT_EQ(checkpoint({"--pre-dump"}).code, 0);
  EXPECT_EQ(asked("/type"), "4");
  EXPECT_EQ(asked("/track_mem"), "1");
  EXPECT_EQ(runtime_.status(), "running");
}

TEST_F(Checkpoint, WhatIsTheHostsIsKeptOutOfTheImage) {
  run_detached(R"({"mounts": [{"destination": "/etc/issue", "type": "bind",
                   "source": "/etc/issue", "options": ["bind"]}]})");
  ASSERT_EQ(checkpoint({}).code, 0);
  EXPECT_THAT(slurp(images() + "/request.json"),
              HasSubstr(R"(["/etc/issue", "/etc/issue"])"));
}

TEST_F(Checkpoint, ARestoredContainerIsAContainer) {
  run_detached();
  ASSERT_EQ(checkpoint({}).code, 0);
  const std::string file = runtime_.bundle.path() + "/pid";
  const Answer done = restore({"--detach", "--pid-file", file});
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(asked("/type"), "2");
  EXPECT_EQ(asked("/rst_sibling"), "1");
  EXPECT_THAT(asked("/root"), HasSubstr("criu-root"));
  EXPECT_EQ(runtime_.status(), "running");
  EXPECT_EQ(json_at(runtime_({"state", id()}).out, "/pid"), slurp(file));
  EXPECT_EQ(runtime_({"ps", "-f", "json", id()}).out,
            "[" + slurp(file) + "]\n");
  EXPECT_FALSE(fs::exists(runtime_.root + "/" + id() + "/criu-root"));
}

TEST_F(Checkpoint, WhatCriuRefusesIsTold) {
  run_detached();
  ::setenv("CRIU_REFUSES", "1", 1);
  const Answer dump = checkpoint({});
  EXPECT_EQ(dump.code, 1);
  EXPECT_THAT(dump.err, HasSubstr("Device or resource busy"));
  EXPECT_THAT(dump.err, HasSubstr("dump.log"));
  EXPECT_EQ(runtime_.status(), "running");
  ASSERT_EQ(runtime_({"delete", "--force", id()}).code, 0);
  EXPECT_THAT(restore({"--detach"}).err, HasSubstr("restore.log"));
  EXPECT_EQ(runtime_.status(), "(none)");
  ::unsetenv("CRIU_REFUSES");
}

TEST_F(Checkpoint, WithoutCriu) {
  run_detached();
  ::setenv("PATH", "/nonexistent", 1);
  const Answer answer = checkpoint({});
  EXPECT_EQ(answer.code, 1);
  EXPECT_THAT(answer.err, HasSubstr("package criu"));
}

TEST_F(Checkpoint, BadFlagsAndStates) {
  run_detached();
  EXPECT_THAT(checkpoint({"--manage-cgroups-mode", "x"}).err,
              HasSubstr("manage-cgroups-mode"));
  EXPECT_THAT(checkpoint({"--page-server", "nowhere"}).err,
              HasSubstr("ADDRESS:PORT"));
  EXPECT_THAT(checkpoint({"--empty-ns", "pid"}).err, HasSubstr("namespace"));
  EXPECT_THAT(checkpoint({"--parent-path", "/x"}).err, HasSubstr("relative"));
  EXPECT_THAT(restore({}).err, HasSubstr("already exists"));
  ASSERT_EQ(runtime_({"kill", id(), "KILL"}).code, 0);
  ASSERT_TRUE(runtime_.becomes("stopped"));
  EXPECT_THAT(checkpoint({}).err, HasSubstr("in stopped state"));
  EXPECT_THAT(runtime_({"checkpoint", "nobody"}).err,
              HasSubstr("container does not exist"));
}

}  // namespace
