// SPDX-License-Identifier: Apache-2.0
#include "configuration.hpp"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace docker_cpp::daemon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Configuration : public testing::Test {
 protected:
  Configuration() {
    std::string name = "/tmp/dcpp-config-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    std::filesystem::create_directory(folder_ + "/conf.d");
    sources_.file = folder_ + "/config.yaml";
  }
  ~Configuration() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ + "/" + name) << text;
  }
  [[nodiscard]] std::string complaint() const {
    const auto words = merge(sources_, nullptr);
    if (!words) {
      return words.error();
    }
    const auto settings = understand(*words);
    return settings ? "" : settings.error();
  }

  std::string folder_;
  Sources sources_;
};

TEST_F(Configuration, LaterLayersWin) {
  write("config.yaml", "mtu: 1400\nbip: 10.0.0.1/24\ngroup: a\nbridge: x\n");
  write("conf.d/20-b.yaml", "bip: 10.2.0.1/24\ngroup: c\n");
  write("conf.d/10-a.yaml", "bip: 10.1.0.1/24\nbridge: y\n");
  write("conf.d/ignored.txt", "bip: 10.9.0.1/24\n");
  const char* environment[] = {"DOCKER_CPPD_GROUP=d", "OTHER=1", nullptr};
  sources_.flags["bridge"] = {{"z"}, "flag"};
  const auto words = merge(sources_, environment);
  ASSERT_TRUE(words) << words.error();
  const auto settings = understand(*words);
  ASSERT_TRUE(settings) << settings.error();
  EXPECT_EQ(settings->daemon.mtu, 1400);
  EXPECT_EQ(settings->daemon.bip, "10.2.0.1/24");
  EXPECT_EQ(settings->daemon.group, "d");
  EXPECT_EQ(settings->daemon.bridge, "z");
  EXPECT_EQ(words->at("mtu").origin, folder_ + "/config.yaml:1");
  EXPECT_EQ(words->at("group").origin, "environment DOCKER_CPPD_GROUP");
}

TEST_F(Configuration, NestedMapsAreHierarchyAndDaemonJsonIsUnderstood) {
  write("config.yaml", R"({
  "log": {"level": "debug"},
  "log-driver": "local", "log-opts": {"max-size": "1m", "compress": "false"},
  "hosts": ["unix:///a", "tcp://127.0.0.1:1"],
  "runtimes": {"crun": {"path": "/usr/bin/crun", "runtimeArgs": ["--debug"]}},
  "default-ulimits": {"nofile": {"Name": "nofile", "Hard": 64, "Soft": 32}},
  "default-address-pools": [{"base": "10.0.0.0/8", "size": 24}],
  "init": true})");
  const auto words = merge(sources_, nullptr);
  ASSERT_TRUE(words) << words.error();
  const auto settings = understand(*words);
  ASSERT_TRUE(settings) << settings.error();
  const ContainerDefaults& defaults = settings->daemon.defaults;
  EXPECT_EQ(settings->log_level, LogLevel::debug);
  EXPECT_EQ(defaults.log_driver, "local");
  EXPECT_EQ(defaults.log_options.at("max-size"), "1m");
  EXPECT_THAT(settings->daemon.hosts,
              ElementsAre("unix:///a", "tcp://127.0.0.1:1"));
  EXPECT_EQ(defaults.runtimes.at("crun").path, "/usr/bin/crun");
  EXPECT_THAT(defaults.runtimes.at("crun").arguments, ElementsAre("--debug"));
  EXPECT_EQ(defaults.ulimits.at(0).soft, 32);
  EXPECT_EQ(defaults.ulimits.at(0).hard, 64);
  EXPECT_THAT(settings->daemon.address_pools,
              ElementsAre("base=10.0.0.0/8,size=24"));
  EXPECT_TRUE(defaults.init);
}

TEST_F(Configuration, MistakesAreNamedWithTheirLine) {
  write("config.yaml", "mtu: 1400\n\nlog:\n  levle: debug\n");
  EXPECT_THAT(complaint(), HasSubstr("line 4: the following directives don't "
                                     "match any configuration option: "
                                     "log-levle"));
  write("config.yaml", "bip: a\nmtu: many\n");
  EXPECT_THAT(complaint(), HasSubstr("config.yaml:2: mtu: \"many\" is not"));
  write("config.yaml", "bip: a\nhosts: [a\n");
  EXPECT_THAT(complaint(), HasSubstr("line "));
  write("config.yaml", "bip: [a, b]\n");
  EXPECT_THAT(complaint(), HasSubstr("line 1: a single value is wanted"));
  write("config.yaml", "mtu: 1400\nbip: x\nmtu: 1500\n");
  EXPECT_THAT(complaint(), HasSubstr("line 3: mtu is there a second time"));
  write("config.yaml", "- a\n");
  EXPECT_THAT(complaint(), HasSubstr("a map of directives is wanted"));
  write("config.yaml", "log-level: loud\n");
  EXPECT_THAT(complaint(), HasSubstr("invalid logging level: loud"));
  write("config.yaml", "default-runtime: nosuch\n");
  EXPECT_THAT(complaint(), HasSubstr("'nosuch' does not exist"));
  write("config.yaml", "live-restore: false\n");
  EXPECT_THAT(complaint(), HasSubstr("always outlive"));
}

TEST_F(Configuration, AFileThatWasAskedForMustBeThere) {
  EXPECT_EQ(complaint(), "");
  sources_.file_must_exist = true;
  EXPECT_THAT(complaint(), HasSubstr("unable to configure the daemon"));
}

TEST_F(Configuration, AnUnknownVariableIsRefused) {
  const char* environment[] = {"DOCKER_CPPD_NOSUCH=1", nullptr};
  const auto words = merge(sources_, environment);
  ASSERT_FALSE(words);
  EXPECT_THAT(words.error(), HasSubstr("DOCKER_CPPD_NOSUCH"));
}

TEST_F(Configuration, WhatChangedAndWhatNeedsARestart) {
  const Layer before = {{"mtu", {{"1400"}, "a"}}, {"debug", {{"true"}, "a"}}};
  const Layer after = {{"mtu", {{"1500"}, "a"}},
                       {"debug", {{"true"}, "b"}},
                       {"log-driver", {{"local"}, "b"}}};
  const auto differences = compare(before, after);
  ASSERT_EQ(differences.size(), 2U);
  EXPECT_EQ(differences[0].text, "mtu: 1400 -> 1500");
  EXPECT_EQ(differences[0].reload, Reload::restart);
  EXPECT_EQ(differences[1].text, "log-driver: (default) -> local");
  EXPECT_EQ(differences[1].reload, Reload::live);
}

TEST_F(Configuration, WhatIsShownReadsBackTheSame) {
  const Layer words = {{"mtu", {{"1400"}, "flag"}},
                       {"hosts", {{"unix:///a b", "fd://"}, "x:3"}}};
  EXPECT_THAT(show(words, true), HasSubstr("mtu: 1400  # flag\n"));
  EXPECT_THAT(show(words, true), HasSubstr("hosts:  # x:3\n"));
  write("config.yaml", show(words, true));
  const auto again = merge(sources_, nullptr);
  ASSERT_TRUE(again) << again.error();
  EXPECT_TRUE(compare(words, *again).empty());
}

}  // namespace
}  // namespace docker_cpp::daemon
