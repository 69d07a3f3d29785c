// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <thread>

#include "../src/logs/log_reader.hpp"
#include "../src/monitor/json_log.hpp"
#include "api_fixture.hpp"

namespace docker_cpp::daemon::testing_support {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

std::string entry(const std::string& text, const std::string& stream = "stdout",
                  const std::string& time = "2026-01-02T03:04:05.6Z") {
  return R"({"log":")" + text + R"(","stream":")" + stream + R"(","time":")" +
         time + "\"}\n";
}

void write(const std::string& path, const std::string& text,
           std::ios::openmode mode = std::ios::app) {
  std::ofstream(path, std::ios::out | mode) << text;
}

TEST(LogLine, DecodesWhatTheMonitorWrites) {
  std::string all;
  for (int c = 0; c < 256; ++c) {
    all += static_cast<char>(c);
  }
  all += "ü € 😀 \xe2\x80\xa8 <&>\n";
  std::string line;
  monitor::append_log_line(line, "ü € 😀 \xe2\x80\xa8 <&> \"\\\t\x01\n",
                           monitor::Stream::standard_error,
                           std::chrono::system_clock::now());
  const auto parsed = parse_log_line(line);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->text, "ü € 😀 \xe2\x80\xa8 <&> \"\\\t\x01\n");
  EXPECT_TRUE(parsed->is_stderr);
  line.clear();
  monitor::append_log_line(line, all, monitor::Stream::standard_output, {});
  EXPECT_TRUE(parse_log_line(line).has_value()) << "whatever the bytes";
}

TEST(LogLine, TakesEscapesPairsAndAttributesInAnyOrder) {
  const auto line = parse_log_line(
      R"({"time":"t","attrs":{"a":"}\""},"stream":"stdout","log":"\ud83d\ude00\u00fc\ud83d!"})");
  ASSERT_TRUE(line.has_value());
  EXPECT_EQ(line->text, "😀ü\xEF\xBF\xBD!");
  EXPECT_EQ(line->attrs, R"({"a":"}\""})");
}

TEST(LogLine, RefusesWhatACrashLeft) {
  const auto whole = entry("text");
  for (std::size_t size = 0; size + 2 < whole.size(); ++size) {
    EXPECT_FALSE(parse_log_line(whole.substr(0, size)).has_value()) << size;
  }
  for (const auto* bad : {"", "{}", "x", R"({"log":1})", R"({"log":"\u12"})",
                          R"({"log":"\x"})", R"({"stream":"stdout"})"}) {
    EXPECT_FALSE(parse_log_line(bad).has_value()) << bad;
  }
}

TEST(LogLine, TimesGetNineDigits) {
  EXPECT_EQ(fixed_width_time("2026-01-02T03:04:05Z"),
            "2026-01-02T03:04:05.000000000Z");
  EXPECT_EQ(fixed_width_time("2026-01-02T03:04:05.123456789Z"),
            "2026-01-02T03:04:05.123456789Z");
}

