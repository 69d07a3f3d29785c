// SPDX-License-Identifier: Apache-2.0
#include <signal.h>

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime_runner.hpp"

namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Lifecycle : public ::testing::Test {
 protected:
  void TearDown() override {
    static_cast<void>(runtime_({"delete", "--force", id()}));
    EXPECT_EQ(count_cgroups(id()), 0) << "a cgroup was left behind";
    if (fs::exists(runtime_.root)) {
      for (const auto& entry : fs::directory_iterator(runtime_.root)) {
        EXPECT_EQ(entry.path().filename(), ".seccomp") << "state was left";
      }
    }
  }

  [[nodiscard]] const std::string& id() const { return runtime_.bundle.id(); }

  Answer create(const std::vector<std::string>& args = {"sleep", "60"},
                const std::string& patch = "{}") {
    runtime_.bundle.configure(args, patch);
    return runtime_.in_bundle("create", {"--pid-file", pid_file(), id()});
  }

  void create_and_start() {
    ASSERT_EQ(create().code, 0);
    ASSERT_EQ(runtime_({"start", id()}).code, 0);
    ASSERT_TRUE(runtime_.becomes("running"));
  }

  [[nodiscard]] std::string pid_file() const {
    return runtime_.bundle.path() + "/pid";
  }

  Runtime runtime_;
};

TEST_F(Lifecycle, RunGivesTheProgramsExitCodeAndLeavesNothing) {
  runtime_.bundle.configure({"sh", "-c", "echo here; exit 7"});
  const Answer ran = runtime_.in_bundle("run", {id()});
  EXPECT_EQ(ran.code, 7);
  EXPECT_EQ(ran.out, "here\n");
  EXPECT_EQ(ran.err, "");
  EXPECT_EQ(count_cgroups(id()), 0);
  EXPECT_FALSE(fs::exists(runtime_.root + "/" + id()));
}

TEST_F(Lifecycle, RunGives128AndTheSignal) {
  runtime_.bundle.configure({"sh", "-c", "kill -9 $$; sleep 5"});
  // A PID namespace's first process is deaf to its own signals, so one from
  // outside is needed.
  const pid_t run =
      runtime_.begin({"run", "--bundle", runtime_.bundle.path(), id()});
  ASSERT_TRUE(runtime_.becomes("running"));
  EXPECT_EQ(runtime_({"kill", id(), "KILL"}).code, 0);
  EXPECT_EQ(wait_for(run), 128 + 9);
}

TEST_F(Lifecycle, RunPassesSignalsOn) {
  runtime_.bundle.configure(
      {"sh", "-c", "trap 'exit 42' TERM; sleep 60 & wait"});
  const pid_t run =
      runtime_.begin({"run", "--bundle", runtime_.bundle.path(), id()});
  ASSERT_TRUE(runtime_.becomes("running"));
  // The shell sets its trap a moment after it has begun.
  ::usleep(100'000);
  ::kill(run, SIGTERM);
  EXPECT_EQ(wait_for(run), 42);
}

TEST_F(Lifecycle, CreateStartKillDelete) {
  ASSERT_EQ(create().code, 0);
  EXPECT_EQ(runtime_.status(), "created");
  const Answer state = runtime_({"state", id()});
  EXPECT_EQ(json_at(state.out, "/pid"), slurp(pid_file()));
  EXPECT_EQ(json_at(state.out, "/bundle"), runtime_.bundle.path());
  EXPECT_EQ(json_at(state.out, "/id"), id());

  EXPECT_EQ(runtime_({"start", id()}).code, 0);
  EXPECT_EQ(runtime_.status(), "running");
  EXPECT_EQ(runtime_({"kill", id(), "SIGKILL"}).code, 0);
  EXPECT_TRUE(runtime_.becomes("stopped"));
  EXPECT_EQ(runtime_({"delete", id()}).code, 0);
  EXPECT_EQ(count_cgroups(id()), 0);
}

TEST_F(Lifecycle, TheProgramDoesNotBeginBeforeStart) {
  const std::string mark = runtime_.bundle.root() + "/tmp/mark";
  ASSERT_EQ(
      create({"touch", "/tmp/mark"}, R"({"root": {"readonly": false}})").code,
      0);
  ::usleep(100'000);
  EXPECT_FALSE(fs::exists(mark));
  EXPECT_EQ(runtime_({"start", id()}).code, 0);
  EXPECT_TRUE(runtime_.becomes("stopped"));
  EXPECT_TRUE(fs::exists(mark));
}

TEST_F(Lifecycle, WhileCreatedItHoldsNothingOfTheEngines) {
  ASSERT_EQ(create().code, 0);
  std::vector<std::string> open;
  for (const auto& fd :
       fs::directory_iterator("/proc/" + slurp(pid_file()) + "/fd")) {
    open.push_back(fd.path().filename());
  }
  // The three streams, and the folder of the start gate.
  EXPECT_THAT(open, ::testing::UnorderedElementsAre("0", "1", "2", "3"));
}

TEST_F(Lifecycle, StartSaysWhyTheProgramCannotBegin) {
  spill(runtime_.bundle.root() + "/bin/garbage",
        "\x7f"
        "ELF, but no more",
        0755);
  ASSERT_EQ(create({"/bin/garbage"}).code, 0);
  const Answer started = runtime_({"start", id()});
  EXPECT_EQ(started.code, 1);
  EXPECT_THAT(started.err, HasSubstr("Exec format error"));
  EXPECT_TRUE(runtime_.becomes("stopped"));
}

TEST_F(Lifecycle, AFailingStartContainerHookFailsTheStart) {
  ASSERT_EQ(create({"sleep", "60"}, R"({"hooks": {"startContainer":
                [{"path": "/bin/true"}, {"path": "/bin/false"}]}})")
                .code,
            0);
  const Answer started = runtime_({"start", id()});
  EXPECT_EQ(started.code, 1);
  EXPECT_THAT(started.err,
              HasSubstr("error running startContainer hook #1: /bin/false"));
  EXPECT_EQ(runtime_.status(), "(none)");  // step 7 goes on at step 12
}

