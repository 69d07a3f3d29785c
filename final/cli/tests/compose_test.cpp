// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "compose/interpolate.hpp"
#include "compose/normalise.hpp"
#include "compose/project.hpp"
#include "compose/service_body.hpp"
#include "compose/yaml.hpp"

#include "docker_cpp/cli/failure.hpp"

namespace docker_cpp::cli::compose {
namespace {

const Variables variables = {{"A", "a"}, {"EMPTY", ""}, {"N", "3"}};

std::string interpolated(const std::string& text) {
  std::vector<std::string> missing;
  const auto result = interpolate(text, variables, missing);
  auto shown = result ? *result : "error: " + result.error();
  for (const auto& name : missing) {
    shown += " missing:" + name;
  }
  return shown;
}

TEST(InterpolateTest, KnowsEveryForm) {
  EXPECT_EQ(interpolated("$A ${A}"), "a a");
  EXPECT_EQ(interpolated("$$A"), "$A");
  EXPECT_EQ(interpolated("${EMPTY:-d}|${EMPTY-d}|${X:-d}|${X-d}"), "d||d|d");
  EXPECT_EQ(interpolated("${A:+r}|${EMPTY:+r}|${EMPTY+r}|${X+r}"), "r||r|");
  EXPECT_EQ(interpolated("${X:-${A}-${Y:-z}}"), "a-z");
  EXPECT_EQ(interpolated("$X"), " missing:X");
  EXPECT_EQ(interpolated("${A:?no}"), "a");
  EXPECT_EQ(interpolated("${X:?say $A}"),
            "error: required variable X is missing a value: say a");
}

TEST(InterpolateTest, RefusesWhatIsNoVariable) {
  for (const auto* bad : {"${", "${}", "$", "$1", "${A", "${A!b}", "${1}"}) {
    EXPECT_TRUE(interpolated(bad).starts_with(
        "error: invalid interpolation format: \"" + std::string(bad)))
        << interpolated(bad);
  }
}

TEST(DotEnvTest, ReadsQuotesCommentsAndEarlierVariables) {
  const auto found = parse_dotenv(
      "# c\nexport A=1\nB='x $A # y'\nC=\"l1\\nl2 ${A}\" \nD=a # c\nE=\n"
      "F=\"two\nlines\"\n",
      {});
  ASSERT_TRUE(found) << found.error();
  EXPECT_EQ(found->at("A"), "1");
  EXPECT_EQ(found->at("B"), "x $A # y");
  EXPECT_EQ(found->at("C"), "l1\nl2 1");
  EXPECT_EQ(found->at("D"), "a");
  EXPECT_EQ(found->at("E"), "");
  EXPECT_EQ(found->at("F"), "two\nlines");
  EXPECT_FALSE(parse_dotenv("a b=1\n", {}));
  EXPECT_FALSE(parse_dotenv("A='x\n", {}));
}

TEST(ShellWordsTest, SplitsAsAShell) {
  EXPECT_EQ(*shell_words("a 'b c' \"d \\\"e\" f\\ g ''"),
            (std::vector<std::string>{"a", "b c", "d \"e", "f g", ""}));
  EXPECT_FALSE(shell_words("a 'b"));
  EXPECT_FALSE(shell_words("a\\"));
}

TEST(YamlTest, TypesMergeKeysAndTags) {
  const auto parsed = parse_yaml(
      "x: &x {a: 1, b: \"1\"}\ny: {<<: *x, a: 2}\nn: ~\nt: true\no: 0755\n"
      "f: 1.5\nv: 1.2.3\nr: !reset null\n");
  ASSERT_TRUE(parsed) << parsed.error();
  EXPECT_EQ((*parsed)["y"]["a"].number(), 2);
  EXPECT_EQ((*parsed)["y"]["b"].text(), "1");
  EXPECT_TRUE((*parsed)["n"].is_null());
  EXPECT_TRUE((*parsed)["t"].flag());
  EXPECT_EQ((*parsed)["o"].text(), "0755");
  EXPECT_EQ((*parsed)["v"].text(), "1.2.3");
  EXPECT_NE((*parsed)["r"].find(reset_key), nullptr);
}

TEST(YamlTest, BadDocumentsAreRefused) {
  EXPECT_FALSE(parse_yaml("a: ["));
  EXPECT_FALSE(parse_yaml("a: b: c"));
  EXPECT_FALSE(parse_yaml(std::string(500, '[') + std::string(500, ']')));
  // A billion laughs: each line names the one before ten times.
  std::string bomb = "a0: &a0 [x]\n";
  for (int i = 1; i < 10; ++i) {
    const auto before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) {
      bomb += (j == 0 ? "" : ",") + before;
    }
    bomb += "]\n";
  }
  EXPECT_FALSE(parse_yaml(bomb));
}

TEST(YamlTest, WhatIsPrintedIsReadAgain) {
  for (const auto* text :
       {"yes", "1", "-x", "- x", "a: b", "a #b", "", "1.5", "80:80", "null",
        "*a", "tab\tx", "l1\nl2", "plain"}) {
    const auto document = Value::object().set("k", text);
    const auto again = parse_yaml(print_yaml(document));
    ASSERT_TRUE(again) << text;
    EXPECT_TRUE((*again)["k"].is_string()) << print_yaml(document);
    EXPECT_EQ((*again)["k"].text(), text) << print_yaml(document);
  }
}

/// A folder with compose files, gone with the test.
class ComposeTest : public testing::Test {
 protected:
  ComposeTest()
      : folder_("/tmp/docker-cpp-compose-test." + std::to_string(::getpid())) {
    std::filesystem::create_directories(folder_ + "/sub");
  }
  ~ComposeTest() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ + "/" + name) << text;
  }

  Project load(const std::vector<std::string>& names,
               const std::vector<std::string>& profiles = {}) {
    ProjectOptions options{.profiles = profiles, .name = "p"};
    for (const auto& name : names) {
      options.files.push_back(folder_ + "/" + name);
    }
    auto project = load_project(options);
    resolve_environment(project);
    return project;
  }

  std::string refusal(const std::string& text) {
    write("bad.yaml", text);
    try {
      load({"bad.yaml"});
    } catch (const Failure& failure) {
      return failure.message();
    }
    return "accepted";
  }

  std::string folder_;
};

