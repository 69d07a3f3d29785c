// SPDX-License-Identifier: Apache-2.0
// Variables, quotes, patterns and .dockerignore.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "docker_cpp/dockerfile/glob.hpp"
#include "docker_cpp/dockerfile/problem.hpp"
#include "docker_cpp/dockerfile/words.hpp"

namespace docker_cpp::dockerfile {
namespace {

using ::testing::ElementsAre;

Expander expander(char escape = '\\') {
  return {[](std::string_view name) -> std::optional<std::string> {
            if (name == "x") {
              return "value";
            }
            if (name == "path") {
              return "/a/b/c.tar.gz";
            }
            if (name == "two") {
              return "a b";
            }
            if (name == "empty") {
              return "";
            }
            return std::nullopt;
          },
          escape};
}

struct Expanded {
  std::string_view text;
  std::string_view result;
};

class Expansions : public ::testing::TestWithParam<Expanded> {};

TEST_P(Expansions, Word) {
  try {
    EXPECT_EQ(expander().word(GetParam().text), GetParam().result);
  } catch (const Problem& problem) {
    EXPECT_EQ("! " + problem.message, GetParam().result);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Words, Expansions,
    ::testing::Values(
        Expanded{"$x", "value"}, Expanded{"a$x-b", "avalue-b"},
        Expanded{"${x}y", "valuey"}, Expanded{"$nope", ""},
        Expanded{"\\$x", "$x"}, Expanded{"'$x'", "$x"},
        Expanded{"\"$x 'y'\"", "value 'y'"},
        Expanded{"\"a\\\"b\\c\"", "a\"b\\c"}, Expanded{"a b", "a b"},
        Expanded{"a\\ b", "a b"}, Expanded{"$", "$"}, Expanded{"$ a", "$ a"},
        Expanded{"a\\", "a\\"}, Expanded{"${x:-d}", "value"},
        Expanded{"${empty:-d}", "d"}, Expanded{"${empty-d}", ""},
        Expanded{"${nope-d}", "d"}, Expanded{"${nope:-$x}", "value"},
        Expanded{"${nope:-${no:-z}}", "z"}, Expanded{"${x:+d}", "d"},
        Expanded{"${empty:+d}", ""}, Expanded{"${empty+d}", "d"},
        Expanded{"${nope+d}", ""},
        Expanded{"${nope:?is missing}", "! nope: is missing"},
        Expanded{"${nope?}", "! nope: not allowed to be unset"},
        Expanded{"${x:?m}", "value"}, Expanded{"${path#*/}", "a/b/c.tar.gz"},
        Expanded{"${path##*/}", "c.tar.gz"},
        Expanded{"${path%.*}", "/a/b/c.tar"}, Expanded{"${path%%.*}", "/a/b/c"},
        Expanded{"${path#q}", "/a/b/c.tar.gz"},
        Expanded{"${path%?gz}", "/a/b/c.tar"}, Expanded{"${x/a/o}", "volue"},
        Expanded{"${path/a/-}", "/-/b/c.tar.gz"},
        Expanded{"${path//a/-}", "/-/b/c.t-r.gz"},
        Expanded{"${path//\\//:}", ":a:b:c.tar.gz"}, Expanded{"${x/l*/}", "va"},
        Expanded{"${x", "! syntax error: missing '}'"},
        Expanded{"${}", "! bad substitution"},
        Expanded{"${x^^}", "! unsupported modifier (^) in substitution"},
        Expanded{"${x:=y}", "! unsupported modifier (=) in substitution"},
        Expanded{"'a",
                 "! unexpected end of statement while looking for matching "
                 "single-quote"}));

TEST(Words, AreSplitAtBlanksOutsideOfQuotes) {
  EXPECT_THAT(expander().words("a  \"b c\" $two '' $empty"),
              ElementsAre("a", "b c", "a b", ""));
  EXPECT_THAT(split_words("a 'b c' d\\ e", '\\'),
              ElementsAre("a", "'b c'", "d\\ e"));
  EXPECT_THROW(static_cast<void>(split_words("'a", '\\')), Problem);
}

TEST(Words, AnotherEscape) {
  EXPECT_EQ(expander('`').word("c:\\$x`$x"), "c:\\value$x");
}

TEST(Words, AHeredocKeepsItsQuotes) {
  EXPECT_EQ(expander().raw("'$x' \"y\" \\$x \\n"), "'value' \"y\" $x \\n");
}

TEST(Words, NestingHasAnEnd) {
  std::string deep;
  for (int i = 0; i < 10'000; ++i) {
    deep += "${n:-";
  }
  EXPECT_THROW(static_cast<void>(expander().word(deep)), Problem);
}

bool match(std::string_view pattern, std::string_view name,
           GlobKind kind = GlobKind::path) {
  const auto glob = Glob::parse(pattern, kind);
  EXPECT_TRUE(glob) << pattern;
  return glob && glob->matches(name);
}

TEST(Globs, AreGosMatch) {
  EXPECT_TRUE(match("*.go", "a.go"));
  EXPECT_FALSE(match("*.go", "d/a.go"));
  EXPECT_TRUE(match("a/*/c", "a/b/c"));
  EXPECT_FALSE(match("a/*/c", "a/b/b/c"));
  EXPECT_TRUE(match("a?c", "abc"));
  EXPECT_TRUE(match("a?c",
                    "a\xc3\xa9"
                    "c"));
  EXPECT_FALSE(match("a?c", "a/c"));
  EXPECT_TRUE(match("[a-c]x", "bx"));
  EXPECT_FALSE(match("[^a-c]x", "bx"));
  EXPECT_TRUE(match("\\*", "*"));
  EXPECT_FALSE(match("\\*", "a"));
  EXPECT_TRUE(match("*", ""));
  EXPECT_FALSE(match("a**b", "a/b"));
  for (const char* bad : {"[", "[a", "[]", "[a-]", "[-x]", "a\\"}) {
    EXPECT_FALSE(Glob::parse(bad, GlobKind::path)) << bad;
  }
}

TEST(Globs, TwoStarsCrossFolders) {
  const auto ignore = GlobKind::ignore;
  EXPECT_TRUE(match("**", "a/b", ignore));
  EXPECT_TRUE(match("**/x", "x", ignore));
  EXPECT_TRUE(match("**/x", "a/b/x", ignore));
  EXPECT_FALSE(match("**/x", "ax", ignore));
  EXPECT_TRUE(match("a/**/b", "a/b", ignore));
  EXPECT_TRUE(match("a/**/b", "a/c/d/b", ignore));
  EXPECT_TRUE(match("a/**", "a/b/c", ignore));
  EXPECT_TRUE(match("**/*.o", "a/b.o", ignore));
  EXPECT_FALSE(match("**/**/x", "a/y", ignore));
}

TEST(Globs, AHostilePatternCostsNoMoreThanAnother) {
  std::string pattern;
  for (int i = 0; i < 60; ++i) {
    pattern += "**/a*";
  }
  EXPECT_FALSE(match(pattern, std::string(3000, 'a') + "b/", GlobKind::ignore));
}

TEST(Paths, AreCleanedAsGoDoes) {
  EXPECT_EQ(clean_path(""), ".");
  EXPECT_EQ(clean_path("a//b/./c/.."), "a/b");
  EXPECT_EQ(clean_path("/../a/"), "/a");
  EXPECT_EQ(clean_path("../a"), "../a");
  EXPECT_EQ(clean_path("/"), "/");
}

IgnoreList list(std::string_view text) {
  auto parsed = IgnoreList::parse(text);
  EXPECT_TRUE(parsed) << parsed.error();
  return parsed ? *std::move(parsed) : IgnoreList();
}

TEST(DockerIgnore, TheLastMatchDecides) {
  const auto ignore = list(
      "\xef\xbb\xbf# comment\n*.md\n!README.md\n\n"
      "README-secret.md\n  docs/  \n/rooted\n");
  EXPECT_TRUE(ignore.excludes("a.md"));
  EXPECT_FALSE(ignore.excludes("README.md"));
  EXPECT_TRUE(ignore.excludes("README-secret.md"));
  EXPECT_FALSE(ignore.excludes("sub/a.md"));
  EXPECT_TRUE(ignore.excludes("docs"));
  EXPECT_TRUE(ignore.excludes("docs/a/b"));
  EXPECT_FALSE(ignore.excludes("docs2"));
  EXPECT_TRUE(ignore.excludes("rooted"));
  EXPECT_TRUE(ignore.has_exceptions());
}

TEST(DockerIgnore, WhatIsInAnExcludedFolderCanBeTakenBack) {
  const auto ignore = list("out\n!out/keep/*.txt\n");
  EXPECT_TRUE(ignore.excludes("out/a"));
  EXPECT_FALSE(ignore.excludes("out/keep/a.txt"));
  EXPECT_TRUE(ignore.excludes("out/keep/a.bin"));
  EXPECT_TRUE(list("**\n!src").excludes("other/x"));
  EXPECT_FALSE(list("**\n!src").excludes("src/deep/x"));
}

TEST(DockerIgnore, BadPatternsAreNamed) {
  EXPECT_EQ(IgnoreList::parse("!\n").error(),
            "illegal exclusion pattern: \"!\"");
  EXPECT_EQ(IgnoreList::parse("a[\n").error(), "syntax error in pattern 'a['");
  EXPECT_TRUE(list("").empty());
  EXPECT_TRUE(list("#a[\n").empty());
}

}  // namespace
}  // namespace docker_cpp::dockerfile
