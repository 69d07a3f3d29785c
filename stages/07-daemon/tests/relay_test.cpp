// SPDX-License-Identifier: Apache-2.0
#include "../src/http/relay.hpp"

#include <sys/socket.h>

#include <atomic>
#include <future>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http_client.hpp"

#include "docker_cpp/daemon/http/server.hpp"

namespace docker_cpp::daemon::http {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using testing_support::RawClient;
using testing_support::TemporaryFolder;
using namespace std::chrono_literals;

TEST(DetachFilter, PassesEverythingButTheSequence) {
  DetachFilter keys("\x10\x11");
  EXPECT_EQ(keys.filter("abc"), "abc");
  EXPECT_EQ(keys.filter("a\x10"), "a") << "held back";
  EXPECT_EQ(keys.filter("b"),
            "\x10"
            "b")
      << "given back";
  EXPECT_EQ(keys.filter("\x10\x10"), "\x10");
  EXPECT_FALSE(keys.detached());
  EXPECT_EQ(keys.filter("\x11 rest"), "");
  EXPECT_TRUE(keys.detached());
}

/// A hijacked connection, this test holding the container's end.
class Hijack : public testing::Test {
 protected:
  Hijack() {
    server_.listen_unix(path_, 0600, static_cast<gid_t>(-1));
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()),
              0);
    container_.reset(ends[0]);
    engine_.reset(ends[1]);
    const timeval patience{.tv_sec = 5, .tv_usec = 0};
    ::setsockopt(container_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience,
                 sizeof patience);
  }
  ~Hijack() override { server_.stop(); }

  void answer(const ExchangePtr& exchange) {
    exchange->hijack(
        {.status = 101,
         .content_type = "application/vnd.docker.raw-stream",
         .headers = {{"Connection", "Upgrade"}, {"Upgrade", "tcp"}}});
    exchange->relay({.stream = std::move(engine_),
                     .detach_keys = keys_,
                     .on_detach = [this] { detached_ = true; },
                     .on_end =
                         [this] {
                           ended_.set_value();
                         }});
  }

  void upgrade(RawClient& client, std::string_view with_it = {}) {
    client.say(
        "POST /attach HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\n"
        "Upgrade: tcp\r\nContent-Length: 0\r\n\r\n" +
        std::string(with_it));
    const auto head = client.until("\r\n\r\n");
    EXPECT_EQ(head,
              "HTTP/1.1 101 UPGRADED\r\n"
              "Connection: Upgrade\r\n"
              "Content-Type: application/vnd.docker.raw-stream\r\n"
              "Upgrade: tcp\r\n\r\n");
  }

  /// What the container reads, until `size` bytes or the end.
  std::string container_reads(std::size_t size) {
    std::string out;
    char bytes[65536];
    while (out.size() < size) {
      const auto got = ::recv(container_.get(), bytes, sizeof bytes, 0);
      if (got <= 0) {
        break;
      }
      out.append(bytes, static_cast<std::size_t>(got));
    }
    return out;
  }

  void container_prints(std::string_view text) {
    while (!text.empty()) {
      const auto sent =
          ::send(container_.get(), text.data(), text.size(), MSG_NOSIGNAL);
      ASSERT_GT(sent, 0);
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  bool ends() {
    return ended_.get_future().wait_for(5s) == std::future_status::ready;
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.file("socket");
  std::string keys_;
  std::atomic<bool> detached_ = false;
  std::promise<void> ended_;
  sys::UniqueFd container_;
  sys::UniqueFd engine_;
  Executor executor_;
  Server server_{
      executor_,
      Service{
          .body = [](auto, auto) { return Service::Body::whole; },
          .handle = [this](const Request&,
                           const ExchangePtr& exchange) { answer(exchange); },
          .refuse =
              [](int status, std::string why) {
                return std::pair{Head{.status = status}, std::move(why)};
              }}};
};

TEST_F(Hijack, CarriesBytesBothWaysAndEndsWithTheContainer) {
  RawClient client(path_);
  upgrade(client, "early ");
  client.say("typed");
  EXPECT_EQ(container_reads(11), "early typed");
  container_prints("printed");
  EXPECT_EQ(client.until("printed"), "printed");
  container_.reset();
  EXPECT_EQ(client.until_end(), "");
  EXPECT_TRUE(ends());
}

TEST_F(Hijack, TheEndOfInputReachesTheContainerAndItsAnswerComesBack) {
  RawClient client(path_);
  upgrade(client);
  client.say("x\n");
  client.end_input();
  EXPECT_EQ(container_reads(100), "x\n") << "and then end of file";
  std::this_thread::sleep_for(50ms);
  container_prints("after the end");
  container_.reset();
  EXPECT_EQ(client.until_end(), "after the end");
  EXPECT_TRUE(ends());
}

TEST_F(Hijack, TheEndOfOutputReachesAClientThatNeverStopsTyping) {
  RawClient client(path_);
  upgrade(client);
  std::atomic<bool> stop = false;
  std::thread typing([&] {
    while (!stop && client.say(std::string(65536, 'y'))) {
    }
  });
  container_reads(1U << 20);
  container_prints("done");
  container_.reset();
  EXPECT_EQ(client.until("done"), "done");
  EXPECT_EQ(client.until_end(), "");
  stop = true;
  typing.join();
  EXPECT_TRUE(ends());
}

TEST_F(Hijack, LosesNothingOfMuch) {
  RawClient client(path_);
  upgrade(client);
  constexpr std::size_t size = 32U << 20;
  std::thread printing([&] {
    container_prints(std::string(size, 'p'));
    container_.reset();
  });
  EXPECT_EQ(client.until_end().size(), size);
  printing.join();
  EXPECT_TRUE(ends());
}

TEST_F(Hijack, AClientThatGoesEndsIt) {
  {
    RawClient client(path_);
    upgrade(client);
  }
  EXPECT_EQ(container_reads(1), "");
  EXPECT_TRUE(ends());
}

TEST_F(Hijack, DetachKeysEndItForTheClientOnly) {
  keys_ = "\x10\x11";
  RawClient client(path_);
  upgrade(client);
  client.say("ab\x10");
  client.say(
      "\x11"
      "never seen");
  EXPECT_EQ(client.until_end(), "");
  EXPECT_EQ(container_reads(100), "ab");
  EXPECT_TRUE(ends());
  EXPECT_TRUE(detached_);
}

TEST_F(Hijack, AStoppingServerEndsIt) {
  RawClient client(path_);
  upgrade(client);
  server_.stop();
  EXPECT_EQ(client.until_end(), "");
  EXPECT_TRUE(ends());
}

}  // namespace
}  // namespace docker_cpp::daemon::http