TEST_F(ComposeTest, LaterFilesMergeOverEarlierOnes) {
  write("a.yaml",
        "services: {w: {image: x, command: [a, b], environment: {A: 1, B: 2},"
        " ports: [\"80:80\"], volumes: [\"./d:/d\"], dns: [1.1.1.1]}}");
  write("b.yaml",
        "services: {w: {command: c, environment: [\"B=3\"], ports: "
        "[\"81:81\"], volumes: [\"/e:/d:ro\"], dns: !override [2.2.2.2]}}");
  const auto project = load({"a.yaml", "b.yaml"});
  const auto& service = project.service("w");
  EXPECT_EQ(as_texts(service["command"]), std::vector<std::string>{"c"});
  EXPECT_EQ(service["environment"]["A"].text(), "1");
  EXPECT_EQ(service["environment"]["B"].text(), "3");
  EXPECT_EQ(service["ports"].size(), 2U);
  ASSERT_EQ(service["volumes"].size(), 1U);
  EXPECT_EQ(service["volumes"].at(0)["source"].text(), "/e");
  EXPECT_EQ(as_texts(service["dns"]), std::vector<std::string>{"2.2.2.2"});
}

TEST_F(ComposeTest, ExtendsAndIncludeKeepTheirFolders) {
  write("sub/base.yaml",
        "services: {base: {image: x, build: ., env_file: e.env, environment: "
        "{A: base, B: base}}}");
  write("sub/e.env", "E=file\nA=file\n");
  write("sub/more.yaml", "services: {more: {image: y, volumes: [\"./m:/m\"]}}");
  write("c.yaml",
        "include: [sub/more.yaml]\n"
        "services: {w: {extends: {file: sub/base.yaml, service: base}, "
        "environment: {A: own}}}");
  const auto project = load({"c.yaml"});
  const auto& service = project.service("w");
  EXPECT_EQ(service["build"]["context"].text(), folder_ + "/sub");
  EXPECT_EQ(service["environment"]["A"].text(), "own");
  EXPECT_EQ(service["environment"]["B"].text(), "base");
  EXPECT_EQ(service["environment"]["E"].text(), "file");
  EXPECT_EQ(project.service("more")["volumes"].at(0)["source"].text(),
            folder_ + "/sub/m");
}

