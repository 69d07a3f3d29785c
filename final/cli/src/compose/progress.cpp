// SPDX-License-Identifier: Apache-2.0
#include "compose/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "file_io.hpp"

#include "docker_cpp/cli/streams.hpp"
#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::compose {

Progress::Progress(Mode mode)
    : terminal_(mode == Mode::automatic && ::isatty(STDERR_FILENO) != 0 &&
                environment("TERM") != "dumb"),
      quiet_(mode == Mode::quiet),
      colours_(terminal_ && environment("NO_COLOR").empty()) {}

Progress::~Progress() {
  pause();
}

void Progress::working(const std::string& object, const std::string& doing) {
  change(object, doing, State::working);
}

void Progress::done(const std::string& object, const std::string& what) {
  change(object, what, State::done);
}

void Progress::failed(const std::string& object, const std::string& what) {
  change(object, what, State::failed);
}

void Progress::pause() {
  lines_.clear();
  painted_lines_ = 0;
}

void Progress::change(const std::string& object, const std::string& text,
                      State state) {
  if (quiet_) {
    return;
  }
  if (!terminal_) {
    print_error(" " + object + "  " + text + "\n");
    return;
  }
  const auto now = std::chrono::steady_clock::now();
  const auto same = std::ranges::find(lines_, object, &Line::object);
  if (same == lines_.end()) {
    lines_.push_back({object, text, state, now, now});
  } else {
    same->text = text;
    same->state = state;
    same->until = now;
  }
  paint();
}

std::string Progress::painted(const Line& line, std::size_t width) const {
  constexpr std::array marks = {"⠿", "✔", "✘"};
  constexpr std::array colours = {"\x1b[33m", "\x1b[32m", "\x1b[31m"};
  const auto state = static_cast<std::size_t>(line.state);
  std::array<char, 32> seconds{};
  std::snprintf(seconds.data(), seconds.size(), "%.1fs",
                std::chrono::duration<double>(line.until - line.since).count());
  auto object = line.object;
  object.resize(std::max(width, object.size()), ' ');
  const auto mark = std::string(colours_ ? colours[state] : "") + marks[state] +
                    (colours_ ? "\x1b[0m" : "");
  return " " + mark + " " + object + "  " + line.text + "  " + seconds.data();
}

void Progress::paint() {
  const auto screen = screen_size();
  // What has scrolled off the screen cannot be repainted.
  const std::size_t most = screen.rows > 4 ? screen.rows - 3 : 20;
  std::size_t width = 0;
  std::size_t finished = 0;
  for (const auto& line : lines_) {
    width = std::max(width, line.object.size());
    finished += line.state == State::working ? 0 : 1;
  }
  std::string text;
  if (painted_lines_ > 0) {
    text += "\x1b[" + std::to_string(painted_lines_) + "A";
  }
  text += "\r\x1b[J[+] Running " + std::to_string(finished) + "/" +
          std::to_string(lines_.size()) + "\n";
  const auto first = lines_.size() > most ? lines_.size() - most : 0;
  for (auto i = first; i < lines_.size(); ++i) {
    text += painted(lines_[i], width) + "\n";
  }
  painted_lines_ = lines_.size() - first + 1;
  print_error(text);
}

}  // namespace docker_cpp::cli::compose
