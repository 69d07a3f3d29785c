// SPDX-License-Identifier: Apache-2.0
// The commands that look after a running container: events, mounts, kill and
// delete by pattern, update; and what they refuse.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime_runner.hpp"

#include "docker_cpp/sys/unique_fd.hpp"

namespace {

namespace fs = std::filesystem;
using docker_cpp::sys::UniqueFd;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class Commands : public ::testing::Test {
 protected:
  void TearDown() override {
    static_cast<void>(runtime_({"delete", "--force", id()}));
    EXPECT_EQ(count_cgroups(id()), 0) << "a cgroup was left behind";
  }

  [[nodiscard]] const std::string& id() const { return runtime_.bundle.id(); }

  void run_detached(const std::string& patch = "{}",
                    const std::vector<std::string>& args = {"sleep", "60"},
                    const std::vector<std::string>& flags = {}) {
    runtime_.bundle.configure(args, patch);
    std::vector<std::string> words = {"--detach"};
    words.insert(words.end(), flags.begin(), flags.end());
    words.push_back(id());
    const Answer answer = runtime_.in_bundle("run", words);
    ASSERT_EQ(answer.code, 0) << answer.err;
  }

  [[nodiscard]] std::string beside(const std::string& name) const {
    return runtime_.bundle.path() + "/" + name;
  }

  /// Waits until it has what tells of memory: an eventfd (v1), inotify (v2).
  static bool watches_memory(pid_t pid) {
    for (int i = 0; i < 500; ++i) {
      std::error_code none;
      for (const auto& fd : fs::directory_iterator(
               "/proc/" + std::to_string(pid) + "/fd", none)) {
        const std::string what = fs::read_symlink(fd.path(), none);
        if (what.find("eventfd") != std::string::npos ||
            what.find("inotify") != std::string::npos) {
          return true;
        }
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
  }

  /// The lines of a command that goes on, once they hold `text`.
  std::string output_with(const std::string& text) {
    std::string shown;
    for (int i = 0; i < 500; ++i) {
      shown = slurp(beside("stdout"));
      if (shown.find(text) != std::string::npos) {
        break;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return shown;
  }

  Runtime runtime_;
};

TEST_F(Commands, EventsStatsIsRuncsDocument) {
  run_detached(R"({"linux": {"resources": {"memory": {"limit": 33554432},
                                           "pids": {"limit": 77}}}})");
  const Answer answer = runtime_({"events", "--stats", id()});
  ASSERT_EQ(answer.code, 0) << answer.err;
  EXPECT_EQ(json_at(answer.out, "/type"), "stats");
  EXPECT_EQ(json_at(answer.out, "/id"), id());
  EXPECT_EQ(json_at(answer.out, "/data/memory/usage/limit"), "33554432");
  EXPECT_EQ(json_at(answer.out, "/data/pids/limit"), "77");
  EXPECT_EQ(json_at(answer.out, "/data/pids/current"), "1");
  EXPECT_THAT(answer.out, HasSubstr(R"("cpu":{"usage":{"total":)"));
  EXPECT_THAT(answer.out, HasSubstr(R"("intel_rdt":{})"));
}

TEST_F(Commands, EventsGoOnUntilTheContainerEnds) {
  run_detached();
  const pid_t events = runtime_.begin({"events", "--interval", "50ms", id()});
  const std::string shown = output_with("}\n{");
  EXPECT_THAT(shown, StartsWith(R"({"type":"stats",)"));
  ::kill(static_cast<pid_t>(
             std::stoi(json_at(runtime_({"state", id()}).out, "/pid"))),
         SIGKILL);
  EXPECT_EQ(wait_for(events), 0);
}

TEST_F(Commands, EventsTellOfMemoryThatRanOut) {
  run_detached(R"({"root": {"readonly": false},
                   "linux": {"resources": {"memory": {
                     "limit": 16777216, "swap": 16777216}}}})",
               {"sh", "-c",
                "while ! test -e /tmp/go; do sleep 0.05; done;"
                "dd if=/dev/zero of=/dev/null bs=64M count=1; sleep 60"});
  const pid_t events = runtime_.begin({"events", "--interval", "1h", id()});
  ASSERT_TRUE(watches_memory(events));
  EXPECT_EQ(slurp(beside("stdout")), "");
  // Another output file: the one of `events` is still being written.
  const std::string root =
      "/proc/" +
      json_at(slurp(runtime_.root + "/" + id() + "/state.json"), "/pid") +
      "/root/tmp/go";
  spill(root, "");
  EXPECT_THAT(output_with("oom"),
              HasSubstr(R"({"type":"oom","id":")" + id() + "\"}"));
  static_cast<void>(::kill(events, SIGKILL));
  wait_for(events);
}

