// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../src/logs/log_files.hpp"
#include "../src/logs/packed_log.hpp"
#include "log_compress.hpp"
#include "log_config.hpp"
#include "log_formats.hpp"

#include "docker_cpp/daemon/api_error.hpp"
#include "docker_cpp/daemon/event_journal.hpp"

namespace docker_cpp::daemon {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class LogFolder : public testing::Test {
 protected:
  LogFolder() {
    std::string name = "/tmp/dcpp-logs-XXXXXX";
    folder_ = ::mkdtemp(name.data());
  }
  ~LogFolder() override { std::filesystem::remove_all(folder_); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ + "/" + name) << text;
  }
  [[nodiscard]] bool has(const std::string& name) const {
    return std::filesystem::exists(folder_ + "/" + name);
  }
  std::string folder_;
};

TEST_F(LogFolder, ACompressedFileIsReadInItsPlace) {
  write("log", "c\n");
  write("log.1", "b\n");
  write("log.2", "a\n");
  ASSERT_TRUE(monitor::compress_log(folder_ + "/log.2"));
  EXPECT_TRUE(has("log.2.gz"));
  EXPECT_FALSE(has("log.2"));
  LogFiles files(folder_ + "/log", std::nullopt);
  EXPECT_EQ(files.next(), "a");
  EXPECT_EQ(files.next(), "b");
  EXPECT_EQ(files.next(), "c");
  EXPECT_EQ(files.next(), std::nullopt);
}

TEST_F(LogFolder, AFileThatIsCompressedWhileItIsReadIsNotReadTwice) {
  write("log", "a\n");
  LogFiles files(folder_ + "/log", std::nullopt);
  EXPECT_EQ(files.next(), "a");
  std::filesystem::rename(folder_ + "/log", folder_ + "/log.1");
  write("log", "b\n");
  ASSERT_TRUE(monitor::compress_log(folder_ + "/log.1"));
  EXPECT_EQ(files.next(), "b");
  EXPECT_EQ(files.next(), std::nullopt);
}

