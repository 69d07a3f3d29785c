// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <future>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http_client.hpp"

#include "docker_cpp/daemon/http/server.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::daemon::http {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using testing_support::RawClient;
using testing_support::TemporaryFolder;
using namespace std::chrono_literals;

/// A server whose answer each test chooses.
class HttpServer : public testing::Test {
 protected:
  HttpServer() { start({}); }
  ~HttpServer() override { server_->stop(); }

  void start(Limits limits) {
    server_ = std::make_unique<Server>(
        executor_,
        Service{.body =
                    [](std::string_view, std::string_view path) {
                      return path == "/load" ? Service::Body::streamed
                                             : Service::Body::whole;
                    },
                .handle =
                    [this](Request request, ExchangePtr exchange) {
                      answer_(std::move(request), std::move(exchange));
                    },
                .refuse =
                    [](int status, std::string why) {
                      return std::pair{Head{.status = status}, std::move(why)};
                    }},
        limits);
    server_->listen_unix(path_, 0660, static_cast<gid_t>(-1));
  }

  void restart(Limits limits) {
    server_->stop();
    start(limits);
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.file("socket");
  std::function<void(Request, ExchangePtr)> answer_ =
      [](const Request& request, const ExchangePtr& exchange) {
        exchange->reply(
            {.content_type = "text/plain"},
            request.method + " " + request.path + " [" + request.body + "]");
      };
  Executor executor_;
  std::unique_ptr<Server> server_;
};

TEST_F(HttpServer, AnswersSeveralRequestsOnOneConnection) {
  RawClient client(path_);
  for (int i = 0; i < 3; ++i) {
    client.say(
        "POST /a?b=c HTTP/1.1\r\nHost: d\r\nContent-Length: 2\r\n\r\nhi");
    const auto reply = client.reply();
    EXPECT_THAT(reply, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(reply, HasSubstr("\r\n\r\nPOST /a [hi]"));
  }
}

TEST_F(HttpServer, AnswersRequestsSentAtOnceInTheirOrder) {
  RawClient client(path_);
  std::string all;
  for (int i = 0; i < 200; ++i) {
    all += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: d\r\n\r\n";
  }
  client.say(all);
  for (int i = 0; i < 200; ++i) {
    EXPECT_THAT(client.reply(), HasSubstr("GET /" + std::to_string(i) + " "));
  }
}

TEST_F(HttpServer, ReadsAChunkedBody) {
  RawClient client(path_);
  client.say(
      "POST /a HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\n"
      "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n");
  EXPECT_THAT(client.reply(), HasSubstr("[hello]"));
}

TEST_F(HttpServer, AnOldClientGetsACloseAndAHeadNoBody) {
  RawClient old(path_);
  old.say("GET / HTTP/1.0\r\n\r\n");
  EXPECT_THAT(old.until_end(), HasSubstr("Connection: close"));
  RawClient client(path_);
  client.say("HEAD /a HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n");
  const auto all = client.until_end();
  EXPECT_THAT(all, HasSubstr("Content-Length: 10\r\n"));
  EXPECT_TRUE(all.ends_with("\r\n\r\n"));
}

TEST_F(HttpServer, AHalfClosedClientStillGetsItsReply) {
  std::promise<ExchangePtr> asked;
  answer_ = [&](const Request&, ExchangePtr exchange) {
    asked.set_value(std::move(exchange));
  };
  RawClient client(path_);
  client.say("GET / HTTP/1.1\r\nHost: d\r\n\r\n");
  client.end_input();
  auto exchange = asked.get_future().get();
  std::this_thread::sleep_for(50ms);
  exchange->reply({}, "late");
  EXPECT_THAT(client.until_end(), HasSubstr("late"));
}

struct Unsound {
  const char* name;
  std::string text;
  int status;
};

class UnsoundRequest : public HttpServer,
                       public testing::WithParamInterface<Unsound> {};

TEST_P(UnsoundRequest, IsRefusedAndTheConnectionClosed) {
  std::atomic<int> asked = 0;
  answer_ = [&](const Request&, const ExchangePtr& exchange) {
    ++asked;
    exchange->reply({}, "smuggled");
  };
  RawClient client(path_);
  client.say(GetParam().text);
  client.say("GET /smuggled HTTP/1.1\r\nHost: d\r\n\r\n");
  const auto all = client.until_end();
  EXPECT_THAT(
      all, StartsWith("HTTP/1.1 " + std::to_string(GetParam().status) + " "));
  EXPECT_THAT(all, Not(HasSubstr("smuggled")));
  EXPECT_EQ(asked, 0);
}

INSTANTIATE_TEST_SUITE_P(
    Smuggling, UnsoundRequest,
    testing::Values(
        Unsound{"TwoLengths",
                "POST / HTTP/1.1\r\nHost: d\r\nContent-Length: 2\r\n"
                "Content-Length: 3\r\n\r\nhi",
                400},
        Unsound{"TheSameLengthTwice",
                "POST / HTTP/1.1\r\nHost: d\r\nContent-Length: 2\r\n"
                "Content-Length: 2\r\n\r\nhi",
                400},
        Unsound{"LengthList",
                "POST / HTTP/1.1\r\nHost: d\r\nContent-Length: 2, 2\r\n\r\nhi",
                400},
        Unsound{"LengthAndChunks",
                "POST / HTTP/1.1\r\nHost: d\r\nContent-Length: 5\r\n"
                "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                400},
        Unsound{"ChunksAndLength",
                "POST / HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n"
                "Content-Length: 5\r\n\r\n0\r\n\r\n",
                400},
        Unsound{"OtherCoding",
                "POST / HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: "
                "gzip, chunked\r\n\r\n0\r\n\r\n",
                501},
        Unsound{"DisguisedCoding",
                "POST / HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: xchunked\r\n"
                "\r\n0\r\n\r\n",
                501},
        Unsound{"ChunksInOldVersion",
                "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"
                "0\r\n\r\n",
                501},
        Unsound{"NegativeLength",
                "POST / HTTP/1.1\r\nHost: d\r\nContent-Length: -1\r\n\r\n",
                400},
        Unsound{"HexLength",
                "POST / HTTP/1.1\r\nHost: d\r\nContent-Length: 0x2\r\n\r\nhi",
                400},
        Unsound{"OverflowingLength",
                "POST / HTTP/1.1\r\nHost: d\r\nContent-Length: "
                "18446744073709551618\r\n\r\nhi",
                400},
        Unsound{"BadChunkSize",
                "POST / HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n"
                "\r\nzz\r\nhi\r\n",
                400},
        Unsound{"ChunkLongerThanItSays",
                "POST / HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n"
                "\r\n1\r\nhi\r\n0\r\n\r\n",
                400},
        Unsound{"SpaceBeforeColon",
                "POST / HTTP/1.1\r\nHost: d\r\nContent-Length : 2\r\n\r\nhi",
                400},
        Unsound{"BareLineFeeds", "GET / HTTP/1.1\nHost: d\n\n", 400},
        Unsound{"NoHost", "GET / HTTP/1.1\r\n\r\n", 400},
        Unsound{"TwoHosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                400},
        Unsound{"NotHttp", "\x16\x03\x01 hello TLS\r\n\r\n", 400},
        Unsound{"NoPath", "GET http://d/ HTTP/1.1\r\nHost: d\r\n\r\n", 400},
        Unsound{"LongHeader",
                "GET / HTTP/1.1\r\nHost: d\r\nX: " + std::string(40'000, 'x') +
                    "\r\n\r\n",
                431},
        Unsound{
            "LongTarget",
            "GET /" + std::string(40'000, 'x') + " HTTP/1.1\r\nHost: d\r\n\r\n",
            431},
        Unsound{"LongBody",
                "POST / HTTP/1.1\r\nHost: d\r\nContent-Length: 5000000\r\n\r\n",
                413},
        Unsound{"OtherExpectation",
                "POST / HTTP/1.1\r\nHost: d\r\nExpect: wonders\r\n"
                "Content-Length: 2\r\n\r\nhi",
                417}),
    [](const auto& one) { return one.param.name; });

TEST_F(HttpServer, ALongChunkedBodyIsRefusedBeforeItIsHeld) {
  RawClient client(path_);
  client.say(
      "POST / HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  for (int i = 0; i < 100 && client.say(chunk); ++i) {
  }
  EXPECT_THAT(client.until_end(), StartsWith("HTTP/1.1 413 "));
}

TEST_F(HttpServer, AHeadThatDoesNotComeInTimeIsGivenUp) {
  restart({.header_time = 100ms});
  RawClient client(path_);
  client.say("GET / HTTP/1.1\r\nHo");
  EXPECT_THAT(client.until_end(), StartsWith("HTTP/1.1 408 "));
  RawClient idle(path_);
  std::this_thread::sleep_for(300ms);
  idle.say("GET / HTTP/1.1\r\nHost: d\r\n\r\n");
  EXPECT_THAT(idle.reply(), StartsWith("HTTP/1.1 200 ")) << "idle is no crime";
}

TEST_F(HttpServer, AskedToContinueItSaysSo) {
  RawClient client(path_);
  client.say(
      "POST /a HTTP/1.1\r\nHost: d\r\nExpect: 100-continue\r\n"
      "Content-Length: 2\r\n\r\n");
  EXPECT_EQ(client.until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.say("hi");
  EXPECT_THAT(client.reply(), HasSubstr("[hi]"));
}

TEST_F(HttpServer, AStreamedBodyIsReadWhileItComesAndNotHeld) {
  constexpr std::size_t size = 64U << 20;
  std::promise<std::size_t> total;
  answer_ = [&](Request request, ExchangePtr exchange) {
    executor_.blocking([&, fd = std::move(request.body_stream),
                        exchange = std::move(exchange)] {
      std::array<char, 65536> bytes;
      std::size_t sum = 0;
      for (ssize_t got = 1; got > 0; sum += static_cast<std::size_t>(got)) {
        got = ::read(fd.get(), bytes.data(), bytes.size());
      }
      exchange->reply({}, std::to_string(sum));
      total.set_value(sum);
    });
  };
  RawClient client(path_);
  client.say("POST /load HTTP/1.1\r\nHost: d\r\nContent-Length: " +
             std::to_string(size) + "\r\n\r\n");
  const std::string piece(1U << 20, 'x');
  for (std::size_t sent = 0; sent < size; sent += piece.size()) {
    ASSERT_TRUE(client.say(piece));
  }
  EXPECT_EQ(total.get_future().get(), size);
  EXPECT_THAT(client.reply(), HasSubstr(std::to_string(size)));
}

TEST_F(HttpServer, AnEarlyReplyToAStreamedBodyClosesTheConnection) {
  answer_ = [](const Request&, const ExchangePtr& exchange) {
    exchange->reply({.status = 400}, "no");
  };
  RawClient client(path_);
  client.say(
      "POST /load HTTP/1.1\r\nHost: d\r\nContent-Length: 99999999\r\n"
      "\r\nxxxx");
  const auto all = client.until_end();
  EXPECT_THAT(all, HasSubstr("Connection: close"));
  EXPECT_TRUE(all.ends_with("no"));
}

TEST_F(HttpServer, AStreamSendsItsHeadAtOnceAndEachPieceAsItComes) {
  std::promise<ExchangePtr> asked;
  answer_ = [&](const Request&, ExchangePtr exchange) {
    exchange->begin_stream({.content_type = "application/json"});
    asked.set_value(std::move(exchange));
  };
  RawClient client(path_);
  client.say("GET /events HTTP/1.1\r\nHost: d\r\n\r\n");
  auto exchange = asked.get_future().get();
  EXPECT_THAT(client.until("\r\n\r\n"),
              HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_TRUE(exchange->write("one"));
  EXPECT_EQ(client.until("one\r\n"), "3\r\none\r\n");
  exchange->finish();
  EXPECT_EQ(client.until("0\r\n\r\n"), "0\r\n\r\n");
  exchange.reset();
  answer_ = [](const Request&, const ExchangePtr& next) {
    next->reply({});
  };
  client.say("GET / HTTP/1.1\r\nHost: d\r\n\r\n");
  EXPECT_THAT(client.reply(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpServer, TellsWhenTheClientOfAStreamLeaves) {
  std::promise<void> left;
  std::promise<ExchangePtr> asked;
  answer_ = [&](const Request&, ExchangePtr exchange) {
    exchange->begin_stream({});
    exchange->on_gone([&] { left.set_value(); });
    asked.set_value(std::move(exchange));
  };
  RawClient client(path_);
  client.say("GET / HTTP/1.1\r\nHost: d\r\n\r\n");
  auto exchange = asked.get_future().get();
  client.until("\r\n\r\n");
  client.leave();
  EXPECT_EQ(left.get_future().wait_for(5s), std::future_status::ready);
  EXPECT_FALSE(exchange->write("x"));
}

TEST_F(HttpServer, DropsAReaderThatIsTooSlow) {
  std::promise<ExchangePtr> asked;
  answer_ = [&](const Request&, ExchangePtr exchange) {
    exchange->begin_stream({});
    asked.set_value(std::move(exchange));
  };
  RawClient client(path_);
  client.say("GET / HTTP/1.1\r\nHost: d\r\n\r\n");
  auto exchange = asked.get_future().get();
  std::size_t accepted = 0;
  while (accepted < 100 && exchange->write(std::string(1U << 20, 'x'))) {
    ++accepted;
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_LT(accepted, 20U);
  EXPECT_THAT(client.until_end(), Not(HasSubstr("\r\n0\r\n\r\n")));
}

TEST_F(HttpServer, AForgottenExchangeAnswersAnError) {
  answer_ = [](const Request&, const ExchangePtr&) {
  };
  RawClient client(path_);
  client.say("GET / HTTP/1.1\r\nHost: d\r\n\r\n");
  EXPECT_THAT(client.reply(), StartsWith("HTTP/1.1 500 "));
}

TEST_F(HttpServer, AThrowingHandlerAnswersAnError) {
  answer_ = [](const Request&, const ExchangePtr&) {
    throw std::runtime_error("broken");
  };
  RawClient client(path_);
  client.say("GET / HTTP/1.1\r\nHost: d\r\n\r\n");
  EXPECT_THAT(client.reply(), HasSubstr("broken"));
}

TEST_F(HttpServer, TheSocketHasTheModeAskedFor) {
  struct stat about{};
  ASSERT_EQ(::stat(path_.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 07777U, 0660U);
  server_->stop();
  EXPECT_NE(::stat(path_.c_str(), &about), 0) << "removed at the end";
}

TEST_F(HttpServer, TakesThePlaceOfADeadSocketButNotOfALivingOne) {
  Server second(executor_, Service{});
  EXPECT_THROW(second.listen_unix(path_, 0600, static_cast<gid_t>(-1)),
               std::exception);
  const auto stale = folder_.file("stale");
  {
    sys::UniqueFd left(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    stale.copy(address.sun_path, stale.size());
    ASSERT_EQ(::bind(left.get(), reinterpret_cast<sockaddr*>(&address),
                     sizeof address),
              0);
  }
  EXPECT_NO_THROW(second.listen_unix(stale, 0600, static_cast<gid_t>(-1)));
}

TEST_F(HttpServer, ServesTcpOnLoopback) {
  const auto port = server_->listen_tcp("127.0.0.1", 0);
  EXPECT_NE(port, 0);
  EXPECT_THROW(server_->listen_tcp("not an address", 0), std::exception);
  EXPECT_THROW(server_->listen_tcp("127.0.0.1", port), std::exception);
}

long resident_kib() {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word && word != "VmRSS:") {
  }
  long kib = 0;
  status >> kib;
  return kib;
}

TEST_F(HttpServer, AThousandIdleClientsCostLittleAndDelayNobody) {
  std::vector<std::unique_ptr<RawClient>> idle;
  const auto before = resident_kib();
  for (int i = 0; i < 1000; ++i) {
    idle.push_back(std::make_unique<RawClient>(path_));
    idle.back()->say("GET / HTTP/1.1\r\nHost: d\r\n\r\n");
    ASSERT_THAT(idle.back()->reply(), StartsWith("HTTP/1.1 200"));
  }
  const auto per_client = (resident_kib() - before) / 1000;
  EXPECT_LE(per_client, 16) << "KiB, with this test's own client in it";
  EXPECT_EQ(server_->connections(), 1000U);
  const auto begin = std::chrono::steady_clock::now();
  RawClient(path_).say("GET / HTTP/1.1\r\nHost: d\r\n\r\n");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 1s);
}

}  // namespace
}  // namespace docker_cpp::daemon::http
