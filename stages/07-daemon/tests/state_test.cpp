// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/daemon/state.hpp"

#include <gtest/gtest.h>

namespace docker_cpp::daemon {
namespace {

TEST(State, NamesAreDockersAndComeBack) {
  for (const auto name : state_names) {
    const auto state = parse_state(name);
    ASSERT_TRUE(state.has_value()) << name;
    EXPECT_EQ(to_string(*state), name);
  }
  EXPECT_FALSE(parse_state("stopped").has_value());
  EXPECT_FALSE(parse_state("Running").has_value());
  EXPECT_FALSE(parse_state("").has_value());
}

TEST(State, NothingBecomesCreatedAgain) {
  for (const auto name : state_names) {
    EXPECT_FALSE(may_become(*parse_state(name), State::created)) << name;
  }
}

TEST(State, EveryStateCanEndInRemoval) {
  // Reachability over the table: nothing may be stuck for ever.
  for (const auto name : state_names) {
    std::uint8_t seen = static_cast<std::uint8_t>(
        1U << static_cast<unsigned>(*parse_state(name)));
    for (std::size_t round = 0; round < state_names.size(); ++round) {
      for (unsigned from = 0; from < state_names.size(); ++from) {
        for (unsigned to = 0; to < state_names.size(); ++to) {
          if (((seen >> from) & 1U) != 0 &&
              may_become(static_cast<State>(from), static_cast<State>(to))) {
            seen |= static_cast<std::uint8_t>(1U << to);
          }
        }
      }
    }
    EXPECT_TRUE(((seen >> static_cast<unsigned>(State::removing)) & 1U) != 0)
        << name;
  }
}

}  // namespace
}  // namespace docker_cpp::daemon