TEST_F(Commands, EventsRefuse) {
  run_detached();
  for (const char* bad : {"0s", "-1s", "5", "soon", "5x", ""}) {
    EXPECT_THAT(runtime_({"events", "--interval", bad, id()}).err,
                HasSubstr("--interval"))
        << bad;
  }
  EXPECT_THAT(runtime_({"events", "nobody"}).err,
              HasSubstr("container does not exist"));
  ASSERT_EQ(runtime_({"kill", id(), "KILL"}).code, 0);
  ASSERT_TRUE(runtime_.becomes("stopped"));
  EXPECT_THAT(runtime_({"events", "--stats", id()}).err,
              HasSubstr("is not running"));
}

TEST_F(Commands, MountsAreAddedAndRemovedWhileItRuns) {
  run_detached(R"({"root": {"readonly": false}})");
  fs::create_directory(beside("volume"));
  spill(beside("volume/word"), "here");
  spill(beside("mounts"), R"([{"destination": "/tmp/a/b", "type": "bind",
      "source": ")" + beside("volume") +
                              R"(", "options": ["bind", "ro"]},
      {"destination": "/tmp/t", "type": "tmpfs", "source": "tmpfs",
       "options": ["size=64k"]}])");
  const Answer added = runtime_({"mounts", "add", id(), beside("mounts")});
  ASSERT_EQ(added.code, 0) << added.err;
  EXPECT_EQ(runtime_({"exec", id(), "cat", "/tmp/a/b/word"}).out, "here");
  EXPECT_THAT(runtime_({"exec", id(), "touch", "/tmp/a/b/x"}).err,
              HasSubstr("Read-only"));
  EXPECT_THAT(runtime_({"exec", id(), "cat", "/proc/mounts"}).out,
              HasSubstr("tmpfs /tmp/t tmpfs"));
  ASSERT_EQ(runtime_({"mounts", "remove", id(), beside("mounts")}).code, 0);
  EXPECT_THAT(runtime_({"exec", id(), "cat", "/proc/mounts"}).out,
              Not(HasSubstr("/tmp/t tmpfs")));
  EXPECT_NE(runtime_({"exec", id(), "cat", "/tmp/a/b/word"}).code, 0);
}

TEST_F(Commands, MountsDoNotLeaveTheRoot) {
  const std::string trap = beside("trap");
  fs::create_directory(trap);
  run_detached(R"({"root": {"readonly": false}})",
               {"sh", "-c", "ln -s " + trap + " /tmp/link; sleep 60"});
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  spill(beside("mounts"), R"({"mounts": [{"destination": "/tmp/link/x",
      "type": "tmpfs", "source": "tmpfs"}]})");
  static_cast<void>(runtime_({"mounts", "add", id(), beside("mounts")}));
  EXPECT_TRUE(fs::is_empty(trap));
  EXPECT_THAT(slurp("/proc/self/mountinfo"), Not(HasSubstr(trap)));
}

TEST_F(Commands, MountsRefuse) {
  run_detached();
  EXPECT_THAT(runtime_({"mounts", "change", id(), "x"}).err,
              HasSubstr("requires add or remove"));
  spill(beside("mounts"), R"([{"destination": "/p", "type": "proc"}])");
  EXPECT_THAT(runtime_({"mounts", "add", id(), beside("mounts")}).err,
              HasSubstr("proc cannot be added"));
  spill(beside("mounts"), R"([{"type": "tmpfs"}])");
  EXPECT_THAT(runtime_({"mounts", "add", id(), beside("mounts")}).err,
              HasSubstr("mounts[0].destination"));
  spill(beside("mounts"), R"([{"destination": "/x", "type": "bind",
                              "source": "/nowhere"}])");
  EXPECT_THAT(runtime_({"mounts", "add", id(), beside("mounts")}).err,
              HasSubstr("/nowhere"));
  spill(beside("mounts"), R"([{"destination": "/x"}])");
  EXPECT_NE(runtime_({"mounts", "remove", id(), beside("mounts")}).code, 0);
}

TEST_F(Commands, KillAndDeleteByPattern) {
  run_detached();
  EXPECT_EQ(runtime_({"kill", "--regex", "^no-such", "KILL"}).code, 0);
  EXPECT_EQ(runtime_.status(), "running");
  EXPECT_THAT(runtime_({"kill", "--regex", "(", "KILL"}).err,
              HasSubstr("is not a regular expression"));
  EXPECT_EQ(runtime_({"kill", "--regex", "^" + id() + "$", "KILL"}).code, 0);
  ASSERT_TRUE(runtime_.becomes("stopped"));
  EXPECT_EQ(runtime_({"delete", "--regex", "."}).code, 0);
  EXPECT_EQ(runtime_.status(), "(none)");
}

