// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/sys/failpoint.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

#include <gtest/gtest.h>

namespace docker_cpp::sys {
namespace {

using Action = FailpointRule::Action;

TEST(ParseFailpoints, ReadsRules) {
  const auto rules =
      parse_failpoints("a.b=error(ENOSPC),c=delay(250)@3,d=kill").value();
  ASSERT_EQ(rules.size(), 3U);
  EXPECT_EQ(rules[0].name, "a.b");
  EXPECT_EQ(rules[0].argument, ENOSPC);
  EXPECT_EQ(rules[1].action, Action::delay);
  EXPECT_EQ(rules[1].only_at, 3);
  EXPECT_EQ(rules[2].action, Action::kill);
}

TEST(ParseFailpoints, RefusesWhatIsMisspelt) {
  for (const char* text : {"a", "=kill", "a=", "a=die", "a=error(EFUN)",
                           "a=delay(-1)", "a=delay(x)", "a=kill@x"}) {
    EXPECT_FALSE(parse_failpoints(text)) << text;
  }
}

TEST(Failpoint, FailsTheTimeItIsToldTo) {
  ::setenv("DOCKER_CPP_FAILPOINTS", "p=error(EIO)@2", 1);
  EXPECT_TRUE(failpoint("p"));
  EXPECT_EQ(failpoint("p").error().code, EIO);
  EXPECT_TRUE(failpoint("p"));
  EXPECT_TRUE(failpoint("q"));
}

TEST(Failpoint, KillsAsAPowerCutWould) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::setenv("DOCKER_CPP_FAILPOINTS", "p=kill", 1);
    static_cast<void>(failpoint("p"));
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

}  // namespace
}  // namespace docker_cpp::sys
