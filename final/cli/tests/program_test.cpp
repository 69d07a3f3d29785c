// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "commands/json_lines.hpp"
#include "commands/stats_row.hpp"
#include "context/store.hpp"
#include "context/tar.hpp"
#include "tunnel.hpp"

#include "docker_cpp/cli/command.hpp"
#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli {
namespace {

struct Said {
  int exit_code;
  std::string out;
  std::string error;
};

/// The program with a client's folder of its own.
class ProgramConfigTest : public testing::Test {
 protected:
  ProgramConfigTest()
      : folder_("/tmp/docker-cpp-config-test." + std::to_string(::getpid())) {
    std::filesystem::create_directories(folder_);
    ::unsetenv("DOCKER_HOST");
    ::unsetenv("DOCKER_CONTEXT");
  }
  ~ProgramConfigTest() override { std::filesystem::remove_all(folder_); }

  void configure(const std::string& text) {
    std::ofstream(folder_ + "/config.json") << text;
  }

  Said run(std::vector<std::string> words) {
    words.insert(words.begin(), {"--config", folder_});
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = run_program(words);
    return {.exit_code = code,
            .out = testing::internal::GetCapturedStdout(),
            .error = testing::internal::GetCapturedStderr()};
  }

  std::string folder_;
};

TEST_F(ProgramConfigTest, AContextFromMakingToRemoving) {
  auto said = run({"context", "create", "far", "--description", "d", "--docker",
                   "host=tcp://1.2.3.4:2375"});
  EXPECT_EQ(said.out, "far\n");
  EXPECT_EQ(said.error, "Successfully created context \"far\"\n");
  EXPECT_EQ(run({"context", "create", "far", "--docker", "host=tcp://x"}).error,
            "context \"far\" already exists\n");
  EXPECT_EQ(run({"context", "use", "far"}).error,
            "Current context is now \"far\"\n");
  EXPECT_EQ(run({"context", "show"}).out, "far\n");
  EXPECT_NE(run({"context", "ls"}).out.find("far *"), std::string::npos);
  EXPECT_EQ(run({"context", "rm", "far"}).error,
            "context \"far\" is in use, set -f flag to force remove\n");
  EXPECT_EQ(run({"context", "export", "far", folder_ + "/e"}).exit_code, 0);
  EXPECT_EQ(run({"context", "import", "near", folder_ + "/e"}).exit_code, 0);
  EXPECT_NE(run({"context", "inspect", "near"}).out.find("tcp://1.2.3.4:2375"),
            std::string::npos);
  EXPECT_EQ(run({"context", "rm", "-f", "far", "near"}).exit_code, 0);
  EXPECT_EQ(run({"context", "show"}).out, "default\n");
}

TEST_F(ProgramConfigTest, ContextsThatCannotBe) {
  EXPECT_EQ(run({"context", "create", "a b", "--docker", "host=x"}).error,
            "context name \"a b\" is invalid, names are validated against "
            "regexp \"^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$\"\n");
  EXPECT_EQ(run({"context", "create", "default", "--docker", "host=x"}).error,
            "\"default\" is a reserved context name\n");
  EXPECT_EQ(run({"context", "create", "ab", "--docker", "nosuch=1"}).error,
            "unable to create docker endpoint config: unrecognized config "
            "key: nosuch\n");
  EXPECT_EQ(run({"context", "rm", "default"}).error,
            "context \"default\" cannot be removed\n");
  EXPECT_EQ(run({"context", "rm", "nosuch"}).error,
            "context \"nosuch\" does not exist\n");
  EXPECT_TRUE(run({"-c", "gone", "ps"})
                  .error.starts_with("Failed to initialize: unable to resolve "
                                     "docker endpoint: context \"gone\": "
                                     "context not found"));
  std::ofstream(folder_ + "/zip") << "PK";
  EXPECT_NE(run({"context", "import", "zz", folder_ + "/zip"}).exit_code, 0);
  std::ofstream(folder_ + "/bad") << std::string(1024, 'x');
  EXPECT_EQ(run({"context", "import", "zz", folder_ + "/bad"}).error,
            "archive/tar: invalid tar header\n");
}

TEST_F(ProgramConfigTest, AliasesAndBrokenFiles) {
  configure(R"({"aliases": {"sh": "context show"}})");
  EXPECT_EQ(run({"sh"}).exit_code, 0);
  EXPECT_EQ(run({"shh"}).exit_code, 1);
  configure("{bad");
  EXPECT_TRUE(run({"context", "show"})
                  .error.starts_with("WARNING: Error parsing config file"));
}

TEST_F(ProgramConfigTest, SettingsStandInForOptions) {
  configure(R"({"psFormat": "{{.ID}}", "detachKeys": "ctrl-x",
                "proxies": {"default": {"httpProxy": "http://p"}}})");
  const ClientConfig config(folder_);
  Arguments ps;
  apply_settings(config, "h", "ps", find_command("ps")->options, ps);
  EXPECT_EQ(ps.text("format"), "{{.ID}}");
  Arguments run_words;
  run_words.options.emplace_back("env",
                                 std::vector<std::string>{"http_proxy=mine"});
  apply_settings(config, "h", "run", find_command("run")->options, run_words);
  EXPECT_EQ(run_words.text("detach-keys"), "ctrl-x");
  EXPECT_EQ(
      run_words.list("env"),
      (std::vector<std::string>{"http_proxy=mine", "HTTP_PROXY=http://p"}));
}

