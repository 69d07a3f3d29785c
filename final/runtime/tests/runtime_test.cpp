// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime_runner.hpp"

#include "docker_cpp/sys/unique_fd.hpp"

namespace {

namespace fs = std::filesystem;
using docker_cpp::sys::UniqueFd;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class RuntimeTest : public ::testing::Test {
 protected:
  void TearDown() override {
    static_cast<void>(runtime_({"delete", "--force", id()}));
    EXPECT_EQ(count_cgroups(id()), 0) << "a cgroup was left behind";
    EXPECT_FALSE(fs::exists(runtime_.root + "/" + id())) << "state was left";
  }

  [[nodiscard]] const std::string& id() const { return runtime_.bundle.id(); }

  Answer run(const std::vector<std::string>& args,
             const std::string& patch = "{}") {
    runtime_.bundle.configure(args, patch);
    return runtime_.in_bundle("run", {id()});
  }

  Runtime runtime_;
};

TEST_F(RuntimeTest, AProgramThatIsNotThereIs127) {
  const Answer answer = run({"nosuch"});
  EXPECT_EQ(answer.code, 127);
  EXPECT_THAT(
      answer.err,
      HasSubstr("exec: \\\"nosuch\\\": executable file not found in $PATH"));
}

TEST_F(RuntimeTest, AProgramThatCannotBeExecutedIs126) {
  spill(runtime_.bundle.root() + "/etc/text", "no program");
  const Answer answer = run({"/etc/text"});
  EXPECT_EQ(answer.code, 126);
  EXPECT_THAT(answer.err, HasSubstr("permission denied"));
}

TEST_F(RuntimeTest, CreateFailsAlreadyWhenTheProgramIsNotThere) {
  runtime_.bundle.configure({"nosuch"});
  const Answer answer = runtime_.in_bundle("create", {id()});
  EXPECT_EQ(answer.code, 127);
  EXPECT_EQ(count_cgroups(id()), 0);
}

TEST_F(RuntimeTest, BadConfigurationsNameTheProperty) {
  const Answer answer =
      run({"true"}, R"({"linux": {"resources": {"memory": {"limit": "x"}}}})");
  EXPECT_EQ(answer.code, 1);
  EXPECT_THAT(answer.err, HasSubstr("linux.resources.memory.limit: must be"));
  spill(runtime_.bundle.path() + "/config.json", "{]");
  EXPECT_THAT(runtime_.in_bundle("run", {id()}).err, HasSubstr("not JSON"));
  fs::remove(runtime_.bundle.path() + "/config.json");
  EXPECT_THAT(runtime_.in_bundle("run", {id()}).err,
              HasSubstr("config.json not found"));
  EXPECT_THAT(run({"true"}, R"({"process": null})").err,
              HasSubstr("process: is missing"));
}

TEST_F(RuntimeTest, AMissingRootIsNamed) {
  const Answer answer = run({"true"}, R"({"root": {"path": "nowhere"}})");
  EXPECT_EQ(answer.code, 1);
  EXPECT_THAT(answer.err, HasSubstr("nowhere"));
}

TEST_F(RuntimeTest, AMemoryLimitThatIsTooLowIsNamed) {
  const Answer answer =
      run({"true"}, R"({"linux": {"resources": {"memory": {"limit": 8192}}}})");
  EXPECT_NE(answer.code, 0);
  EXPECT_THAT(answer.err, HasSubstr("linux.resources.memory.limit is 8192"));
}

TEST_F(RuntimeTest, TheLogIsJsonWhereItIsAskedFor) {
  const std::string log = runtime_.bundle.path() + "/log";
  runtime_.global = {"--log", log, "--log-format", "json"};
  run({"nosuch"});
  EXPECT_EQ(json_at(slurp(log), "/level"), "error");
  EXPECT_THAT(json_at(slurp(log), "/msg"),
              HasSubstr("exec: \"nosuch\": executable file not found"));
  EXPECT_THAT(json_at(slurp(log), "/time"), StartsWith("20"));
}

TEST_F(RuntimeTest, FlagsThatNobodyKnowsAreRefused) {
  EXPECT_THAT(runtime_({"run", "--frolic", "x"}).err,
              HasSubstr("flag provided but not defined: --frolic"));
  EXPECT_THAT(runtime_({"frolic"}).err,
              HasSubstr("No help topic for 'frolic'"));
  EXPECT_THAT(runtime_({"run"}).err,
              HasSubstr("\\\"run\\\" requires exactly 1 argument"));
}

TEST_F(RuntimeTest, SpecWritesAConfigurationThatWorks) {
  const std::string config = runtime_.bundle.path() + "/config.json";
  ASSERT_EQ(runtime_.in_bundle("spec", {}).code, 0);
  EXPECT_THAT(runtime_.in_bundle("spec", {}).err, HasSubstr("exists"));
  EXPECT_EQ(json_at(slurp(config), "/ociVersion"), "1.3.0");
  EXPECT_EQ(json_at(slurp(config), "/process/args/0"), "sh");
}

TEST_F(RuntimeTest, FeaturesIsADocument) {
  const std::string json = runtime_({"features"}).out;
  EXPECT_EQ(json_at(json, "/ociVersionMax"), "1.3.0");
  EXPECT_EQ(json_at(json, "/linux/seccomp/enabled"), "true");
  EXPECT_EQ(json_at(json, "/hooks/5"), "poststop");
}

TEST_F(RuntimeTest, ExecRunsAProgramInTheContainer) {
  runtime_.bundle.configure({"sleep", "60"});
  ASSERT_EQ(runtime_.in_bundle("run", {"--detach", id()}).code, 0);
  const Answer answer =
      runtime_({"exec", "--env", "MOOD=fine", "--cwd", "/etc", "--user",
                "1815:7", id(), "sh", "-c", "echo $MOOD; pwd; id -u; exit 5"});
  EXPECT_EQ(answer.code, 5);
  EXPECT_EQ(answer.out, "fine\n/etc\n1815\n");
  EXPECT_EQ(runtime_({"exec", id(), "ls", "/proc/self/fd"}).out,
            "0\n1\n2\n3\n");
  EXPECT_EQ(runtime_({"exec", id(), "nosuch"}).code, 255);
  EXPECT_THAT(runtime_({"exec", id()}).err, HasSubstr("args cannot be empty"));
}

TEST_F(RuntimeTest, ExecTakesAProcessFile) {
  runtime_.bundle.configure({"sleep", "60"});
  ASSERT_EQ(runtime_.in_bundle("run", {"--detach", id()}).code, 0);
  const std::string file = runtime_.bundle.path() + "/process";
  const std::string pid = runtime_.bundle.path() + "/exec-pid";
  spill(file, R"({"cwd": "/", "env": ["PATH=/bin"],
                  "args": ["sleep", "60"]})");
  ASSERT_EQ(
      runtime_({"exec", "--detach", "--process", file, "--pid-file", pid, id()})
          .code,
      0);
  EXPECT_THAT(runtime_({"ps", "-f", "json", id()}).out, HasSubstr(slurp(pid)));
}

