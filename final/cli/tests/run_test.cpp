// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <mutex>

#include <gtest/gtest.h>

#include "scripted_server.hpp"

#include "docker_cpp/cli/command.hpp"
#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli {
namespace {

const std::string chunked_json =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    "Transfer-Encoding: chunked\r\n\r\n";

std::string answer(const std::string& status, const std::string& body) {
  return "HTTP/1.1 " + status +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

std::string frame(char stream, const std::string& text) {
  return std::string({stream, 0, 0, 0, 0, 0, 0}) +
         static_cast<char>(text.size()) + text;
}

/// How the daemon of a test behaves.
struct Manners {
  std::string create = answer("201 Created", R"({"Id":"c0ffee"})");
  std::string start = "HTTP/1.1 204 No Content\r\n\r\n";
  std::string output = frame(1, "out\n") + frame(2, "err\n");
  std::string wait = "1e\r\n{\"StatusCode\":5,\"Error\":null}\n\r\n0\r\n\r\n";
};

/// Enough of a daemon for `run`, which writes down what it is asked.
class Daemon {
 public:
  explicit Daemon(Manners manners)
      : manners_(std::move(manners)),
        server_(16, [this](int socket, int) { serve(socket); }) {}

  [[nodiscard]] std::string host() const { return server_.host(); }

  [[nodiscard]] std::vector<std::string> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void serve(int socket) {
    for (auto request = read_request(socket); !request.empty();
         request = read_request(socket)) {
      const auto line = request.substr(0, request.find(" HTTP/1.1"));
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(line);
      }
      if (line.find("/attach") != std::string::npos) {
        send_text(socket,
                  "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: "
                  "tcp\r\n\r\n" +
                      manners_.output);
        return;
      }
      const auto text = reply(line);
      send_text(socket, text);
      if (text.ends_with("Statu")) {
        return;  // dies in the middle of a word
      }
    }
  }

  std::string reply(const std::string& line) const {
    if (line.find("/create") != std::string::npos) {
      return manners_.create;
    }
    if (line.find("/wait") != std::string::npos) {
      return chunked_json + manners_.wait;
    }
    return line.ends_with("/start") ? manners_.start : answer("200 OK", "{}");
  }

  Manners manners_;
  std::mutex mutex_;
  std::vector<std::string> requests_;
  ScriptedServer server_;
};

struct Outcome {
  int exit_code = 0;
  std::string out;
  std::string error;
  std::vector<std::string> requests;
};

Outcome run(const Manners& manners, std::vector<std::string> words) {
  Daemon daemon(manners);
  words.insert(words.begin(), {"-H", daemon.host()});
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int code = run_program(words);
  auto requests = daemon.requests();
  return {.exit_code = code,
          .out = testing::internal::GetCapturedStdout(),
          .error = testing::internal::GetCapturedStderr(),
          .requests = std::move(requests)};
}

std::size_t place(const Outcome& outcome, const std::string& part) {
  const auto found =
      std::ranges::find_if(outcome.requests, [&](const auto& request) {
        return request.find(part) != std::string::npos;
      });
  return static_cast<std::size_t>(found - outcome.requests.begin());
}

TEST(RunTest, AttachesAndWaitsBeforeItStarts) {
  const auto outcome = run({}, {"run", "--rm", "busybox", "true"});
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_EQ(outcome.out, "out\n");
  EXPECT_EQ(outcome.error, "err\n");
  ASSERT_EQ(outcome.requests.size(), 4U) << join(outcome.requests, "\n");
  EXPECT_EQ(outcome.requests.front(), "POST /containers/create");
  EXPECT_LT(place(outcome, "/attach?stderr=1&stdout=1&stream=1"), 3U);
  EXPECT_LT(place(outcome, "/wait?condition=removed"), 3U);
  EXPECT_EQ(outcome.requests.back(), "POST /containers/c0ffee/start");
}

TEST(RunTest, DetachedPrintsTheIdAndAttachesNothing) {
  const auto outcome = run({}, {"run", "-d", "busybox"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, "c0ffee\n");
  EXPECT_EQ(outcome.requests.size(), 2U) << join(outcome.requests, "\n");
}

TEST(RunTest, ExitCodesTellWhyAStartFailed) {
  const auto code_for = [](const std::string& reason) {
    Manners manners;
    manners.start = answer("400 Bad", "{\"message\":\"" + reason + "\"}");
    const auto outcome = run(manners, {"run", "busybox", "x"});
    EXPECT_EQ(outcome.error,
              "docker-cpp: Error response from daemon: " + reason +
                  "\n\nRun 'docker-cpp run --help' for more information\n");
    return outcome.exit_code;
  };
  EXPECT_EQ(code_for("exec: x: executable file not found in $PATH"), 127);
  EXPECT_EQ(code_for("exec: /etc: permission denied"), 126);
  EXPECT_EQ(code_for("no space left on device"), 125);
}

TEST(RunTest, PullsAMissingImageUnlessToldNotTo) {
  Manners manners;
  manners.create =
      answer("404 Not Found", R"({"message":"No such image: foo:latest"})");
  auto outcome = run(manners, {"run", "foo"});
  EXPECT_EQ(outcome.exit_code, 125);
  EXPECT_TRUE(
      outcome.error.starts_with("Unable to find image 'foo:latest' locally\n"))
      << outcome.error;
  EXPECT_EQ(place(outcome,
                  "/images/create?fromImage=docker.io%2Flibrary%2Ffoo"
                  "&tag=latest"),
            1U)
      << join(outcome.requests, "\n");
  outcome = run(manners, {"run", "--pull", "never", "foo"});
  EXPECT_EQ(outcome.requests.size(), 1U);
}

TEST(RunTest, BadOptionsNeverReachTheDaemon) {
  const auto outcome = run({}, {"run", "-p", "abc", "busybox"});
  EXPECT_EQ(outcome.exit_code, 125);
  EXPECT_EQ(outcome.error,
            "docker-cpp: invalid containerPort: abc\n\n"
            "Run 'docker-cpp run --help' for more information\n");
  EXPECT_TRUE(outcome.requests.empty());
}

TEST(RunTest, ADaemonThatDiesIsAFailure) {
  Manners manners;
  manners.wait = "1e\r\n{\"Statu";
  const auto outcome = run(manners, {"run", "busybox"});
  EXPECT_EQ(outcome.exit_code, 125);
  EXPECT_NE(outcome.error.find("unexpected EOF"), std::string::npos)
      << outcome.error;
}

TEST(ProgramTest, UnknownCommandsAndOptions) {
  auto outcome = run({}, {"rum"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.error,
            "docker-cpp: unknown command: docker-cpp rum\n\n"
            "Did you mean this?\n\trun\n\n"
            "Run 'docker-cpp --help' for more information\n");
  outcome = run({}, {"run", "--foo", "x"});
  EXPECT_EQ(outcome.exit_code, 125);
  EXPECT_TRUE(outcome.error.starts_with(
      "unknown flag: --foo\n\n"
      "Usage:  docker-cpp run [OPTIONS] IMAGE [COMMAND] [ARG...]\n"))
      << outcome.error;
  outcome = run({}, {"run"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(outcome.error.starts_with(
      "docker-cpp: 'docker-cpp run' requires at least 1 argument\n"));
  outcome = run({}, {"container", "nosuch"});
  EXPECT_EQ(outcome.exit_code, 1);
}

TEST(ProgramTest, HelpOfEveryCommand) {
  for (const auto& command : all_commands()) {
    for (const auto path : command.paths) {
      if (!path.empty()) {
        auto words = split(path, " ");
        words.emplace_back("--help");
        testing::internal::CaptureStdout();
        EXPECT_EQ(run_program(words), 0);
        const auto text = testing::internal::GetCapturedStdout();
        EXPECT_TRUE(text.starts_with("Usage:  docker-cpp " + std::string(path)))
            << text;
        EXPECT_NE(text.find(command.summary), std::string::npos);
      }
    }
  }
}

}  // namespace
}  // namespace docker_cpp::cli