TEST_F(Commands, KillAllReachesEverybody) {
  run_detached("{}", {"sh", "-c", "sleep 61 & sleep 62"});
  EXPECT_EQ(runtime_({"kill", "--all", id(), "KILL"}).code, 0);
  ASSERT_TRUE(runtime_.becomes("stopped"));
  EXPECT_THAT(runtime_({"kill", id(), "KILL"}).err,
              HasSubstr("container not running"));
}

TEST_F(Commands, APausedContainerDiesOfKill) {
  run_detached();
  ASSERT_EQ(runtime_({"pause", id()}).code, 0);
  EXPECT_EQ(runtime_({"kill", id(), "KILL"}).code, 0);
  EXPECT_TRUE(runtime_.becomes("stopped"));
}

TEST_F(Commands, UpdateTakesSizesAndStandardInput) {
  run_detached(R"({"linux": {"resources": {"memory": {"limit": 33554432}}}})");
  const auto limit = [&] {
    return json_at(runtime_({"events", "--stats", id()}).out,
                   "/data/memory/usage/limit");
  };
  ASSERT_EQ(runtime_({"update", "--memory", "48m", id()}).code, 0);
  EXPECT_EQ(limit(), std::to_string(48 << 20));
  EXPECT_THAT(runtime_({"update", "--memory", "much", id()}).err,
              HasSubstr("invalid value for memory"));
  EXPECT_THAT(runtime_({"update", "--l3-cache-schema", "L3:0=f", id()}).err,
              HasSubstr("l3 cache schema is not enabled"));
  EXPECT_THAT(runtime_({"update", "--mem-bw-schema", "MB:0=9", id()}).err,
              HasSubstr("memory bandwidth schema is not enabled"));
  EXPECT_THAT(runtime_({"update", "--resources", "/nowhere", id()}).err,
              HasSubstr("/nowhere"));
  EXPECT_THAT(runtime_({"update", "--cpu-idle", "x", id()}).err,
              HasSubstr("--cpu-idle"));
}

TEST_F(Commands, ThePidfdGoesToItsSocket) {
  const std::string path = beside("pidfd");
  const UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address),
                   sizeof address),
            0);
  ASSERT_EQ(::listen(listener.get(), 1), 0);
  run_detached("{}", {"sleep", "60"}, {"--pidfd-socket", path});
  const UniqueFd connection(
      ::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  char byte[64];
  iovec text{.iov_base = byte, .iov_len = sizeof byte};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &text;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ASSERT_GT(::recvmsg(connection.get(), &message, MSG_CMSG_CLOEXEC), 0);
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
  const UniqueFd process(fd);
  ASSERT_EQ(runtime_({"kill", id(), "KILL"}).code, 0);
  pollfd ended{.fd = process.get(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(::poll(&ended, 1, 5000), 1);
}

TEST_F(Commands, HelpHelps) {
  const Answer all = runtime_({"--help"});
  EXPECT_EQ(all.code, 0);
  EXPECT_THAT(all.out, HasSubstr("--log-format"));
  EXPECT_THAT(all.out, HasSubstr("events"));
  const Answer one = runtime_({"exec", "--help"});
  EXPECT_EQ(one.code, 0);
  EXPECT_THAT(one.out, HasSubstr("-u, --user value"));
  EXPECT_THAT(one.out, HasSubstr("CONTAINER PROGRAM"));
  EXPECT_THAT(runtime_({"--version"}).out, HasSubstr("libseccomp: 2."));
  runtime_.global = {"--log-level", "loud"};
  EXPECT_THAT(runtime_({"list"}).err, HasSubstr("invalid log-level: loud"));
  runtime_.global = {"--cgroup-manager", "other"};
  EXPECT_THAT(runtime_({"list"}).err, HasSubstr("--cgroup-manager"));
}

/// Of /proc/PID/cgroup.
std::string cgroup_in(const std::string& lines, const std::string& controller) {
  const std::size_t at = lines.find(":" + controller + ":");
  const std::size_t begin = at + controller.size() + 2;
  return at == std::string::npos
             ? ""
             : lines.substr(begin, lines.find('\n', begin) - begin);
}

TEST_F(Commands, ExecJoinsTheCgroupOfOneController) {
  const std::string path = "/docker-cpp-test-" + id();
  run_detached(R"({"linux": {"cgroupsPath": ")" + path + R"("}})");
  const fs::path sub = "/sys/fs/cgroup/pids" + path + "/sub";
  if (!fs::exists(sub.parent_path())) {
    // One hierarchy for all: then a controller has no place of its own.
    EXPECT_THAT(runtime_({"exec", "--cgroup", "pids:sub", id(), "true"}).err,
                HasSubstr("\\\"pids\\\""));
    return;
  }
  fs::create_directory(sub);
  for (const char* asked : {"pids:/sub", "pids,freezer:/", "pids:sub"}) {
    const std::string seen =
        runtime_({"exec", "--cgroup", asked, id(), "cat", "/proc/self/cgroup"})
            .out;
    const bool below = std::string(asked).ends_with("sub");
    EXPECT_EQ(cgroup_in(seen, "pids"), below ? "/sub" : "/") << seen;
    EXPECT_EQ(cgroup_in(seen, "memory"), "/") << seen;
  }
}

TEST_F(Commands, WithoutCgroupsNoneAreMade) {
  runtime_.global = {"--cgroup-manager", "disabled"};
  run_detached();
  EXPECT_EQ(count_cgroups(id()), 0);
  EXPECT_EQ(runtime_.status(), "running");
  EXPECT_EQ(runtime_({"exec", id(), "echo", "in"}).out, "in\n");
  EXPECT_EQ(runtime_({"delete", "--force", id()}).code, 0);
  runtime_.bundle.configure({"true"},
                            R"({"linux": {"resources": {"pids":
                                {"limit": 7}}}})");
  EXPECT_THAT(runtime_.in_bundle("run", {id()}).err,
              HasSubstr("linux.resources: there is to be no cgroup"));
}

