// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace docker_cpp::daemon {

/// Docker's seven states of a container.
enum class State : std::uint8_t {
  created,
  running,
  paused,
  restarting,
  removing,
  exited,
  dead
};

inline constexpr std::array<std::string_view, 7> state_names = {
    "created", "running", "paused", "restarting", "removing", "exited", "dead"};

[[nodiscard]] constexpr std::string_view to_string(State state) noexcept {
  return state_names.at(static_cast<std::size_t>(state));
}

[[nodiscard]] constexpr std::optional<State> parse_state(
    std::string_view name) noexcept {
  for (std::size_t i = 0; i < state_names.size(); ++i) {
    if (state_names.at(i) == name) {
      return static_cast<State>(i);
    }
  }
  return std::nullopt;
}

namespace detail {
/// One row per state, one bit per state it may become.
consteval std::array<std::uint8_t, 7> transitions() {
  std::array<std::uint8_t, 7> table{};
  const auto allow = [&](State from, State to) {
    table.at(static_cast<std::size_t>(from)) |=
        static_cast<std::uint8_t>(1U << static_cast<unsigned>(to));
  };
  using enum State;
  allow(created, running);
  allow(created, exited);  // a start that failed
  allow(created, removing);
  allow(running, paused);
  allow(running, exited);
  allow(running, restarting);
  allow(paused, running);
  allow(paused, exited);  // killed while paused
  allow(restarting, running);
  allow(restarting, exited);
  allow(restarting, removing);
  allow(exited, running);
  allow(exited, removing);
  allow(exited, restarting);
  allow(removing, dead);  // something could not be removed
  allow(dead, removing);
  return table;
}
}  // namespace detail

/// Whether a container may go from one state to another.
[[nodiscard]] constexpr bool may_become(State from, State to) noexcept {
  constexpr auto table = detail::transitions();
  return ((table.at(static_cast<std::size_t>(from)) >>
           static_cast<unsigned>(to)) &
          1U) != 0;
}

static_assert(may_become(State::created, State::running));
static_assert(may_become(State::dead, State::removing));
static_assert(!may_become(State::running, State::removing),
              "a running container is stopped before it is removed");
static_assert(!may_become(State::paused, State::removing));
static_assert(!may_become(State::dead, State::running));
static_assert(!may_become(State::created, State::paused));

}  // namespace docker_cpp::daemon
