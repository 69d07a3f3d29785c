// SPDX-License-Identifier: Apache-2.0
#include "../src/api/views.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "../src/api/container_list.hpp"
#include "../src/api/filters.hpp"
#include "../src/api/image_view.hpp"
#include "../src/api/process_table.hpp"
#include "../src/api/progress_stream.hpp"
#include "../src/api/registry_auth.hpp"
#include "../src/api/stream_frame.hpp"

namespace docker_cpp::daemon::api {
namespace {

using namespace std::chrono_literals;

TEST(HumanDuration, IsGoUnits) {
  EXPECT_EQ(human_duration(0s), "Less than a second");
  EXPECT_EQ(human_duration(1s), "1 second");
  EXPECT_EQ(human_duration(59s), "59 seconds");
  EXPECT_EQ(human_duration(60s), "About a minute");
  EXPECT_EQ(human_duration(3min), "3 minutes");
  EXPECT_EQ(human_duration(59min), "59 minutes");
  EXPECT_EQ(human_duration(60min), "About an hour");
  EXPECT_EQ(human_duration(47h), "47 hours");
  EXPECT_EQ(human_duration(48h), "2 days");
  EXPECT_EQ(human_duration(24h * 14), "2 weeks");
  EXPECT_EQ(human_duration(24h * 60), "2 months");
  EXPECT_EQ(human_duration(24h * 365 * 3), "3 years");
}

TEST(LayerSize, CountsAFileOnceHoweverManyNamesItHas) {
  const std::string folder =
      testing::TempDir() + "/layer-size-" + std::to_string(::getpid());
  ASSERT_EQ(std::system(("mkdir -p " + folder + "/upper && cd " + folder +
                         "/upper && head -c 5000 /dev/zero >a && ln a b && "
                         "head -c 7 /dev/zero >c && ln -s a d")
                            .c_str()),
            0);
  EXPECT_EQ(layer_size(folder + "/upper"), 5007);
  std::filesystem::remove_all(folder);
}

TEST(ImageViews, SizesAreThoseOfTheLayersOfEach) {
  images::Image base{.id = "sha256:1",
                     .chain_ids = {"a"},
                     .layer_sizes = {1'982'824},
                     .history = {{.created_by = "copy"},
                                 {.created_by = "env", .empty_layer = true}}};
  images::Image child = base;
  child.id = "sha256:2";
  child.chain_ids.emplace_back("b");
  child.layer_sizes.push_back(17);
  child.history.push_back({.created_by = "run"});
  const auto history = image_history_view(child);
  ASSERT_EQ(history.size(), 3U);
  EXPECT_EQ(history[0]["Size"], 17);
  EXPECT_EQ(history[1]["Size"], 0);
  EXPECT_EQ(history[2]["Size"], 1'982'824);
  EXPECT_EQ(shared_sizes({base, child}).at("sha256:2"), 1'982'824);
  EXPECT_EQ(shared_sizes({child}).at("sha256:2"), 0);
}

TEST(ProgressBar, IsDockersToTheByte) {
  EXPECT_EQ(progress_bar(32768, 1069830),
            "[=>                                                 ]  "
            "32.77kB/1.07MB");
  EXPECT_EQ(progress_bar(2016256, 1985509),
            "[==================================================>]  2.016MB");
  EXPECT_EQ(progress_bar(1069830, 1069830),
            "[==================================================>]   "
            "1.07MB/1.07MB");
}

TEST(RegistryAuth, IsJsonInEitherBase64) {
  const auto who =
      read_registry_auth("eyJ1c2VybmFtZSI6IsO_Pz4iLCJwYXNzd29yZCI6InAifQ==");
  EXPECT_EQ(who.username, "\xc3\xbf?>");
  EXPECT_EQ(who.password, "p");
  // {"auth":"d2hvOnNlY3JldA=="}
  EXPECT_EQ(read_registry_auth("eyJhdXRoIjoiZDJodk9uTmxZM0psZEE9PSJ9").username,
            "who");
  EXPECT_EQ(read_registry_auth("").username, "");
  EXPECT_EQ(read_registry_auth("not base64 !").username, "");
  EXPECT_NO_THROW(static_cast<void>(need_registry_auth("e30=")));
  for (const char* bad : {"", "bm8=", "e"}) {
    EXPECT_THROW(static_cast<void>(need_registry_auth(bad)), ApiError) << bad;
  }
}

TEST(StatusText, IsDockersForEachState) {
  Container container;
  const Time now = Time{} + 1'000'000h;
  container.started_at = now - 5min;
  container.finished_at = now - 2h;
  container.exit_code = 137;
  const auto text = [&](State state) {
    container.state = state;
    return status_text(container, now);
  };
  EXPECT_EQ(text(State::created), "Created");
  EXPECT_EQ(text(State::running), "Up 5 minutes");
  EXPECT_EQ(text(State::paused), "Up 5 minutes (Paused)");
  EXPECT_EQ(text(State::restarting), "Restarting (137) 2 hours ago");
  EXPECT_EQ(text(State::exited), "Exited (137) 2 hours ago");
  EXPECT_EQ(text(State::dead), "Dead");
  EXPECT_EQ(text(State::removing), "Removal In Progress");
}

TEST(CommandText, QuotesWhatHasSpaces) {
  EXPECT_EQ(command_text({.args = {"sh", "-c", "a b"}}), "sh -c 'a b'");
}

TEST(Filters, TakeBothSpellingsAndRefuseTheRest) {
  const Filters map(R"({"name":{"a":true,"b":true}})", {"name"});
  const Filters list(R"({"name":["a","b"]})", {"name"});
  for (const auto& filters : {map, list}) {
    EXPECT_TRUE(filters.accepts("name", "b"));
    EXPECT_FALSE(filters.accepts("name", "c"));
    EXPECT_TRUE(filters.accepts("other", "anything"));
  }
  EXPECT_THROW(Filters(R"({"x":["a"]})", {"name"}), ApiError);
  EXPECT_THROW(Filters(R"({"name":"a"})", {"name"}), ApiError);
  EXPECT_THROW(Filters(R"({"name":[1]})", {"name"}), ApiError);
  EXPECT_THROW(Filters(R"([1])", {"name"}), ApiError);
  EXPECT_NO_THROW(Filters("", {"name"}));
  EXPECT_NO_THROW(Filters("{}", {"name"}));
}

TEST(DetachKeys, AreDockers) {
  EXPECT_EQ(parse_detach_keys("ctrl-p,ctrl-q"), "\x10\x11");
  EXPECT_EQ(parse_detach_keys("a,ctrl-[,DEL"), "a\x1b\x7f");
  EXPECT_FALSE(parse_detach_keys("ctrl-1").has_value());
  EXPECT_FALSE(parse_detach_keys("ab").has_value());
}

TEST(Moment, TakesSecondsFractionsDatesAndDurations) {
  EXPECT_FALSE(parse_moment("").has_value());
  EXPECT_FALSE(parse_moment("0").has_value());
  EXPECT_EQ(*parse_moment("1.5"), Time{1500ms});
  EXPECT_EQ(*parse_moment("1795284096.000000001"),
            Time{1795284096s + std::chrono::nanoseconds(1)});
  EXPECT_EQ(*parse_moment("1970-01-01T00:00:02Z"), Time{2s});
  EXPECT_LT(*parse_moment("1h30m"), std::chrono::system_clock::now() - 89min);
  EXPECT_GT(*parse_moment("9999999999"), std::chrono::system_clock::now());
  for (const auto* bad : {"x", "1.x", "10", "5 minutes", "1d"}) {
    if (std::string(bad) != "10") {
      EXPECT_THROW((void)parse_moment(bad), ApiError) << bad;
    }
  }
}

TEST(ProcessTable, ShowsThisProcess) {
  const auto table = process_table(parse_ps_arguments("-o pid,comm,user"),
                                   {::getpid(), 999'999'999});
  EXPECT_EQ(table.at("Titles"), nlohmann::json({"PID", "COMMAND", "USER"}));
  ASSERT_EQ(table.at("Processes").size(), 1U);
  EXPECT_EQ(table.at("Processes").at(0).at(0), std::to_string(::getpid()));
  EXPECT_EQ(parse_ps_arguments("").size(), 8U);
  EXPECT_EQ(parse_ps_arguments("aux").size(), 11U);
  EXPECT_THROW((void)parse_ps_arguments("-o comm"), ApiError);
  EXPECT_THROW((void)parse_ps_arguments("-o pid,nosuch"), ApiError);
  EXPECT_THROW((void)parse_ps_arguments("; rm"), ApiError);
}

}  // namespace
}  // namespace docker_cpp::daemon::api
