// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/cli/streams.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <map>
#include <thread>

#include <gtest/gtest.h>

#include "scripted_server.hpp"

namespace docker_cpp::cli {
namespace {

std::string frame(char stream, const std::string& text) {
  std::string result = {stream, 0, 0, 0};
  for (int shift = 24; shift >= 0; shift -= 8) {
    result += static_cast<char>((text.size() >> static_cast<unsigned>(shift)) &
                                0xffU);
  }
  return result + text;
}

TEST(FrameReaderTest, TakesFramesApartAtEveryBreak) {
  const auto bytes = frame(1, "out\n") + frame(2, "err\n") + frame(1, "") +
                     frame(1, std::string(300, 'x'));
  for (std::size_t step = 1; step < bytes.size(); ++step) {
    std::map<int, std::string> written;
    FrameReader reader(
        [&](int fd, std::string_view text) { written[fd].append(text); });
    for (std::size_t at = 0; at < bytes.size(); at += step) {
      ASSERT_FALSE(reader.feed(std::string_view(bytes).substr(at, step)));
    }
    EXPECT_EQ(written[1], "out\n" + std::string(300, 'x')) << step;
    EXPECT_EQ(written[2], "err\n") << step;
  }
}

TEST(FrameReaderTest, TellsErrors) {
  FrameReader reader([](int, std::string_view) {});
  EXPECT_EQ(reader.feed(frame(3, "disk full")),
            "error from daemon in stream: disk full");
  FrameReader other([](int, std::string_view) {});
  EXPECT_EQ(other.feed("HTTP/1.1 200"), "Unrecognized input header: 72");
}

TEST(DetachKeysTest, FindsTheSequence) {
  auto keys = DetachKeys::parse("ctrl-p,ctrl-q");
  ASSERT_TRUE(keys);
  EXPECT_EQ(keys->filter("abc"), "abc");
  EXPECT_EQ(keys->filter("a\x10"), "a");
  EXPECT_EQ(keys->filter("b"),
            "\x10"
            "b");
  EXPECT_EQ(keys->filter("\x10\x10"), "\x10");
  EXPECT_EQ(keys->filter("\x11"), std::nullopt);
}

TEST(DetachKeysTest, RefusesWhatIsNoKey) {
  EXPECT_TRUE(DetachKeys::parse("a,b"));
  EXPECT_TRUE(DetachKeys::parse("ctrl-@,ctrl-["));
  for (const auto* bad : {"ctrl-", "foo", "ctrl-1", "a,,b"}) {
    EXPECT_FALSE(DetachKeys::parse(bad)) << bad;
  }
}

/// Our stdin and stdout are pipes while this lives.
class Redirected {
 public:
  Redirected() : saved_in_(::dup(0)), saved_out_(::dup(1)) {
    std::array<int, 2> in{};
    std::array<int, 2> out{};
    EXPECT_EQ(::pipe(in.data()), 0);
    EXPECT_EQ(::pipe(out.data()), 0);
    ::dup2(in[0], 0);
    ::dup2(out[1], 1);
    ::close(in[0]);
    ::close(out[1]);
    input.reset(in[1]);
    output.reset(out[0]);
  }
  ~Redirected() { restore(); }
  Redirected(const Redirected&) = delete;
  Redirected& operator=(const Redirected&) = delete;

  void restore() {
    if (saved_in_) {
      ::dup2(saved_in_.get(), 0);
      ::dup2(saved_out_.get(), 1);
      saved_in_.reset();
      saved_out_.reset();
    }
  }

  sys::UniqueFd input;
  sys::UniqueFd output;

 private:
  sys::UniqueFd saved_in_;
  sys::UniqueFd saved_out_;
};

TEST(ConverseTest, EchoesMoreThanAnySocketHolds) {
  // `cat`: it prints while we write. A client that only writes would wait for
  // ever here.
  constexpr std::size_t much = 3U << 20U;
  std::array<int, 2> pair{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()),
            0);
  std::thread echo([container = pair[1]] {
    const sys::UniqueFd socket(container);
    std::array<char, 8192> buffer{};
    for (ssize_t got = 1; got > 0;) {
      got = ::read(socket.get(), buffer.data(), buffer.size());
      if (got > 0) {
        send_text(socket.get(),
                  frame(1, {buffer.data(), static_cast<std::size_t>(got)}));
      }
    }
  });
  std::string echoed;
  {
    Redirected streams;
    std::thread typist([&] {
      const std::string text(much, 'x');
      for (std::size_t at = 0; at < much;) {
        at += static_cast<std::size_t>(
            ::write(streams.input.get(), text.data() + at, much - at));
      }
      streams.input.reset();
    });
    std::thread reader([&] { echoed = read_to_end(streams.output.get()); });
    Conversation talk{.socket = sys::UniqueFd(pair[0]), .input = true};
    EXPECT_EQ(converse(talk, nullptr), Ending::closed);
    typist.join();
    streams.restore();
    reader.join();
  }
  echo.join();
  EXPECT_EQ(echoed.size(), much);
}

TEST(ConverseTest, DetachesOnItsKeys) {
  std::array<int, 2> pair{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()),
            0);
  const sys::UniqueFd container(pair[1]);
  Redirected streams;
  ASSERT_EQ(::write(streams.input.get(), "ls\x10\x11", 4), 4);
  Conversation talk{
      .socket = sys::UniqueFd(pair[0]), .tty = true, .input = true};
  EXPECT_EQ(converse(talk, nullptr), Ending::detached);
}

TEST(ConverseTest, HandsSignalsOn) {
  std::array<int, 2> pair{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()),
            0);
  sys::UniqueFd container(pair[1]);
  SignalCatcher signals(SignalCatcher::Which::all);
  ::kill(::getpid(), SIGTERM);
  std::string caught;
  Conversation talk{.socket = sys::UniqueFd(pair[0]),
                    .proxy_signals = true,
                    .signalled = [&](int signal) {
                      caught = signal_name(signal);
                      container.reset();
                    }};
  EXPECT_EQ(converse(talk, &signals), Ending::closed);
  EXPECT_EQ(caught, "TERM");
}

}  // namespace
}  // namespace docker_cpp::cli
