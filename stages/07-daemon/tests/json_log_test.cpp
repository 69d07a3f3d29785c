// SPDX-License-Identifier: Apache-2.0
#include "json_log.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace docker_cpp::monitor {
namespace {

using nlohmann::json;
using std::chrono::nanoseconds;
using std::chrono::system_clock;

system_clock::time_point at(std::int64_t count) {
  return system_clock::time_point(nanoseconds(count));
}

std::string line(std::string_view text) {
  std::string all;
  append_log_line(all, text, Stream::standard_output, at(0));
  return all;
}

/// The log fields of all lines, as any JSON library reads them.
std::vector<std::string> texts(const std::string& log) {
  std::vector<std::string> all;
  std::istringstream lines(log);
  for (std::string one; std::getline(lines, one);) {
    all.push_back(json::parse(one).at("log").get<std::string>());
  }
  return all;
}

TEST(JsonLog, IsDockersLine) {
  std::string all;
  append_log_line(all, "hi\n", Stream::standard_error,
                  at(1'767'323'045'678'000'000));
  EXPECT_EQ(all,
            "{\"log\":\"hi\\n\",\"stream\":\"stderr\",\"time\":"
            "\"2026-01-02T03:04:05.678Z\"}\n");
}

TEST(JsonLog, EscapesAsGoDoes) {
  EXPECT_THAT(line("a\"b\\c\t\r\x01<&>\n"),
              testing::HasSubstr(R"(a\"b\\c\t\r\u0001\u003c\u0026\u003e\n)"));
  EXPECT_THAT(line("\u2028ä€😀"), testing::HasSubstr("\\u2028ä€😀"));
}

TEST(JsonLog, BytesThatAreNoTextStillMakeJson) {
  std::mt19937 random(7);  // NOLINT: the same bytes each time are wanted
  for (int round = 0; round < 2000; ++round) {
    std::string bytes;
    for (int i = 0; i < 12; ++i) {
      bytes += static_cast<char>(random());
    }
    ASSERT_NO_THROW(static_cast<void>(json::parse(line(bytes)))) << round;
  }
  EXPECT_EQ(texts(line("\xff"
                       "a\xc3"))
                .at(0),
            "\ufffd"
            "a\ufffd");
}

TEST(LineCutter, GivesWholeLinesHoweverTheyCome) {
  LineCutter cutter(Stream::standard_output);
  std::string log;
  for (const char c : std::string("one\ntwo\n\nthree")) {
    cutter.feed({&c, 1}, log);
  }
  EXPECT_EQ(texts(log), (std::vector<std::string>{"one\n", "two\n", "\n"}));
  cutter.finish(log);
  EXPECT_EQ(texts(log).back(), "three");
}

TEST(LineCutter, CutsLongLinesAt16KiB) {
  LineCutter cutter(Stream::standard_output);
  std::string log;
  cutter.feed(std::string(40'000, 'x') + "\n", log);
  const auto all = texts(log);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0], std::string(16'384, 'x'));
  EXPECT_EQ(all[2], std::string(40'000 - 2 * 16'384, 'x') + "\n");
}

TEST(LogFile, RotatesAndKeepsAsManyAsAsked) {
  std::string folder = "/tmp/docker-cpp-log-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const std::string path = folder + "/log";
  {
    LogFile log(path, {.max_size = 10, .max_file = 3});
    for (const std::string text :
         {"aaaaaaaa\n", "bbbbbbbb\n", "cccccccc\n", "dddddddd\n"}) {
      log.write(text);
    }
  }
  const auto content = [](const std::string& file) {
    std::stringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
  };
  EXPECT_EQ(content(path), "dddddddd\n");
  EXPECT_EQ(content(path + ".1"), "cccccccc\n");
  EXPECT_EQ(content(path + ".2"), "bbbbbbbb\n");
  EXPECT_FALSE(std::filesystem::exists(path + ".3"));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace docker_cpp::monitor
