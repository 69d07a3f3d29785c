// SPDX-License-Identifier: Apache-2.0
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "docker_cpp/cli/streams.hpp"

namespace docker_cpp::cli {

struct RawTerminal::Saved {
  explicit Saved(const termios& now) : settings(now) {}
  termios settings;
};

RawTerminal::RawTerminal() {
  termios settings{};
  if (::tcgetattr(STDIN_FILENO, &settings) != 0) {
    return;
  }
  saved_ = std::make_unique<Saved>(settings);
  ::cfmakeraw(&settings);
  settings.c_cc[VMIN] = 1;
  settings.c_cc[VTIME] = 0;
  ::tcsetattr(STDIN_FILENO, TCSANOW, &settings);
}

RawTerminal::~RawTerminal() {
  if (saved_ != nullptr) {
    ::tcsetattr(STDIN_FILENO, TCSANOW, &saved_->settings);
  }
}

ScreenSize screen_size() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) {
    return {};
  }
  return {.rows = size.ws_row, .columns = size.ws_col};
}

}  // namespace docker_cpp::cli
