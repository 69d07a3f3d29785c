// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <string>

#include "engine_fixture.hpp"

namespace docker_cpp::daemon {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;

constexpr AttachOptions outputs{.stdout_stream = true, .stderr_stream = true};
constexpr AttachOptions everything{
    .stdin_stream = true, .stdout_stream = true, .stderr_stream = true};

std::string content(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

pid_t monitor_of(pid_t pid) {
  const std::string status =
      content("/proc/" + std::to_string(pid) + "/status");
  return std::stoi(status.substr(status.find("PPid:") + 5));
}

TEST_F(EngineTest, RunsAProgramAndKeepsItsOutputAndExitCode) {
  const std::string id = make({"sh", "-c", "echo out; echo err >&2; exit 3"});
  const Attachment streams = attach(id, outputs);
  ASSERT_TRUE(start(id));
  EXPECT_EQ(wait(id).exit_code, 3);
  const std::string all = read_all(streams);
  EXPECT_THAT(
      all, AllOf(HasSubstr(frame(1, "out\n")), HasSubstr(frame(2, "err\n"))));
  const ContainerPtr now = engine_->get(id);
  EXPECT_EQ(now->state, State::exited);
  EXPECT_EQ(now->exit_code, 3);
  EXPECT_THAT(content(now->log_path),
              AllOf(HasSubstr(R"({"log":"out\n","stream":"stdout","time":")"),
                    HasSubstr(R"({"log":"err\n","stream":"stderr")")));
}

TEST_F(EngineTest, StreamEndsOnlyWhenTheStateIsFinal) {
  for (int i = 0; i < 20; ++i) {
    const std::string id = make({"true"});
    const Attachment streams = attach(id, outputs);
    ASSERT_TRUE(start(id));
    read_all(streams);
    EXPECT_EQ(engine_->get(id)->state, State::exited);
  }
}

TEST_F(EngineTest, StdinGoesInAndItsEndToo) {
  const std::string id =
      make({"cat"}, {}, {.open_stdin = true, .stdin_once = true});
  const Attachment streams = attach(id, everything);
  ASSERT_EQ(::write(streams.stream.get(), "hello\n", 6), 6);
  ::shutdown(streams.stream.get(), SHUT_WR);
  ASSERT_TRUE(start(id));
  EXPECT_EQ(read_all(streams), frame(1, "hello\n"));
  EXPECT_EQ(wait(id).exit_code, 0);
}

TEST_F(EngineTest, TerminalIsRawAndKnowsItsSize) {
  const std::string id = make({"sh", "-c", "read x; sleep 0.3; stty size; tty"},
                              {}, {.tty = true, .open_stdin = true});
  const Attachment streams = attach(id, everything);
  ASSERT_TRUE(start(id));
  Answer<void> resized;
  engine_->resize(id, {.rows = 33, .columns = 111}, resized.done());
  ASSERT_TRUE(resized.get());
  ASSERT_EQ(::write(streams.stream.get(), "\n", 1), 1);
  EXPECT_THAT(read_all(streams),
              AllOf(HasSubstr("33 111\r\n"), HasSubstr("/dev/pts/")));
}

TEST_F(EngineTest, MissingProgramIs127AndLeavesNothingRunning) {
  const std::string id = make({"nosuchcmd"});
  const Outcome<void> started = start(id);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code(), ErrorCode::invalid_argument);
  EXPECT_STREQ(
      started.error().what(),
      "failed to create task for container: failed to create shim task: OCI "
      "runtime create failed: docker-cpp create failed: unable to start "
      "container process: exec: \"nosuchcmd\": executable file not found in "
      "$PATH: unknown");
  EXPECT_EQ(engine_->get(id)->state, State::created);
  EXPECT_EQ(engine_->get(id)->exit_code, 127);
  EXPECT_FALSE(std::filesystem::exists(root_ + "/run/containers/" + id));
}

TEST_F(EngineTest, FileThatIsNoProgramIs126) {
  const std::string id = make({"/etc/passwd"});
  ASSERT_FALSE(start(id));
  EXPECT_EQ(engine_->get(id)->exit_code, 126);
}

TEST_F(EngineTest, StopEndsOnATermThatIsHeardAndKillsOneThatIsNot) {
  const std::string polite =
      make({"sh", "-c", "trap 'exit 7' TERM; while :; do sleep 0.01; done"});
  ASSERT_TRUE(start(polite));
  const std::string deaf =
      make({"sh", "-c", "trap '' TERM; while :; do sleep 0.01; done"});
  ASSERT_TRUE(start(deaf));
  std::this_thread::sleep_for(100ms);
  Answer<void> stopped;
  engine_->stop(polite, {.timeout = 20}, stopped.done());
  ASSERT_TRUE(stopped.get());
  EXPECT_EQ(engine_->get(polite)->exit_code, 7);
  Answer<void> killed;
  engine_->stop(deaf, {.timeout = 1}, killed.done());
  ASSERT_TRUE(killed.get());
  EXPECT_EQ(engine_->get(deaf)->exit_code, 137);
  Answer<void> again;
  engine_->stop(deaf, {}, again.done());
  EXPECT_EQ(again.get().error().code(), ErrorCode::not_modified);
}

TEST_F(EngineTest, RemoveOfARunningOneWantsForce) {
  const std::string id = make({"sleep", "1000"});
  ASSERT_TRUE(start(id));
  Answer<void> refused;
  engine_->remove(id, {}, refused.done());
  EXPECT_THAT(refused.get().error().what(),
              HasSubstr("container is running: stop the container before "
                        "removing or force remove"));
  Answer<WaitResult> waiting;
  engine_->wait(id, WaitCondition::removed, waiting.done());
  Answer<void> removed;
  engine_->remove(id, {.force = true}, removed.done());
  ASSERT_TRUE(removed.get());
  EXPECT_EQ(waiting.get().value().exit_code, 137);
  EXPECT_THROW(static_cast<void>(engine_->get(id)), ApiError);
}

TEST_F(EngineTest, AutoRemoveAnswersWaitersAfterTheRemoval) {
  HostConfig host;
  host.auto_remove = true;
  const std::string id = make({"sh", "-c", "exit 5"}, host);
  Answer<WaitResult> waiting;
  engine_->wait(id, WaitCondition::removed, waiting.done());
  ASSERT_TRUE(start(id));
  EXPECT_EQ(waiting.get().value().exit_code, 5);
  EXPECT_FALSE(std::filesystem::exists(root_ + "/data/containers/" + id));
  EXPECT_TRUE(engine_->list().empty());
}

TEST_F(EngineTest, ExecRunsInTheContainerAndItsCodeIsFinalWithTheStream) {
  const std::string id = make({"sleep", "1000"});
  ASSERT_TRUE(start(id));
  const std::string exec = engine_->create_exec(
      id, {.args = {"sh", "-c", "hostname; exit 4"}, .attach_stdout = true});
  Answer<Attachment> started;
  engine_->start_exec(exec, started.done());
  EXPECT_EQ(read_all(started.get().value()), frame(1, id.substr(0, 12) + "\n"));
  const Exec ended = engine_->get_exec(exec);
  EXPECT_FALSE(ended.running);
  EXPECT_EQ(ended.exit_code, 4);
  Answer<Attachment> again;
  engine_->start_exec(exec, again.done());
  EXPECT_EQ(again.get().error().code(), ErrorCode::conflict);
}

TEST_F(EngineTest, FailingExecSaysSoInItsStream) {
  const std::string id = make({"sleep", "1000"});
  ASSERT_TRUE(start(id));
  const std::string exec =
      engine_->create_exec(id, {.args = {"nosuchcmd"}, .attach_stdout = true});
  Answer<Attachment> started;
  engine_->start_exec(exec, started.done());
  EXPECT_THAT(read_all(started.get().value()),
              HasSubstr("OCI runtime exec failed: exec failed: unable to start "
                        "container process: exec: \"nosuchcmd\": executable "
                        "file not found in $PATH: unknown"));
  EXPECT_EQ(engine_->get_exec(exec).exit_code, 126);
}

TEST_F(EngineTest, ContainerOutlivesTheDaemonAndItsExitIsNotLost) {
  const std::string runs = make({"sleep", "1000"});
  const std::string ends = make({"sh", "-c", "sleep 0.3; echo late; exit 9"});
  ASSERT_TRUE(start(runs));
  ASSERT_TRUE(start(ends));
  const pid_t pid = engine_->get(runs)->pid;
  halt();
  std::this_thread::sleep_for(800ms);
  boot();
  EXPECT_EQ(engine_->get(runs)->state, State::running);
  EXPECT_EQ(engine_->get(runs)->pid, pid);
  EXPECT_EQ(engine_->get(ends)->state, State::exited);
  EXPECT_EQ(engine_->get(ends)->exit_code, 9);
  EXPECT_THAT(content(engine_->get(ends)->log_path), HasSubstr("late\\n"));
  Answer<void> killed;
  engine_->kill(runs, "KILL", killed.done());
  ASSERT_TRUE(killed.get());
  EXPECT_EQ(wait(runs).exit_code, 137);
}

TEST_F(EngineTest, ExitedContainerIsAsItWasAfterARestart) {
  const std::string id = make({"sh", "-c", "exit 3"});
  ASSERT_TRUE(start(id));
  EXPECT_EQ(wait(id).exit_code, 3);
  const Time finished = engine_->get(id)->finished_at;
  halt();
  boot();
  EXPECT_EQ(engine_->get(id)->state, State::exited);
  EXPECT_EQ(engine_->get(id)->exit_code, 3);
  EXPECT_EQ(engine_->get(id)->finished_at, finished);
}

TEST_F(EngineTest, AfterAPowerCutWhatShallRunRunsAgainAndTheRestIsToldOf) {
  HostConfig always;
  always.restart_policy.name = "always";
  const std::string kept = make({"sleep", "1000"}, always);
  const std::string plain = make({"sleep", "1000"});
  HostConfig passing;
  passing.auto_remove = true;
  make({"sleep", "1000"}, passing);
  std::vector<pid_t> processes;
  for (const std::string& id : {kept, plain}) {
    ASSERT_TRUE(start(id));
    const pid_t pid = engine_->get(id)->pid;
    processes.push_back(monitor_of(pid));
    processes.push_back(pid);
  }
  halt();
  // What the power takes: the processes, and all of the exec root.
  for (const pid_t pid : processes) {
    ::kill(pid, SIGKILL);
  }
  std::this_thread::sleep_for(100ms);
  std::filesystem::remove_all(root_ + "/run");
  std::filesystem::create_directory(root_ + "/run");
  boot();
  for (int i = 0; i < 300 && engine_->get(kept)->state != State::running; ++i) {
    std::this_thread::sleep_for(10ms);
  }
  EXPECT_EQ(engine_->get(kept)->state, State::running);
  EXPECT_EQ(engine_->get(plain)->state, State::exited);
  EXPECT_EQ(engine_->get(plain)->exit_code, 255);
  EXPECT_EQ(engine_->list().size(), 2U) << "one was to be removed";
}

TEST_F(EngineTest, KilledMonitorEndsItsContainerWithinASecond) {
  const std::string id = make({"sleep", "1000"});
  ASSERT_TRUE(start(id));
  const pid_t pid = engine_->get(id)->pid;
  const pid_t monitor = monitor_of(pid);
  Answer<WaitResult> ended;
  engine_->wait(id, WaitCondition::next_exit, ended.done());
  ::kill(monitor, SIGKILL);
  ASSERT_TRUE(ended.ready(1s));
  EXPECT_EQ(ended.get().value().exit_code, 137);
  // Killed at least; whoever inherited it may not have reaped it yet.
  const std::string after = content("/proc/" + std::to_string(pid) + "/stat");
  EXPECT_TRUE(after.empty() || after.find(") Z ") != std::string::npos)
      << "an orphan was left: " << after;
}

TEST_F(EngineTest, PolicyBringsAFailingContainerBack) {
  HostConfig host;
  host.restart_policy = {.name = "on-failure", .maximum_retry_count = 2};
  const std::string id = make({"sh", "-c", "exit 1"}, host);
  ASSERT_TRUE(start(id));
  const auto given_up = [&] {
    const ContainerPtr now = engine_->get(id);
    return now->restart_count == 2 && now->state == State::exited;
  };
  for (int i = 0; i < 1500 && !given_up(); ++i) {
    std::this_thread::sleep_for(10ms);
  }
  EXPECT_EQ(engine_->get(id)->restart_count, 2);
  EXPECT_EQ(engine_->get(id)->state, State::exited);
}

TEST_F(EngineTest, OomIsSeen) {
  HostConfig host;
  host.memory = 8 << 20;
  const std::string id =
      make({"sh", "-c", "dd if=/dev/zero of=/dev/null bs=64M count=1"}, host);
  ASSERT_TRUE(start(id));
  wait(id);
  EXPECT_TRUE(engine_->get(id)->oom_killed);
}

TEST_F(EngineTest, PausedIsFrozenUntilUnpaused) {
  const std::string id = make({"sleep", "1000"});
  ASSERT_TRUE(start(id));
  Answer<void> paused;
  engine_->pause(id, paused.done());
  ASSERT_TRUE(paused.get());
  EXPECT_EQ(engine_->get(id)->state, State::paused);
  EXPECT_THROW(engine_->create_exec(id, {.args = {"true"}}), ApiError);
  Answer<void> unpaused;
  engine_->unpause(id, unpaused.done());
  ASSERT_TRUE(unpaused.get());
  Answer<void> stopped;
  engine_->stop(id, {.timeout = 0}, stopped.done());
  EXPECT_TRUE(stopped.get());
}

TEST_F(EngineTest, NewVolumeHasWhatTheImageHasThere) {
  HostConfig host;
  host.binds = {"one:/etc", root_ + "/new/folder:/here:ro"};
  const std::string id = make(
      {"sh", "-c", "grep -q root /etc/passwd && ! touch /here/x 2>&1"}, host);
  ASSERT_TRUE(start(id));
  EXPECT_EQ(wait(id).exit_code, 0);
  EXPECT_TRUE(
      std::filesystem::exists(root_ + "/data/volumes/one/_data/passwd"));
  EXPECT_TRUE(std::filesystem::is_directory(root_ + "/new/folder"));
}

TEST_F(EngineTest, AnonymousVolumesGoWithTheContainerNamedOnesStay) {
  HostConfig host;
  host.binds = {"kept:/kept"};
  host.auto_remove = true;
  const std::string id = make({"true"}, host, {.volumes = {"/anonymous"}});
  Answer<WaitResult> waiting;
  engine_->wait(id, WaitCondition::removed, waiting.done());
  ASSERT_TRUE(start(id));
  ASSERT_TRUE(waiting.get());
  for (int i = 0; i < 100; ++i) {  // their content goes after the answer
    const auto volumes =
        std::filesystem::directory_iterator(root_ + "/data/volumes");
    if (std::distance(begin(volumes), end(volumes)) == 1) {
      break;
    }
    std::this_thread::sleep_for(10ms);
  }
  EXPECT_TRUE(std::filesystem::exists(root_ + "/data/volumes/kept/record"));
}

}  // namespace
}  // namespace docker_cpp::daemon