TEST_F(ComposeTest, ProfilesAndOrder) {
  write("c.yaml",
        "services: {a: {image: x, depends_on: [b]}, b: {image: x}, "
        "t: {image: x, profiles: [tools]}}");
  EXPECT_EQ(load({"c.yaml"}).in_order({}, true),
            (std::vector<std::string>{"b", "a"}));
  EXPECT_NE(load({"c.yaml"}, {"tools"}).services.find("t"), nullptr);
}

TEST_F(ComposeTest, BadFilesAreRefusedWithTheirPlace) {
  EXPECT_EQ(refusal("services: {a: {imag: x}}"),
            "validating services.a additional properties 'imag' not allowed");
  EXPECT_NE(refusal("foo: 1").find("additional properties 'foo'"),
            std::string::npos);
  EXPECT_EQ(refusal("services: {a: {image: x, depends_on: [q]}}"),
            "service \"a\" depends on undefined service \"q\": invalid compose "
            "project");
  EXPECT_EQ(refusal("services: {a: {image: x, volumes: [\"v:/x\"]}}"),
            "service \"a\" refers to undefined volume v: invalid compose "
            "project");
  EXPECT_NE(refusal("services: {a: {}}").find("neither an image nor a build"),
            std::string::npos);
  EXPECT_NE(refusal("services: {a: {image: x, depends_on: [b]}, b: {image: x, "
                    "depends_on: [a]}}")
                .find("dependency cycle"),
            std::string::npos);
  EXPECT_NE(refusal("services: {a: {image: x, extends: {service: a}}}")
                .find("circular reference"),
            std::string::npos);
  EXPECT_NE(refusal("services: {a: {image: x, ports: [\"a:b\"]}}")
                .find("invalid containerPort"),
            std::string::npos);
  EXPECT_EQ(refusal("services: {}"), "empty compose file");
}

TEST_F(ComposeTest, ABodyCarriesComposesLabelsAndLimits) {
  write("c.yaml",
        "services: {w: {image: x, ports: [\"127.0.0.1:8080:80/udp\"], "
        "mem_limit: 64m, cpus: 0.5, restart: \"on-failure:3\", tmpfs: /t, "
        "volumes: [\"d:/d\", \"/anon\"], ulimits: {nofile: {soft: 1, hard: 2}},"
        " healthcheck: {test: \"true\", interval: 2s, retries: 4}, "
        "networks: {n: {aliases: [al]}}}}\nvolumes: {d: }\nnetworks: {n: }");
  const auto project = load({"c.yaml"});
  const auto plan = plan_container(project, "w", {.number = 2});
  const auto& host = plan.body["HostConfig"];
  EXPECT_EQ(plan.name, "p-w-2");
  EXPECT_EQ(plan.body["Labels"][labels::project].text(), "p");
  EXPECT_EQ(plan.body["Labels"][labels::number].text(), "2");
  EXPECT_EQ(plan.body["Labels"][labels::oneoff].text(), "False");
  EXPECT_EQ(host["Memory"].number(), 64 << 20);
  EXPECT_EQ(host["NanoCpus"].number(), 500'000'000);
  EXPECT_EQ(host["RestartPolicy"]["MaximumRetryCount"].number(), 3);
  EXPECT_EQ(host["Binds"].at(0).text(), "p_d:/d:rw");
  EXPECT_NE(plan.body["Volumes"].find("/anon"), nullptr);
  EXPECT_EQ(host["PortBindings"]["80/udp"].at(0)["HostPort"].text(), "8080");
  EXPECT_EQ(plan.body["Healthcheck"]["Interval"].number(), 2'000'000'000);
  EXPECT_EQ(host["NetworkMode"].text(), "p_n");
  const auto& endpoint =
      plan.body["NetworkingConfig"]["EndpointsConfig"]["p_n"];
  EXPECT_EQ(as_texts(endpoint["Aliases"]),
            (std::vector<std::string>{"p-w-2", "w", "al"}));
}

TEST_F(ComposeTest, TheHashChangesWithTheContainerOnly) {
  const auto hash = [&](const std::string& rest) {
    write("c.yaml", "services: {w: {image: x" + rest + "}}");
    return config_hash(load({"c.yaml"}).service("w"));
  };
  const auto plain = hash("");
  EXPECT_EQ(hash(", scale: 3"), plain);
  EXPECT_EQ(hash(", pull_policy: always"), plain);
  EXPECT_NE(hash(", command: y"), plain);
  EXPECT_NE(hash(", environment: {A: b}"), plain);
}

}  // namespace
}  // namespace docker_cpp::cli::compose
