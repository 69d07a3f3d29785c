// SPDX-License-Identifier: Apache-2.0
// Each rule of the Dockerfile's language: lines, instructions, errors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "docker_cpp/dockerfile/graph.hpp"
#include "docker_cpp/dockerfile/parser.hpp"
#include "docker_cpp/dockerfile/run_mount.hpp"

namespace docker_cpp::dockerfile {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Dockerfile good(std::string_view text) {
  auto file = parse(text);
  if (!file) {
    ADD_FAILURE() << show(file.error(), "Dockerfile", text);
    return {};
  }
  return *std::move(file);
}

/// "2: unknown instruction: RUNN"
std::string refusal(std::string_view text) {
  const auto file = parse(text);
  return file ? "accepted"
              : std::to_string(file.error().line) + ": " + file.error().message;
}

std::vector<std::string> originals(const Dockerfile& file) {
  std::vector<std::string> all;
  for (const Instruction& one : file.instructions) {
    all.push_back(one.original);
  }
  return all;
}

TEST(Dockerfile, CommentsAndContinuationLinesBecomeOneInstruction) {
  const auto file = good(
      "# a comment\n\nfrom busybox\n"
      "  RUN echo a \\\n  # in between\n\n    && echo b \\ \n && echo '# c'\n");
  EXPECT_THAT(
      originals(file),
      ElementsAre("FROM busybox", "RUN echo a     && echo b  && echo '# c'"));
  EXPECT_EQ(file.instructions[1].line, 4);
  EXPECT_THAT(file.warnings, ElementsAre(HasSubstr("empty continuation line")));
}

TEST(Dockerfile, AnEscapedEscapeAtTheEndIsNoContinuation) {
  EXPECT_THAT(originals(good("FROM x\nRUN echo \\\\\nRUN b")),
              ElementsAre("FROM x", "RUN echo \\\\", "RUN b"));
}

TEST(Dockerfile, WindowsLineEndsAndAByteOrderMark) {
  EXPECT_THAT(originals(good("\xef\xbb\xbf"
                             "FROM x\r\nRUN a \\\r\n b\r\n")),
              ElementsAre("FROM x", "RUN a  b"));
}

TEST(Dockerfile, DirectivesStandAboveEverythingElse) {
  const auto file = good(
      "# syntax = docker/dockerfile:1\n#escape=`\n"
      "# check=skip=all\nFROM x\nCOPY a `\n c:\\\n");
  EXPECT_EQ(file.syntax, "docker/dockerfile:1");
  EXPECT_EQ(file.escape, '`');
  EXPECT_EQ(file.check, "skip=all");
  EXPECT_THAT(file.instructions[1].words, ElementsAre("a", "c:\\"));
  EXPECT_EQ(good("# hello\n# escape=`\nFROM x").escape, '\\');
  EXPECT_EQ(good("FROM x\n# escape=`\n").escape, '\\');
  EXPECT_EQ(refusal("# escape=x\nFROM x"),
            "1: invalid ESCAPE 'x' does not match ` or \\");
  EXPECT_EQ(refusal("# escape=`\n# escape=`\nFROM x"),
            "2: only one escape parser directive can be used");
}

TEST(Dockerfile, Heredocs) {
  const auto file = good(
      "FROM x\nRUN <<EOF cat 3<<-'B' >/x\na $x\nEOF\n\tb\n\tB\n"
      "COPY <<\"one two\" /y\n1\none two\nRUN cat <<<word\n");
  const auto& run = file.instructions[1];
  ASSERT_EQ(run.heredocs.size(), 2U);
  EXPECT_EQ(run.heredocs[0].content, "a $x\n");
  EXPECT_TRUE(run.heredocs[0].expand);
  EXPECT_EQ(run.heredocs[1].content, "b\n");
  EXPECT_FALSE(run.heredocs[1].expand);
  EXPECT_EQ(file.instructions[2].heredocs.at(0).name, "one two");
  EXPECT_THAT(file.instructions[3].heredocs, IsEmpty());
  EXPECT_EQ(refusal("FROM x\n\nRUN <<EOF\na\n"), "3: unterminated heredoc");
  EXPECT_EQ(good("FROM x\nENV a=<<b\nRUN c").instructions.size(), 3U);
}

TEST(Dockerfile, JsonAndShellForms) {
  const auto file = good(
      "FROM x\nRUN [\"a\", \"b \\\"c\\\" \\u00e9\\ud83d\\ude00\"]\n"
      "CMD [ \"$x\" ]\nENTRYPOINT []\nRUN [ -f /x ]\nCMD ['a']\nCMD [1]");
  const auto& all = file.instructions;
  EXPECT_TRUE(all[1].json);
  EXPECT_THAT(all[1].words,
              ElementsAre("a", "b \"c\" \xc3\xa9\xf0\x9f\x98\x80"));
  EXPECT_THAT(all[2].words, ElementsAre("$x"));
  EXPECT_TRUE(all[3].json);
  EXPECT_THAT(all[3].words, IsEmpty());
  EXPECT_FALSE(all[4].json);
  EXPECT_FALSE(all[5].json);
  EXPECT_FALSE(all[6].json);
}

TEST(Dockerfile, FlagsEndWhereArgumentsBegin) {
  const auto file = good(
      "FROM --platform=linux/arm64 x\n"
      "COPY --chown=\"1:2\" --link --exclude=*.o --exclude=a\\ b s --from=d e\n"
      "RUN -- --mount=x\nHEALTHCHECK --interval=1m30s --retries=2 CMD a b");
  EXPECT_EQ(file.instructions[0].value("platform"), "linux/arm64");
  const auto& copy = file.instructions[1];
  EXPECT_EQ(copy.value("chown"), "1:2");
  EXPECT_TRUE(copy.is_set("link"));
  EXPECT_THAT(copy.values("exclude"), ElementsAre("*.o", "a b"));
  EXPECT_THAT(copy.words, ElementsAre("s", "--from=d", "e"));
  EXPECT_EQ(file.instructions[2].rest, "--mount=x");
  EXPECT_THAT(file.instructions[3].words, ElementsAre("CMD", "a b"));
  EXPECT_FALSE(
      good("FROM x\nCOPY --link=false a b").instructions[1].is_set("link"));
}

TEST(Dockerfile, Pairs) {
  const auto file = good(
      "ARG a b=c\nFROM x\nENV old a value \nENV a=1 b=\"x y\" c='z'\\ w\n"
      "LABEL \"k k\"=v\n");
  EXPECT_EQ(file.instructions[0].pairs[0].key, "a");
  EXPECT_FALSE(file.instructions[0].pairs[0].value);
  EXPECT_EQ(file.instructions[0].pairs[1].value, "c");
  EXPECT_EQ(file.instructions[2].pairs[0].value, "a value");
  ASSERT_EQ(file.instructions[3].pairs.size(), 3U);
  EXPECT_EQ(file.instructions[3].pairs[1].value, "\"x y\"");
  EXPECT_EQ(file.instructions[3].pairs[2].value, "'z'\\ w");
  EXPECT_EQ(file.instructions[4].pairs[0].key, "\"k k\"");
}

struct Refused {
  std::string_view text;
  std::string_view sentence;
};

class Refusals : public ::testing::TestWithParam<Refused> {};

TEST_P(Refusals, SaysWhereAndWhy) {
  EXPECT_EQ(refusal(GetParam().text), GetParam().sentence);
}

INSTANTIATE_TEST_SUITE_P(
    Dockerfile, Refusals,
    ::testing::Values(
        Refused{"", "0: file with no instructions"},
        Refused{"# only\n", "0: file with no instructions"},
        Refused{"ARG a\n", "0: dockerfile contains no stages to build"},
        Refused{"RUN a\nFROM x", "1: no build stage in current context"},
        Refused{"FROM x\nRUNN a", "2: unknown instruction: RUNN"},
        Refused{"FROM", "1: FROM requires either one or three arguments"},
        Refused{"FROM a b", "1: FROM requires either one or three arguments"},
        Refused{"FROM a as 1b",
                "1: invalid name for build stage: \"1b\", name can't start "
                "with a number or contain symbols"},
        Refused{"FROM x\nCOPY --form=a b c", "2: unknown flag: --form"},
        Refused{"FROM x\nCOPY --from b c", "2: missing a value on flag: from"},
        Refused{"FROM x\nCOPY --chown=1 --chown=2 b c",
                "2: duplicate flag specified: chown"},
        Refused{"FROM x\nCOPY --link=maybe b c",
                "2: expecting boolean value for flag link, not: maybe"},
        Refused{"FROM x\nCOPY --from=$y b c",
                "2: variable expansion is not supported for --from"},
        Refused{"FROM x\nCOPY a",
                "2: COPY requires at least two arguments, but only one was "
                "provided. Destination could not be determined"},
        Refused{"FROM x\nENV", "2: ENV requires at least one argument"},
        Refused{"FROM x\nENV a", "2: ENV must have two arguments"},
        Refused{"FROM x\nENV =a", "2: ENV names can not be blank"},
        Refused{"FROM x\nENV a=b c",
                "2: Syntax error - can't find = in \"c\". Must be of the "
                "form: name=value"},
        Refused{"FROM x\nLABEL a=\"b",
                "2: unexpected end of statement while looking for matching "
                "double-quote"},
        Refused{"FROM x\nARG", "2: ARG requires at least one argument"},
        Refused{"FROM x\nRUN", "2: RUN requires at least one argument"},
        Refused{"FROM x\nRUN --network=lan a", "2: invalid network mode: lan"},
        Refused{"FROM x\nRUN --security=no a",
                "2: security \"no\" is not valid"},
        Refused{"FROM x\nCMD", "2: CMD requires at least one argument"},
        Refused{"FROM x\nUSER", "2: USER requires exactly one argument"},
        Refused{"FROM x\nWORKDIR", "2: WORKDIR requires exactly one argument"},
        Refused{"FROM x\nVOLUME [\"\"]",
                "2: VOLUME specified can not be an empty string"},
        Refused{"FROM x\nEXPOSE", "2: EXPOSE requires at least one argument"},
        Refused{"FROM x\nSHELL sh",
                "2: SHELL requires the arguments to be in JSON form"},
        Refused{"FROM x\nSHELL []", "2: SHELL requires at least one argument"},
        Refused{"FROM x\nHEALTHCHECK a",
                "2: Unknown type \"A\" in HEALTHCHECK (try CMD)"},
        Refused{"FROM x\nHEALTHCHECK CMD",
                "2: Missing command after HEALTHCHECK CMD"},
        Refused{"FROM x\nHEALTHCHECK NONE a",
                "2: HEALTHCHECK NONE takes no arguments"},
        Refused{"FROM x\nHEALTHCHECK --interval=5 CMD a",
                "2: time: invalid duration \"5\""},
        Refused{"FROM x\nHEALTHCHECK --interval=1us CMD a",
                "2: Interval \"interval\" cannot be less than 1ms"},
        Refused{"FROM x\nONBUILD FROM y",
                "2: FROM isn't allowed as an ONBUILD trigger"},
        Refused{"FROM x\nONBUILD ONBUILD RUN a",
                "2: Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"},
        Refused{"FROM x\nONBUILD COPPY a b", "2: unknown instruction: COPPY"}));

TEST(Dockerfile, AProblemIsShownInItsLine) {
  const std::string_view text = "FROM x\n\tRUNN echo hi\n";
  const auto file = parse(text);
  ASSERT_FALSE(file);
  EXPECT_EQ(show(file.error(), "Dockerfile", text),
            "Dockerfile:2: unknown instruction: RUNN\n"
            "    2 | \tRUNN echo hi\n"
            "      | \t^~~~\n"
            "hint: did you mean RUN?");
}

TEST(Dockerfile, DurationsAreGos) {
  EXPECT_EQ(parse_duration("1h2m3.5s"), 3'723'500'000'000);
  EXPECT_EQ(parse_duration("100ms"), 100'000'000);
  EXPECT_EQ(parse_duration("0"), 0);
  EXPECT_FALSE(parse_duration(""));
  EXPECT_FALSE(parse_duration("-1s"));
  EXPECT_FALSE(parse_duration("1x"));
  EXPECT_FALSE(parse_duration("99999999999h"));
}

TEST(RunMounts, AreReadWithTheirDefaults) {
  const auto cache = parse_run_mount("type=cache,target=/c,mode=0700,uid=5");
  ASSERT_TRUE(cache) << cache.error();
  EXPECT_EQ(cache->id, "/c");
  EXPECT_EQ(cache->mode, 0700U);
  EXPECT_EQ(cache->uid, 5U);
  EXPECT_TRUE(cache->writable);
  const auto bind = parse_run_mount("from=a,source=/s,target=/t");
  ASSERT_TRUE(bind);
  EXPECT_EQ(bind->type, RunMount::Type::bind);
  EXPECT_FALSE(bind->writable);
  EXPECT_TRUE(parse_run_mount("target=/t,rw")->writable);
  EXPECT_EQ(parse_run_mount("type=secret,id=k")->target, "/run/secrets/k");
  EXPECT_EQ(parse_run_mount("type=secret,id=k,env=K")->target, "");
  EXPECT_EQ(parse_run_mount("type=tmpfs,target=/t,size=2m")->size, 2 << 20);
  EXPECT_EQ(parse_run_mount("type=ssh")->id, "default");
}

TEST(RunMounts, BadOnesAreNamed) {
  const auto why = [](std::string_view text) {
    const auto mount = parse_run_mount(text);
    return mount ? "accepted" : mount.error();
  };
  EXPECT_EQ(why("type=disk,target=/x"), "unsupported mount type \"disk\"");
  EXPECT_EQ(why("type=cache"), "target is required");
  EXPECT_EQ(why("type=cache,target=/x,colour=red"),
            "unexpected key 'colour' in 'type=cache,target=/x,colour=red'");
  EXPECT_EQ(why("type=cache,target=/x,mode=999"),
            "invalid value for mode: 999");
  EXPECT_EQ(why("type=cache,target=/x,sharing=some"),
            "invalid value for sharing: some");
  EXPECT_THAT(why("type=secret"), HasSubstr("invalid secret mount"));
}

Graph planned(std::string_view text, const GraphOptions& options = {}) {
  auto graph = plan_stages(good(text), options);
  if (!graph) {
    ADD_FAILURE() << graph.error().message;
    return {};
  }
  return *std::move(graph);
}

TEST(Stages, OnlyThoseNeededAreMarked) {
  const std::string_view text =
      "FROM a AS Base\nRUN x\nFROM b AS tools\nFROM c AS docs\n"
      "FROM base\nCOPY --from=tools /x /x\n"
      "RUN --mount=type=bind,from=0,target=/y z\n";
  const Graph all = planned(text);
  EXPECT_THAT(all.needed, ElementsAre(true, true, false, true));
  EXPECT_EQ(all.stages[3].base_stage, 0U);
  EXPECT_THAT(all.stages[3].needs, ElementsAre(0, 1));
  EXPECT_THAT(planned(text, {.target = "docs"}).needed,
              ElementsAre(false, false, true, false));
  EXPECT_THAT(planned(text, {.target = "1"}).needed,
              ElementsAre(false, true, false, false));
  const auto missing = plan_stages(good(text), {.target = "tolls"});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message,
            "target stage \"tolls\" could not be found");
  EXPECT_EQ(missing.error().hint, "did you mean tools?");
}