class Logs : public testing::Test {
 protected:
  std::string read_all(LogOptions options) {
    options.framed = false;
    options.standard_output = true;
    LogReader reader(path_, options);
    std::string out;
    while (reader.read(out, out.size() + 1'000) == LogReader::Progress::more) {
    }
    return out;
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.file("x-json.log");
};

TEST_F(Logs, TheTailIsFoundOverRotatedFiles) {
  write(path_ + ".2", entry("1\\n") + entry("2\\n"));
  write(path_ + ".1", entry("3\\n") + entry("4\\n"));
  write(path_, entry("5\\n"));
  const auto tail = [&](std::size_t lines) {
    return read_all({.tail = lines});
  };
  EXPECT_EQ(read_all({}), "1\n2\n3\n4\n5\n");
  EXPECT_EQ(tail(0), "");
  EXPECT_EQ(tail(1), "5\n");
  EXPECT_EQ(tail(2), "4\n5\n");
  EXPECT_EQ(tail(3), "3\n4\n5\n");
  EXPECT_EQ(tail(4), "2\n3\n4\n5\n");
  EXPECT_EQ(tail(5), "1\n2\n3\n4\n5\n");
  EXPECT_EQ(tail(99), "1\n2\n3\n4\n5\n");
}

TEST_F(Logs, TheTailOfALongFileIsExact) {
  std::string text;
  for (int i = 0; i < 5'000; ++i) {
    text += entry(std::to_string(i) + "\\n");
  }
  write(path_, text);
  for (const std::size_t lines : {1U, 7U, 900U, 4'999U}) {
    const auto out = read_all({.tail = lines});
    EXPECT_THAT(out, StartsWith(std::to_string(5'000 - lines) + "\n"));
    EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(out, '\n')), lines);
  }
}

TEST_F(Logs, ReadsOnWhileFilesAreRotatedUnderneath) {
  write(path_, entry("1\\n"));
  LogReader reader(path_, {.standard_output = true, .framed = false});
  std::string out;
  EXPECT_EQ(reader.read(out, 10'000), LogReader::Progress::caught_up);
  write(path_, entry("2\\n"));
  std::filesystem::rename(path_, path_ + ".1");
  write(path_, entry("3\\n"));
  std::filesystem::rename(path_ + ".1", path_ + ".2");
  std::filesystem::rename(path_, path_ + ".1");
  write(path_, entry("4\\n"));
  EXPECT_EQ(reader.read(out, 10'000), LogReader::Progress::caught_up);
  EXPECT_EQ(out, "1\n2\n3\n4\n");
  write(path_, entry("5\\n"), std::ios::trunc);
  EXPECT_EQ(reader.read(out, 10'000), LogReader::Progress::caught_up);
  EXPECT_THAT(out, HasSubstr("4\n"));
}

TEST_F(Logs, StartsOverInAFileThatWasEmptied) {
  write(path_, entry("first one, long\\n"));
  LogReader reader(path_, {.standard_output = true, .framed = false});
  std::string out;
  (void)reader.read(out, 10'000);
  write(path_, entry("2\\n"), std::ios::trunc);
  (void)reader.read(out, 10'000);
  EXPECT_EQ(out, "first one, long\n2\n");
}

TEST_F(Logs, ChoosesByTimeAndStreamAndShowsBoth) {
  write(path_, entry("a\\n", "stdout", "2026-01-02T03:04:05Z") +
                   entry("b\\n", "stderr", "2026-01-02T03:04:06.5Z") +
                   "damaged\n" +
                   entry("c\\n", "stdout", "2026-01-02T03:04:07Z"));
  const Time second{std::chrono::seconds{1'767'323'045}};
  EXPECT_EQ(read_all({}), "a\nc\n");
  EXPECT_EQ(read_all({.standard_error = true, .since = second + 1s}), "b\nc\n");
  EXPECT_EQ(read_all({.until = second + 1s}), "a\n");
  EXPECT_EQ(read_all({.timestamps = true, .since = second + 2s}),
            "2026-01-02T03:04:07.000000000Z c\n");
}

class LogsApi : public ApiTest {
 protected:
  LogsApi() {
    auto one = container('a');
    one.log_path = log_;
    runtime_.put(one);
  }

  std::string log_ = folder_.file("a-json.log");
};

TEST_F(LogsApi, AreFramedWithoutATerminal) {
  write(log_, entry("out\\n") + entry("err\\n", "stderr"));
  const auto reply =
      call("GET", "/v1.41/containers/name_a/logs?stdout=1&stderr=1&tail=all");
  EXPECT_THAT(reply, HasSubstr(std::string("\x01\0\0\0\0\0\0\x04out\n"
                                           "\x02\0\0\0\0\0\0\x04"
                                           "err\n",
                                           24)));
  EXPECT_EQ(body_of(call("GET", "/v1.41/containers/name_a/logs")),
            "{\"message\":\"Bad parameters: you must choose at least one "
            "stream\"}\n");
  EXPECT_THAT(call("GET", "/v1.42/containers/name_a/logs?stdout=1"),
              HasSubstr("application/vnd.docker.multiplexed-stream"));
}

TEST_F(LogsApi, FollowEndsWithTheContainerAndMissesNothing) {
  write(log_, entry("1"));
  RawClient client(path_);
  client.say(request("GET", "/containers/name_a/logs?stdout=1&follow=1"));
  EXPECT_THAT(client.until("1\r\n"), HasSubstr("200 OK"));
  write(log_, entry("2"));
  client.until("2\r\n");
  std::filesystem::rename(log_, log_ + ".1");
  write(log_, entry("3"));
  client.until("3\r\n");
  EXPECT_TRUE(client.silent_for(50ms));
  auto ended = container('a', State::exited);
  ended.log_path = log_;
  write(log_, entry("last"));
  runtime_.put(ended);
  runtime_.publish(
      {.type = "container", .action = "die", .actor_id = ended.id});
  const auto rest = client.until_end();
  EXPECT_THAT(rest, HasSubstr("last"));
  EXPECT_THAT(rest, testing::EndsWith("0\r\n\r\n"));
}

TEST_F(LogsApi, FollowOfAStoppedContainerEndsAtOnce) {
  write(log_, entry("1"));
  auto ended = container('a', State::exited);
  ended.log_path = log_;
  runtime_.put(ended);
  EXPECT_THAT(call("GET", "/containers/name_a/logs?stdout=1&follow=1"),
              testing::EndsWith("0\r\n\r\n"));
}

TEST_F(LogsApi, AClientThatStopsReadingHoldsNobodyUp) {
  std::string much;
  for (int i = 0; i < 20'000; ++i) {
    much += entry(std::string(1'000, 'x'));
  }
  write(log_, much);
  RawClient slow(path_);
  slow.say(request("GET", "/containers/name_a/logs?stdout=1&follow=1"));
  std::this_thread::sleep_for(200ms);
  const auto other = call("GET", "/containers/name_a/logs?stdout=1&tail=1");
  EXPECT_THAT(other, testing::EndsWith("0\r\n\r\n"));
  std::size_t total = 0;
  while (total < 20'000'000) {
    const auto got = slow.until(std::string(1'000, 'x'));
    ASSERT_FALSE(got.empty());
    total += got.size();
  }
}

}  // namespace
}  // namespace docker_cpp::daemon::testing_support