TEST_F(Commands, ExecRefusesCgroupsThatAreNotItsOwn) {
  run_detached();
  EXPECT_THAT(runtime_({"exec", "--cgroup", "memory:/x", id(), "true"}).err,
              HasSubstr("cgroup"));
  EXPECT_THAT(runtime_({"exec", "--cgroup", "nosuch:/", id(), "true"}).err,
              HasSubstr("nosuch"));
  EXPECT_THAT(runtime_({"exec", "--cgroup", ":/x", id(), "true"}).err,
              HasSubstr("empty <controller> prefix"));
  EXPECT_THAT(
      runtime_({"exec", "--cgroup", "/x", "--cgroup", "pids:/x", id(), "true"})
          .err,
      HasSubstr("missing <controller>: prefix"));
  EXPECT_THAT(runtime_({"exec", "--cgroup", "pids:/x", "--cgroup", "pids:/y",
                        id(), "true"})
                  .err,
              HasSubstr("multiple paths for pids"));
  EXPECT_THAT(runtime_({"exec", "--cgroup", "/../..", id(), "true"}).err,
              HasSubstr("must not contain"));
  EXPECT_NE(runtime_({"exec", "--cgroup", "/nowhere", id(), "true"}).code, 0);
}

TEST_F(Commands, ExplainTellsTheStart) {
  runtime_.bundle.configure({"echo", "hi"});
  const Answer text = runtime_.in_bundle("run", {"--explain", id()});
  EXPECT_EQ(text.code, 0);
  EXPECT_EQ(text.out, "hi\n");
  for (const char* step :
       {"make the cgroup and set its limits", "create the container process",
        "mount proc on /proc", "pivot_root(2)", "mask /proc/kcore",
        "execute the program", "06 security"}) {
    EXPECT_THAT(text.err, HasSubstr(step));
  }
  const Answer json = runtime_.in_bundle("run", {"--explain=json", id()});
  EXPECT_EQ(json_at(json.err, "/version"), "1");
  const std::string file = beside("trace.json");
  EXPECT_EQ(runtime_.in_bundle("run", {"--explain=trace:" + file, id()}).err,
            "");
  EXPECT_EQ(json_at(slurp(file), "/traceEvents/0/ph"), "M");
  EXPECT_THAT(runtime_.in_bundle("run", {"--explain=yaml", id()}).err,
              HasSubstr("--explain"));
  EXPECT_EQ(runtime_.in_bundle("run", {id()}).err, "") << "off by default";
}

TEST_F(Commands, ExplainTellsAStartThatFails) {
  runtime_.bundle.configure({"nosuch"});
  const Answer answer = runtime_.in_bundle("run", {"--explain", id()});
  EXPECT_EQ(answer.code, 127);
  EXPECT_THAT(answer.err, HasSubstr("execute the program"));
}

TEST_F(Commands, ExplainTellsExec) {
  run_detached();
  const Answer answer = runtime_({"exec", "--explain", id(), "echo", "hi"});
  EXPECT_EQ(answer.out, "hi\n");
  EXPECT_THAT(answer.err, HasSubstr("join namespaces"));
}

}  // namespace