TEST_F(RuntimeTest, TheSocketForReadinessIsPassedOn) {
  const std::string path = runtime_.bundle.path() + "/notify";
  const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, path.size());
  ASSERT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address),
                   sizeof address),
            0);
  ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  const Answer answer =
      run({"sh", "-c",
           "echo $NOTIFY_SOCKET; test -S $NOTIFY_SOCKET && echo there"});
  ::unsetenv("NOTIFY_SOCKET");
  EXPECT_EQ(answer.out, "/run/notify/notify.sock\nthere\n");
}

TEST_F(RuntimeTest, DescriptorsArePassedOnOnlyWhenAskedFor) {
  // Whoever started the test may have left descriptors open.
  ASSERT_EQ(::close_range(3, ~0U, 0), 0);
  // Not close-on-exec, so the runtime inherits it as 3.
  const UniqueFd extra(::open("/dev/null", O_RDONLY));
  ASSERT_EQ(extra.get(), 3);
  EXPECT_EQ(run({"ls", "/proc/self/fd"}).out, "0\n1\n2\n3\n");
  EXPECT_EQ(runtime_.in_bundle("run", {"--preserve-fds", "1", id()}).out,
            "0\n1\n2\n3\n4\n");
  EXPECT_THAT(runtime_.in_bundle("run", {"--preserve-fds", "9", id()}).err,
              HasSubstr("--preserve-fds: 9"));
}

TEST_F(RuntimeTest, AFailingPoststartHookIsFatal) {
  const Answer answer = run(
      {"sleep", "60"}, R"({"hooks": {"poststart": [{"path": "/bin/false"}]}})");
  EXPECT_EQ(answer.code, 1);
  EXPECT_THAT(answer.err, HasSubstr("error running poststart hook #0"));
}

TEST_F(RuntimeTest, PoststopHooksRunAfterDelete) {
  const std::string mark = runtime_.bundle.path() + "/stopped";
  const Answer answer = run({"true"}, R"({"hooks": {"poststop": [
        {"path": "/bin/false"},
        {"path": "/bin/touch", "args": ["touch", ")" +
                                          mark + R"("]}]}})");
  EXPECT_EQ(answer.code, 0);
  EXPECT_THAT(answer.err, HasSubstr("level=warning"));
}