TEST_F(Lifecycle, PoststopHooksRunWhenCreationFails) {
  const std::string log = runtime_.bundle.path() + "/log";
  const Answer created = create(
      {"true"},
      R"({"hooks": {"createRuntime": [{"path": "/bin/false"}], "poststop":
          [{"path": "/bin/sh", "args": ["sh", "-c", "cat > )" +
          log + R"("], "env": ["PATH=/bin:/usr/bin"]}]}})");
  EXPECT_EQ(created.code, 1);
  EXPECT_THAT(created.err,
              HasSubstr("error running createRuntime hook #0: /bin/false"));
  EXPECT_EQ(json_at(slurp(log), "/status"), "stopped");
}

TEST_F(Lifecycle, AnOrdinaryUserPassesTheGate) {
  ASSERT_EQ(create({"sleep", "60"},
                   R"({"process": {"user": {"uid": 1815, "gid": 7}}})")
                .code,
            0);
  EXPECT_EQ(runtime_({"start", id()}).code, 0);
  EXPECT_TRUE(runtime_.becomes("running"));
  EXPECT_THAT(slurp("/proc/" + slurp(pid_file()) + "/cmdline"),
              StartsWith("sleep"));
}

TEST_F(Lifecycle, ACreatedContainerCanBeDeleted) {
  ASSERT_EQ(create().code, 0);
  EXPECT_EQ(runtime_({"delete", id()}).code, 0);
  EXPECT_EQ(runtime_.status(), "(none)");
}

TEST_F(Lifecycle, ConfigurationChangesAfterCreateHaveNoEffect) {
  ASSERT_EQ(create({"sh", "-c", "exit 3"}).code, 0);
  runtime_.bundle.configure({"sh", "-c", "exit 4"});
  spill(runtime_.bundle.path() + "/config.json", "{]");
  EXPECT_EQ(runtime_({"start", id()}).code, 0);
  EXPECT_TRUE(runtime_.becomes("stopped"));
}