TEST_F(LogFolder, DamagedCompressedFilesAreLeftOut) {
  write("log", "b\n");
  write("log.1.gz", "this is not gzip");
  LogFiles files(folder_ + "/log", std::nullopt);
  EXPECT_EQ(files.next(), "b");
  write("log.1", std::string(100'000, 'x') + "\n");
  ASSERT_TRUE(monitor::compress_log(folder_ + "/log.1"));
  std::filesystem::resize_file(folder_ + "/log.1.gz", 60);
  LogFiles cut(folder_ + "/log", std::nullopt);
  EXPECT_EQ(cut.next(), "b");
}

TEST_F(LogFolder, CompressionOfNothingLeavesNothing) {
  EXPECT_FALSE(monitor::compress_log(folder_ + "/nosuch"));
  EXPECT_FALSE(has("nosuch.gz"));
  EXPECT_FALSE(has("nosuch.gz.new"));
}

HostConfig with_log(std::string driver, Labels options) {
  HostConfig host;
  host.log_driver = std::move(driver);
  host.log_options = std::move(options);
  return host;
}

TEST(LogConfig, RefusesWhatMakesNoSense) {
  EXPECT_NO_THROW(check_log_config(with_log("json-file", {})));
  EXPECT_NO_THROW(
      check_log_config(with_log("syslog", {{"syslog-format", "rfc5424"}})));
  EXPECT_THROW(check_log_config(with_log("nosuch", {})), ApiError);
  EXPECT_THROW(check_log_config(with_log("local", {{"gelf-address", "x"}})),
               ApiError);
  EXPECT_THROW(check_log_config(with_log("local", {{"max-size", "0"}})),
               ApiError);
  EXPECT_THROW(check_log_config(with_log("local", {{"max-file", "-1"}})),
               ApiError);
  EXPECT_THROW(check_log_config(with_log("local", {{"compress", "yes"}})),
               ApiError);
  EXPECT_THROW(check_log_config(with_log("local", {{"max-buffer-size", "1m"}})),
               ApiError);
  EXPECT_THROW(check_log_config(with_log("syslog", {{"syslog-format", "x"}})),
               ApiError);
}

TEST(LogConfig, LogsRotateUnlessTheyAreToldNotTo) {
  Container container;
  container.id = std::string(64, 'a');
  container.log_path = "/log";
  monitor::MonitorConfig config;
  configure_log(container, config);
  EXPECT_EQ(config.log_max_size, 20U << 20);
  EXPECT_EQ(config.log_max_file, 5U);
  EXPECT_FALSE(config.log_compress);
  container.host_config = with_log("json-file", {{"max-size", "-1"}});
  configure_log(container, config);
  EXPECT_EQ(config.log_max_size, 0U);
  container.host_config = with_log("local", {});
  configure_log(container, config);
  EXPECT_TRUE(config.log_compress);
  container.host_config = with_log("none", {});
  configure_log(container, config);
  EXPECT_EQ(config.log_path, "");
}

TEST(LogConfig, TagsAndAddresses) {
  Container container;
  container.id = std::string(64, 'a');
  container.name = "web";
  EXPECT_EQ(expand_tag("x/{{.Name}}/{{ .ID }}", container),
            "x/web/" + std::string(12, 'a'));
  EXPECT_THROW(static_cast<void>(expand_tag("{{.Nosuch}}", container)),
               ApiError);
  EXPECT_THROW(static_cast<void>(expand_tag("{{.Name", container)), ApiError);
  EXPECT_EQ(numeric_address("udp://127.0.0.1", "514"), "udp:127.0.0.1:514");
  EXPECT_EQ(numeric_address("127.0.0.1:9", "514"), "tcp:127.0.0.1:9");
  EXPECT_EQ(numeric_address("unixgram:///dev/log", ""), "unix:/dev/log");
  EXPECT_THROW(static_cast<void>(numeric_address("ftp://a:1", "")), ApiError);
  EXPECT_THROW(static_cast<void>(numeric_address("tcp://a:b", "")), ApiError);
  EXPECT_THROW(static_cast<void>(numeric_address("unix://a", "")), ApiError);
}

monitor::MonitorConfig sending(const std::string& driver,
                               std::map<std::string, std::string> options) {
  monitor::MonitorConfig config;
  config.log_driver = driver;
  config.log_tag = "tag";
  config.log_options = std::move(options);
  return config;
}

std::string printed(const monitor::MonitorConfig& config,
                    std::string_view text) {
  return monitor::log_format(config)(
      {.text = text,
       .stream = monitor::Stream::standard_output,
       .time = std::chrono::system_clock::time_point(
           std::chrono::seconds(1'700'000'000))});
}

TEST(LogFormats, SyslogOfEachKind) {
  EXPECT_THAT(printed(sending("syslog", {{"address", "unix:/x"}}), "hi"),
              testing::AllOf(StartsWith("<30>Nov 14 22:13:20 tag["),
                             EndsWith("]: hi")));
  const auto tcp = printed(sending("syslog", {{"address", "tcp:1.2.3.4:5"},
                                              {"syslog-format", "rfc5424"},
                                              {"syslog-facility", "local7"}}),
                           "hi");
  EXPECT_THAT(tcp, testing::AllOf(StartsWith("<190>1 2023-11-14T22:13:20Z "),
                                  EndsWith(" tag - hi\n")));
}

TEST(LogFormats, JournaldSaysTheLengthOfWhatHasLines) {
  const auto out =
      printed(sending("journald", {{"container-name", "web"}}), "a\nb");
  EXPECT_THAT(out, HasSubstr("CONTAINER_NAME=web\n"));
  EXPECT_THAT(out,
              EndsWith(std::string("MESSAGE\n\3\0\0\0\0\0\0\0a\nb\n", 20)));
}

TEST(LogFormats, FluentdIsMessagePack) {
  const auto out = printed(sending("fluentd", {}), "hi");
  EXPECT_THAT(out, StartsWith(std::string("\x93\xdb\0\0\0\3tag\xce", 10)));
  EXPECT_EQ(out.substr(10, 4), std::string("\x65\x53\xf1\x00", 4));
  EXPECT_EQ(out.substr(14, 1), "\x84");
  EXPECT_THAT(out, HasSubstr(std::string("\xdb\0\0\0\3log\xdb\0\0\0\2hi", 15)));
}

TEST(LogFormats, GelfIsJson) {
  EXPECT_THAT(printed(sending("gelf", {{"address", "udp:1.2.3.4:5"}}), "\"x\""),
              testing::AllOf(StartsWith("{\""),
                             EndsWith(R"("timestamp":1700000000.000,"level":6,)"
                                      R"("short_message":"\"x\""})")));
}

TEST_F(LogFolder, EventsAreKnownAfterARestart) {
  const std::string path = folder_ + "/events";
  {
    EventSystem events;
    const EventJournal journal(path, events);
    events.publish({.type = "container",
                    .action = "die",
                    .actor_id = "x",
                    .attributes = {{"exitCode", "3"}}});
    for (int i = 0; i < 200 && std::filesystem::file_size(path) == 0; ++i) {
      ::usleep(10'000);
    }
  }
  std::ofstream(path, std::ios::app) << "{\"type\":\"damaged\n";
  EventSystem events;
  const EventJournal journal(path, events);
  ASSERT_EQ(events.history().size(), 1U);
  EXPECT_EQ(events.history()[0].action, "die");
  EXPECT_EQ(events.history()[0].attributes.at("exitCode"), "3");
}

}  // namespace
}  // namespace docker_cpp::daemon