TEST_F(RuntimeTest, AHookMayAskForTheState) {
  const std::string out = runtime_.bundle.path() + "/hook-out";
  spill(runtime_.bundle.path() + "/hook",
        "#!/bin/sh\n" RUNTIME " --root " + runtime_.root + " state " + id() +
            " > " + out + "\n",
        0755);
  EXPECT_EQ(
      run({"true"}, R"({"hooks": {"createRuntime": [{"path": ")" +
                        runtime_.bundle.path() + R"(/hook", "timeout": 5}]}})")
          .code,
      0);
  EXPECT_EQ(json_at(slurp(out), "/status"), "creating");
}

/// Receives a terminal as a container manager does.
class ConsoleSocket {
 public:
  explicit ConsoleSocket(const std::string& path)
      : listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    ::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address),
           sizeof address);
    ::listen(listener_.get(), 1);
  }

  UniqueFd receive() {
    const UniqueFd connection(
        ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    char byte[64];
    iovec text{.iov_base = byte, .iov_len = sizeof byte};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &text;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    if (::recvmsg(connection.get(), &message, MSG_CMSG_CLOEXEC) <= 0) {
      return UniqueFd();
    }
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
    return UniqueFd(fd);
  }

 private:
  UniqueFd listener_;
};

std::string read_terminal(int master) {
  std::string text;
  char buffer[256];
  pollfd ready{.fd = master, .events = POLLIN, .revents = 0};
  while (::poll(&ready, 1, 5000) > 0) {
    const ssize_t got = ::read(master, buffer, sizeof buffer);
    if (got <= 0) {
      break;
    }
    text.append(buffer, static_cast<std::size_t>(got));
  }
  return text;
}

TEST_F(RuntimeTest, TheTerminalGoesToTheConsoleSocket) {
  const std::string path = runtime_.bundle.path() + "/console";
  ConsoleSocket socket(path);
  runtime_.bundle.configure({"sh", "-c", "tty; read line; echo got $line"},
                            R"({"process": {"terminal": true}})");
  ASSERT_EQ(runtime_.in_bundle("create", {"--console-socket", path, id()}).code,
            0);
  const UniqueFd master = socket.receive();
  ASSERT_TRUE(master);
  ASSERT_EQ(runtime_({"start", id()}).code, 0);
  ASSERT_EQ(::write(master.get(), "word\n", 5), 5);
  const std::string text = read_terminal(master.get());
  EXPECT_THAT(text, HasSubstr("/dev/pts/0\r\n"));
  EXPECT_THAT(text, HasSubstr("got word\r\n"));
}

TEST_F(RuntimeTest, TerminalAndSocketMustFitEachOther) {
  runtime_.bundle.configure({"true"}, R"({"process": {"terminal": true}})");
  EXPECT_THAT(runtime_.in_bundle("create", {id()}).err,
              HasSubstr("cannot allocate tty"));
  runtime_.bundle.configure({"true"});
  EXPECT_THAT(
      runtime_.in_bundle("create", {"--console-socket", "/x", id()}).err,
      HasSubstr("cannot use console socket"));
}

TEST_F(RuntimeTest, ImagesWhoseFoldersAreLinksTouchNothingOfTheHosts) {
  const std::string trap = runtime_.bundle.path() + "/trap";
  for (const char* name : {"dev", "proc", "sys"}) {
    fs::create_directory(trap);
    fs::remove_all(runtime_.bundle.root() + "/" + name);  // a mount point
    fs::create_symlink(trap, runtime_.bundle.root() + "/" + name);
    run({"true"}, R"({"root": {"readonly": false}})");
    EXPECT_TRUE(fs::is_empty(trap)) << name;
    fs::remove(runtime_.bundle.root() + "/" + name);
    fs::remove(trap);
  }
}

TEST_F(RuntimeTest, ACreationThatIsKilledCanBeDeleted) {
  runtime_.bundle.configure({"sleep", "60"});
  ::setenv("DOCKER_CPP_FAILPOINTS", "runtime.launched=kill", 1);
  const Answer answer = runtime_.in_bundle("create", {id()});
  ::unsetenv("DOCKER_CPP_FAILPOINTS");
#ifdef DOCKER_CPP_FAILPOINTS
  EXPECT_EQ(answer.code, 128 + 9);
#endif
  EXPECT_EQ(runtime_({"delete", "--force", id()}).code, 0);
}

}  // namespace