TEST_F(Lifecycle, RefusalsAreRuncs) {
  create_and_start();
  EXPECT_THAT(create().err,
              HasSubstr("container with given ID already exists"));
  EXPECT_THAT(runtime_({"start", id()}).err,
              HasSubstr("cannot start an already running container"));
  EXPECT_THAT(runtime_({"delete", id()}).err,
              HasSubstr("cannot delete container " + id() +
                        " that is not stopped: running"));
  EXPECT_THAT(runtime_({"resume", id()}).err,
              HasSubstr("container not paused"));
  EXPECT_THAT(runtime_({"kill", id(), "FROLIC"}).err,
              HasSubstr("unknown signal"));
  ASSERT_EQ(runtime_({"kill", id(), "9"}).code, 0);
  ASSERT_TRUE(runtime_.becomes("stopped"));
  EXPECT_THAT(runtime_({"kill", id(), "9"}).err,
              HasSubstr("container not running"));
  EXPECT_THAT(runtime_({"start", id()}).err,
              HasSubstr("cannot start a container that has stopped"));
  EXPECT_THAT(runtime_({"exec", id(), "true"}).err,
              HasSubstr("cannot exec in a stopped container"));
}

TEST_F(Lifecycle, UnknownContainersDoNotExist) {
  for (const char* command : {"state", "start", "kill", "delete", "pause",
                              "resume", "update", "ps"}) {
    const Answer answer = runtime_({command, "nobody"});
    EXPECT_EQ(answer.code, 1) << command;
    EXPECT_THAT(answer.err, HasSubstr("container does not exist")) << command;
  }
  EXPECT_EQ(runtime_({"delete", "--force", "nobody"}).code, 0);
}

TEST_F(Lifecycle, IdsThatAreNoneAreRefused) {
  runtime_.bundle.configure({"true"});
  for (const char* bad : {"a/b", "..", ".", "", "a b", ".seccomp"}) {
    const Answer answer = runtime_.in_bundle("create", {bad});
    EXPECT_EQ(answer.code, 1) << bad;
    EXPECT_THAT(answer.err, HasSubstr("invalid container ID format")) << bad;
  }
}

TEST_F(Lifecycle, PauseAndResume) {
  create_and_start();
  EXPECT_EQ(runtime_({"pause", id()}).code, 0);
  EXPECT_EQ(runtime_.status(), "paused");
  EXPECT_THAT(runtime_({"exec", id(), "true"}).err,
              HasSubstr("cannot exec in a paused container"));
  EXPECT_EQ(runtime_({"resume", id()}).code, 0);
  EXPECT_EQ(runtime_.status(), "running");
}

TEST_F(Lifecycle, APausedContainerCanBeDeletedByForce) {
  create_and_start();
  ASSERT_EQ(runtime_({"pause", id()}).code, 0);
  EXPECT_EQ(runtime_({"delete", "--force", id()}).code, 0);
}

TEST_F(Lifecycle, ListShowsIt) {
  create_and_start();
  const Answer table = runtime_({"list"});
  EXPECT_THAT(table.out, StartsWith("ID "));
  EXPECT_THAT(table.out, HasSubstr(id()));
  EXPECT_THAT(table.out, HasSubstr("running"));
  EXPECT_EQ(runtime_({"list", "-q"}).out, id() + "\n");
  const Answer json = runtime_({"list", "--format=json"});
  EXPECT_EQ(json_at(json.out, "/0/id"), id());
  EXPECT_EQ(json_at(json.out, "/0/owner"), "root");
}

TEST_F(Lifecycle, PsShowsItsProcesses) {
  create_and_start();
  EXPECT_EQ(runtime_({"ps", "--format", "json", id()}).out,
            "[" + slurp(pid_file()) + "]\n");
  EXPECT_THAT(runtime_({"ps", id()}).out, HasSubstr("sleep 60"));
}

TEST_F(Lifecycle, UpdateChangesALimit) {
  create_and_start();
  ASSERT_EQ(runtime_({"update", "--pids-limit", "2", id()}).code, 0);
  const Answer exec = runtime_(
      {"exec", id(), "sh", "-c", "sleep 1 & sleep 1 & sleep 1 & wait"});
  EXPECT_THAT(exec.err, HasSubstr("can't fork"));
  spill(runtime_.bundle.path() + "/limits", R"({"pids": {"limit": 9}})");
  EXPECT_EQ(runtime_({"update", "--resources",
                      runtime_.bundle.path() + "/limits", id()})
                .code,
            0);
  spill(runtime_.bundle.path() + "/limits", R"({"pids": {"limit": "x"}})");
  EXPECT_THAT(runtime_({"update", "--resources",
                        runtime_.bundle.path() + "/limits", id()})
                  .err,
              HasSubstr("pids.limit: must be an integer"));
}

}  // namespace