TEST(Stages, GlobalArgumentsAndPlatformsExpandInFrom) {
  const std::string_view text =
      "ARG tag=1\nARG full=img:${tag}-x\nFROM $full\n"
      "FROM --platform=$BUILDPLATFORM ${other:-y}:$tag\n";
  const GraphOptions options{.build_args = {{"tag", "2"}},
                             .platform = "linux/arm64/v8",
                             .host_platform = "linux/amd64"};
  const Graph graph = planned(text, options);
  EXPECT_EQ(graph.stages[0].base, "img:2-x");
  EXPECT_EQ(graph.stages[1].base, "y:2");
  EXPECT_EQ(graph.stages[1].platform, "linux/amd64");
  EXPECT_EQ(platform_variables(options)["TARGETVARIANT"], "v8");
  const auto blank = plan_stages(good("FROM $nothing"), {});
  ASSERT_FALSE(blank);
  EXPECT_EQ(blank.error().message, "base name ($nothing) should not be blank");
}

TEST(Stages, ANamedContextComesBeforeAStage) {
  const std::string_view text = "FROM a AS s\nFROM b\nCOPY --from=s / /\n";
  EXPECT_THAT(planned(text).needed, ElementsAre(true, true));
  EXPECT_THAT(planned(text, {.named_contexts = {"s"}}).needed,
              ElementsAre(false, true));
}

}  // namespace
}  // namespace docker_cpp::dockerfile
