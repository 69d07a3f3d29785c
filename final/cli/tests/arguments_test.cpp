// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/cli/arguments.hpp"

#include <gtest/gtest.h>

#include "docker_cpp/cli/command.hpp"

namespace docker_cpp::cli {
namespace {

using Words = std::vector<std::string>;

Arguments parsed(const char* command_name, const Words& words) {
  const auto* command = find_command(command_name);
  return parse_arguments(words, command->options, command->order);
}

std::string refusal(const char* command_name, const Words& words) {
  try {
    static_cast<void>(parsed(command_name, words));
    return "taken";
  } catch (const UsageError& error) {
    EXPECT_EQ(error.exit_code(), 125);
    return error.message();
  }
}

TEST(ArgumentsTest, OptionsOfRunEndAtTheImage) {
  const auto run =
      parsed("run", {"-it", "--rm", "busybox", "ls", "-l", "--all"});
  EXPECT_TRUE(run.flag("interactive"));
  EXPECT_TRUE(run.flag("tty"));
  EXPECT_TRUE(run.flag("rm"));
  EXPECT_EQ(run.words, (Words{"busybox", "ls", "-l", "--all"}));
}

TEST(ArgumentsTest, OptionsOfPsMayComeLast) {
  const auto rm = parsed("rm", {"a", "-f", "b"});
  EXPECT_TRUE(rm.flag("force"));
  EXPECT_EQ(rm.words, (Words{"a", "b"}));
}

TEST(ArgumentsTest, EverySpellingOfAValue) {
  for (const auto& words :
       {Words{"-e", "A=1", "x"}, Words{"-eA=1", "x"}, Words{"-e=A=1", "x"},
        Words{"--env", "A=1", "x"}, Words{"--env=A=1", "x"},
        Words{"-ie", "A=1", "x"}}) {
    EXPECT_EQ(parsed("run", words).list("env"), Words{"A=1"}) << words[0];
  }
}

TEST(ArgumentsTest, FlagsTakeTheirValueOnlyWithAnEqualsSign) {
  EXPECT_FALSE(parsed("run", {"--rm=false", "x"}).flag("rm"));
  EXPECT_TRUE(parsed("run", {"-i=true", "x"}).flag("interactive"));
  EXPECT_EQ(parsed("run", {"--rm", "false"}).words, Words{"false"});
  EXPECT_FALSE(
      parsed("run", {"--sig-proxy=false", "x"}).flag("sig-proxy", true));
}

TEST(ArgumentsTest, ValuesMayBeEmptyOrLookLikeOptions) {
  EXPECT_EQ(parsed("run", {"--entrypoint", "", "x"}).list("entrypoint"),
            Words{""});
  EXPECT_EQ(parsed("run", {"--entrypoint=", "x"}).list("entrypoint"),
            Words{""});
  EXPECT_EQ(parsed("run", {"--memory-swap", "-1", "x"}).bytes("memory-swap"),
            -1);
  EXPECT_EQ(parsed("run", {"--name", "--rm", "x"}).text("name"), "--rm");
  EXPECT_EQ(parsed("run", {"-e", "A=[1,2]", "x"}).list("env"),
            Words{"A=[1,2]"});
}

TEST(ArgumentsTest, TheLastOfASingleValueWins) {
  EXPECT_EQ(parsed("run", {"--name", "a", "--name", "b", "x"}).text("name"),
            "b");
  EXPECT_EQ(parsed("run", {"-e", "A", "-e", "B", "x"}).list("env"),
            (Words{"A", "B"}));
}

TEST(ArgumentsTest, TwoDashesEndTheOptions) {
  EXPECT_EQ(parsed("rm", {"--", "-f"}).words, Words{"-f"});
  EXPECT_EQ(parsed("run", {"--", "x", "--rm"}).words, (Words{"x", "--rm"}));
}

TEST(ArgumentsTest, HelpIsSeenBeforeAnythingElse) {
  EXPECT_TRUE(parsed("run", {"--help"}).help);
  EXPECT_TRUE(parsed("ps", {"-h"}).help);
  EXPECT_FALSE(parsed("run", {"-h", "name", "x"}).help) << "-h is --hostname";
  EXPECT_FALSE(parsed("run", {"busybox", "--help"}).help);
}

TEST(ArgumentsTest, RefusesInPflagsWords) {
  EXPECT_EQ(refusal("run", {"--foo", "x"}), "unknown flag: --foo");
  EXPECT_EQ(refusal("run", {"-Z", "x"}), "unknown shorthand flag: 'Z' in -Z");
  EXPECT_EQ(refusal("run", {"-itZ"}), "unknown shorthand flag: 'Z' in -Z");
  EXPECT_EQ(refusal("run", {"--name"}), "flag needs an argument: --name");
  EXPECT_EQ(refusal("run", {"-e"}), "flag needs an argument: 'e' in -e");
  EXPECT_EQ(refusal("run", {"--=x"}), "bad flag syntax: --=x");
  EXPECT_EQ(refusal("run", {"-m", "abc", "x"}),
            "invalid argument \"abc\" for \"-m, --memory\" flag: invalid size: "
            "'abc'");
  EXPECT_EQ(refusal("run", {"-c", "x", "y"}),
            "invalid argument \"x\" for \"-c, --cpu-shares\" flag: "
            "strconv.ParseInt: parsing \"x\": invalid syntax");
  EXPECT_EQ(refusal("run", {"--rm=foo", "y"}),
            "invalid argument \"foo\" for \"--rm\" flag: strconv.ParseBool: "
            "parsing \"foo\": invalid syntax");
  EXPECT_EQ(refusal("ps", {"-f", "foo"}),
            "invalid argument \"foo\" for \"-f, --filter\" flag: bad format of "
            "filter (expected name=value)");
}

TEST(CommandTableTest, EveryPathLeadsToOneCommand) {
  for (const auto& command : all_commands()) {
    for (const auto path : command.paths) {
      if (!path.empty()) {
        EXPECT_EQ(find_command(path), &command) << path;
      }
    }
    EXPECT_NE(command.run, nullptr) << command.paths[0];
    EXPECT_TRUE(command.most == unlimited || command.least <= command.most);
  }
  EXPECT_EQ(find_command("container ls"), find_command("ps"));
  EXPECT_EQ(find_command("nosuch"), nullptr);
  EXPECT_EQ(find_command(""), nullptr);
}

TEST(CommandTableTest, NoOptionIsNamedTwice) {
  for (const auto& command : all_commands()) {
    for (const auto& one : command.options) {
      for (const auto& other : command.options) {
        if (&one != &other) {
          EXPECT_NE(one.name, other.name) << command.paths[0];
          EXPECT_TRUE(one.letter == 0 || one.letter != other.letter)
              << command.paths[0] << " -" << one.letter;
        }
      }
    }
  }
}

TEST(HelpTest, WrapsAsPflagDoes) {
  const auto* kill = find_command("kill");
  EXPECT_EQ(option_lines(kill->options, 79),
            "  -s, --signal string   Signal to send to the container\n");
  const auto text = option_lines(find_command("ps")->options, 79);
  EXPECT_NE(text.find("  -n, --last int        Show n last created containers "
                      "(includes all\n                        states) (default "
                      "-1)\n"),
            std::string::npos)
      << text;
}

}  // namespace
}  // namespace docker_cpp::cli