TEST_F(ProgramConfigTest, WhatIsLeftOutAnswersWithASentence) {
  EXPECT_TRUE(run({"service", "ls"})
                  .error.starts_with("Error response from daemon: This node is "
                                     "not a swarm manager."));
  EXPECT_EQ(run({"swarm", "leave"}).error,
            "Error response from daemon: This node is not part of a swarm\n");
  EXPECT_EQ(run({"plugin", "install", "x"}).exit_code, 1);
  EXPECT_EQ(run({"buildx", "bake"}).exit_code, 1);
}

TEST(TarTest, WhatIsWrittenIsRead) {
  const auto read = read_tar(write_tar({{"a/b", "text"}, {"d/", ""}}));
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ(read->front().name, "a/b");
  EXPECT_EQ(read->front().content, "text");
  EXPECT_FALSE(read_tar(write_tar({{"a", "text"}}).substr(0, 514)));
}

TEST(StatsRowTest, CountsAsDockerCounts) {
  const auto sample = parse_json(R"({"id":"0123456789abcdef","name":"/w",
    "cpu_stats":{"cpu_usage":{"total_usage":300},"system_cpu_usage":2000,
                 "online_cpus":2},
    "precpu_stats":{"cpu_usage":{"total_usage":100},"system_cpu_usage":1000},
    "memory_stats":{"usage":3145728,"limit":4194304,
                    "stats":{"inactive_file":1048576}},
    "networks":{"eth0":{"rx_bytes":1500,"tx_bytes":0}},
    "pids_stats":{"current":3}})");
  ASSERT_TRUE(sample);
  const auto row = stats_row("w", *sample);
  EXPECT_EQ(row["CPUPerc"].text(), "40.00%");
  EXPECT_EQ(row["MemUsage"].text(), "2MiB / 4MiB");
  EXPECT_EQ(row["MemPerc"].text(), "50.00%");
  EXPECT_EQ(row["NetIO"].text(), "1.5kB / 0B");
  EXPECT_EQ(row["PIDs"].text(), "3");
  EXPECT_EQ(stats_row("w", {})["CPUPerc"].text(), "--");
}

TEST(JsonLinesTest, PiecesBecomeDocuments) {
  JsonLines lines;
  EXPECT_TRUE(lines.feed("{\"a\":").empty());
  const auto found = lines.feed("1}\nbad\n{\"a\":2}\n{");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[1]["a"].number(), 2);
}

TEST(SshTest, TheCommandIsDockersOwn) {
  const auto address = http::parse_address("ssh://me@far:2222");
  ASSERT_TRUE(address);
  EXPECT_EQ(join(ssh_command(*address), " "),
            "ssh -o ConnectTimeout=30 -T -p 2222 -l me -- far docker system "
            "dial-stdio");
  const auto plain = http::parse_address("ssh://far");
  ASSERT_TRUE(plain);
  EXPECT_EQ(join(ssh_command(*plain), " "),
            "ssh -o ConnectTimeout=30 -T -- far docker system dial-stdio");
}

}  // namespace
}  // namespace docker_cpp::cli
