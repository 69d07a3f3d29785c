// SPDX-License-Identifier: Apache-2.0
// A system call filter that asks somebody else.
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <thread>

#include <gmock/gmock.h>

#include "assemble_fixture.hpp"

namespace docker_cpp::oci {
namespace {

using ::testing::HasSubstr;

/// Whoever decides: takes one connection, then answers the calls that come
/// through its handle with one error.
class Agent {
 public:
  explicit Agent(const std::string& path)
      : listening_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, path.size());
    must(sys::check_void(::bind(listening_.get(),
                                reinterpret_cast<const sockaddr*>(&address),
                                sizeof address),
                         "bind"),
         "listen");
    must(sys::check_void(::listen(listening_.get(), 4), "listen"), "listen");
    thread_ = std::thread([this] { serve(); });
  }
  ~Agent() {
    if (thread_.joinable()) {
      ::shutdown(listening_.get(), SHUT_RDWR);
      thread_.join();
    }
  }
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;
  Agent(Agent&&) = delete;
  Agent& operator=(Agent&&) = delete;

  /// Waits until the container is gone.
  void finish() { thread_.join(); }

  std::string said;  ///< the container's state
  int answered = 0;

 private:
  void serve() {
    const sys::UniqueFd connection(
        ::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (connection) {
      answer_all(receive(connection.get()));
    }
  }

  sys::UniqueFd receive(int connection) {
    char text[8192];
    iovec part{.iov_base = text, .iov_len = sizeof text};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t got = ::recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
    said.assign(text, got > 0 ? static_cast<std::size_t>(got) : 0);
    int handle = -1;
    if (const cmsghdr* header = CMSG_FIRSTHDR(&message)) {
      std::memcpy(&handle, CMSG_DATA(header), sizeof handle);
    }
    return sys::UniqueFd(handle);
  }

  void answer_all(const sys::UniqueFd& handle) {
    pollfd asked{.fd = handle.get(), .events = POLLIN, .revents = 0};
    while (::poll(&asked, 1, 10'000) == 1 && (asked.revents & POLLIN) != 0) {
      seccomp_notif question{};
      if (::ioctl(handle.get(), SECCOMP_IOCTL_NOTIF_RECV, &question) == -1) {
        continue;
      }
      seccomp_notif_resp answer{};
      answer.id = question.id;
      answer.error = -ENOMSG;
      ::ioctl(handle.get(), SECCOMP_IOCTL_NOTIF_SEND, &answer);
      ++answered;
    }
  }

  sys::UniqueFd listening_;
  std::thread thread_;
};

class Notify : public Assemble, public ::testing::WithParamInterface<bool> {
 protected:
  [[nodiscard]] std::string socket() const { return bundle_.path() + "/s"; }

  [[nodiscard]] std::string patch() const {
    return std::string(R"({"root": {"readonly": false}, "process":
        {"noNewPrivileges": )") +
           (GetParam() ? "true" : "false") +
           R"(}, "linux": {"seccomp": {"defaultAction": "SCMP_ACT_ALLOW",
        "flags": ["SECCOMP_FILTER_FLAG_TSYNC",
                  "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"],
        "listenerPath": ")" +
           socket() + R"(", "listenerMetadata": "a\"b", "syscalls":
        [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_NOTIFY"}]}}})";
  }
};

TEST_P(Notify, TheListenerDecides) {
  Agent agent(socket());
  const Outcome result =
      shell("mkdir /tmp/x; test -e /tmp/x || echo none", patch());
  agent.finish();
  EXPECT_THAT(result.output, HasSubstr("No message of desired type"));
  EXPECT_THAT(result.output, HasSubstr("none"));
  EXPECT_GE(agent.answered, 1);
  EXPECT_EQ(json_at(agent.said, "/ociVersion"), "1.3.0");
  EXPECT_EQ(json_at(agent.said, "/fds/0"), "seccompFd");
  EXPECT_EQ(json_at(agent.said, "/metadata"), "a\"b");
  EXPECT_EQ(json_at(agent.said, "/state/id"), bundle_.id());
  EXPECT_EQ(json_at(agent.said, "/state/status"), "creating");
  EXPECT_EQ(json_at(agent.said, "/state/pid"), json_at(agent.said, "/pid"));
}

TEST_P(Notify, TheFilterIsKeptAsAnyOther) {
  const std::string cache = bundle_.path() + "/cache";
  fs::create_directory(cache);
  for (int round = 0; round < 2; ++round) {
    Agent agent(socket());
    AssemblyOptions with = options();
    with.seccomp_cache = cache;
    run(parse_spec(Bundle::config({"busybox", "mkdir", "/tmp/x"}, patch())),
        std::move(with));
    agent.finish();
    EXPECT_GE(agent.answered, 1) << round;
    fs::remove(socket());
  }
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutNewPrivileges, Notify,
                         ::testing::Bool());

struct Action {
  const char* name;
  int code;  ///< of `hostname x || exit 3`
};

class Actions : public Assemble,
                public ::testing::WithParamInterface<Action> {};

TEST_P(Actions, DoWhatTheyAreCalled) {
  const Outcome result =
      shell("hostname x || exit 3",
            std::string(R"({"linux": {"seccomp": {"defaultAction":
              "SCMP_ACT_ALLOW", "flags": ["SECCOMP_FILTER_FLAG_LOG",
              "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_TSYNC",
              "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"],
              "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
              "syscalls": [{"names": ["sethostname"], "action": ")") +
                GetParam().name + R"("}]}}, "process": {"capabilities":
              {"bounding": ["CAP_SYS_ADMIN"], "effective": ["CAP_SYS_ADMIN"],
               "permitted": ["CAP_SYS_ADMIN"]}}})");
  EXPECT_EQ(result.code, GetParam().code) << result.output;
}

// busybox runs `hostname` in a process of its own, so a killed one is a
// failure of that command.
INSTANTIATE_TEST_SUITE_P(
    AllButNotify, Actions,
    ::testing::Values(Action{"SCMP_ACT_ALLOW", 0}, Action{"SCMP_ACT_LOG", 0},
                      Action{"SCMP_ACT_ERRNO", 3}, Action{"SCMP_ACT_TRACE", 3},
                      Action{"SCMP_ACT_TRAP", 3}, Action{"SCMP_ACT_KILL", 3},
                      Action{"SCMP_ACT_KILL_THREAD", 3},
                      Action{"SCMP_ACT_KILL_PROCESS", 3}),
    [](const auto& one) { return std::string(one.param.name).substr(9); });

}  // namespace
}  // namespace docker_cpp::oci
