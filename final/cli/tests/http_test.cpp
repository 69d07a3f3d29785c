// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/cli/http.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>

#include <gtest/gtest.h>

#include "scripted_server.hpp"

#include "docker_cpp/cli/engine.hpp"

namespace docker_cpp::cli {
namespace {

const std::string ok_json =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

std::string with_length(const std::string& body) {
  return ok_json + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

/// What the client makes of one answer.
std::string outcome_of(const std::string& answer) {
  ScriptedServer server(1, [&](int socket, int) {
    static_cast<void>(read_request(socket));
    send_text(socket, answer);
  });
  Engine engine({.host = server.host()});
  try {
    return "ok: " + engine.call({.method = "GET", .path = "/x"});
  } catch (const Failure& failure) {
    return failure.message();
  }
}

TEST(HttpTest, ReadsBodiesInAllFramings) {
  EXPECT_EQ(outcome_of(with_length("hello")), "ok: hello");
  EXPECT_EQ(outcome_of(ok_json + "Transfer-Encoding: chunked\r\n\r\n"
                                 "3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n"
                                 "Trailer: x\r\n\r\n"),
            "ok: hello");
  EXPECT_EQ(outcome_of("HTTP/1.0 200 OK\r\n\r\nhello"), "ok: hello");
  EXPECT_EQ(outcome_of("HTTP/1.1 204 No Content\r\n\r\n"), "ok: ");
  EXPECT_EQ(outcome_of("HTTP/1.1 100 Continue\r\n\r\n" + with_length("x")),
            "ok: x");
}

TEST(HttpTest, TellsTheDaemonsWords) {
  EXPECT_EQ(outcome_of("HTTP/1.1 404 Not Found\r\nContent-Length: 28\r\n\r\n"
                       "{\"message\":\"page not found\"}"),
            "Error response from daemon: page not found");
  EXPECT_EQ(
      outcome_of("HTTP/1.1 400 Bad\r\nContent-Length: 9\r\n\r\ntoo old!\n"),
      "Error response from daemon: too old!");
}

TEST(HttpTest, RefusesWhatIsBroken) {
  for (const auto& answer :
       {std::string(), std::string("HTTP/1.1"), std::string("nonsense\r\n\r\n"),
        ok_json, ok_json + "Content-Length: 10\r\n\r\nshort",
        ok_json + "Content-Length: x\r\n\r\n",
        ok_json + "Content-Length: -5\r\n\r\n",
        ok_json + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        ok_json + "Transfer-Encoding: chunked\r\n\r\n5\r\nhel",
        ok_json + "Transfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n",
        ok_json + "no colon\r\n\r\n"}) {
    EXPECT_TRUE(outcome_of(answer).starts_with("error during connect: "))
        << answer << " -> " << outcome_of(answer);
  }
}

TEST(HttpTest, BoundsTheHead) {
  EXPECT_TRUE(outcome_of("HTTP/1.1 200 OK\r\nX: " + std::string(200'000, 'x'))
                  .starts_with("error during connect: "));
}

TEST(HttpTest, KeepsItsConnection) {
  std::atomic<int> connections = 0;
  ScriptedServer server(1, [&](int socket, int) {
    ++connections;
    for (int i = 0; i < 3; ++i) {
      static_cast<void>(read_request(socket));
      send_text(socket, with_length(std::to_string(i)));
    }
  });
  Engine engine({.host = server.host()});
  EXPECT_EQ(engine.get("/a").number(), 0);
  EXPECT_EQ(engine.get("/b").number(), 1);
  EXPECT_EQ(engine.get("/c").number(), 2);
  EXPECT_EQ(connections, 1);
}

TEST(HttpTest, TriesAgainWhenAnIdleConnectionWasClosed) {
  ScriptedServer server(2, [&](int socket, int number) {
    static_cast<void>(read_request(socket));
    send_text(socket, with_length(std::to_string(number)));
  });
  Engine engine({.host = server.host()});
  EXPECT_EQ(engine.get("/a").number(), 0);
  EXPECT_EQ(engine.get("/b").number(), 1);
}

TEST(HttpTest, BecomesAStreamWithHalfClose) {
  std::string heard;
  {
    ScriptedServer server(1, [&](int socket, int) {
      const auto request = read_request(socket);
      EXPECT_NE(request.find("Upgrade: tcp\r\n"), std::string::npos) << request;
      send_text(socket,
                "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\n"
                "Upgrade: tcp\r\n\r\nfirst");
      heard = read_to_end(socket);
      send_text(socket, "last");
    });
    Engine engine({.host = server.host()});
    auto exchange =
        engine.open({.method = "POST", .path = "/attach", .upgrade = true});
    auto [socket, first] = exchange.release();
    send_text(socket.get(), "input");
    ::shutdown(socket.get(), SHUT_WR);
    EXPECT_EQ(first + read_to_end(socket.get()), "firstlast");
  }
  EXPECT_EQ(heard, "input");
}

TEST(HttpTest, SendsFilesInChunks) {
  std::string heard;
  {
    ScriptedServer server(1, [&](int socket, int) {
      heard = read_request(socket);
      char c = 0;
      while (!heard.ends_with("\r\n0\r\n\r\n") && ::read(socket, &c, 1) == 1) {
        heard += c;
      }
      send_text(socket, with_length("{}"));
    });
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    const sys::UniqueFd read_end(ends[0]);
    sys::UniqueFd write_end(ends[1]);
    send_text(write_end.get(), "");
    ASSERT_EQ(::write(write_end.get(), "content", 7), 7);
    write_end.reset();
    Engine engine({.host = server.host()});
    EXPECT_EQ(engine.call({.method = "POST",
                           .path = "/images/load",
                           .content_type = "application/x-tar",
                           .body_file = read_end.get()}),
              "{}");
  }
  EXPECT_NE(heard.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_NE(heard.find("\r\n\r\n7\r\ncontent\r\n0\r\n\r\n"), std::string::npos)
      << heard;
}

TEST(HttpTest, SaysThatNobodyAnswers) {
  Engine engine({.host = "unix:///nonexistent/docker.sock"});
  try {
    engine.get("/info");
    FAIL();
  } catch (const NoDaemon& failure) {
    EXPECT_EQ(failure.message(),
              "Cannot connect to the Docker daemon at "
              "unix:///nonexistent/docker.sock. Is the docker daemon running?");
  }
}

TEST(HttpTest, ReadsAddresses) {
  EXPECT_EQ(http::parse_address("tcp://1.2.3.4:99")->port, 99);
  EXPECT_EQ(http::parse_address("tcp://[::1]:99")->target, "::1");
  EXPECT_EQ(http::parse_address("tcp://host")->port, 2375);
  EXPECT_EQ(http::parse_address("unix:///a/b")->target, "/a/b");
  EXPECT_FALSE(http::parse_address("tcp://host:99999"));
  EXPECT_FALSE(http::parse_address("ftp://host"));
  EXPECT_FALSE(http::parse_address(""));
}

TEST(HttpTest, EscapesQueries) {
  EXPECT_EQ(http::Query()
                .add("a", "x y&z")
                .add_if(false, "b")
                .add_if(true, "c")
                .text(),
            "?a=x%20y%26z&c=1");
  EXPECT_EQ(http::escape_path("127.0.0.1:5000/a b"), "127.0.0.1:5000/a%20b");
}

}  // namespace
}  // namespace docker_cpp::cli
