// SPDX-License-Identifier: Apache-2.0
#include "build/build_view.hpp"

#include <unistd.h>

#include <array>
#include <cstdio>

#include "docker_cpp/cli/failure.hpp"
#include "docker_cpp/cli/streams.hpp"
#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli {
namespace {

constexpr std::size_t lines_shown = 6;

std::string seconds_since(std::chrono::steady_clock::time_point began) {
  const std::chrono::duration<double> passed =
      std::chrono::steady_clock::now() - began;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1fs", passed.count());
  return text.data();
}

std::size_t width() {
  const unsigned columns = screen_size().columns;
  return columns == 0 ? 80 : columns;
}

}  // namespace

void BuildView::take(const Value& message) {
  const std::string& error = message["errorDetail"]["message"].text();
  if (!error.empty() || !message["error"].text().empty()) {
    if (style_ == Style::moving) {
      line(partial_);
      end_step(false);
    }
    const std::int64_t code = message["errorDetail"]["code"].number();
    throw Failure(error.empty() ? message["error"].text() : error,
                  code == 0 ? 1 : static_cast<int>(code));
  }
  if (const std::string& id = message["aux"]["ID"].text(); !id.empty()) {
    image_ = id;
  }
  if (const std::string& status = message["status"].text(); !status.empty()) {
    pulled(message, status);
    return;
  }
  const std::string& said = message["stream"].text();
  if (style_ == Style::quiet) {
    if (said.starts_with("sha256:")) {
      image_ = std::string(trim(said));
    }
  } else {
    text(said);
  }
}

/// Numbers that move are for pull's own view.
void BuildView::pulled(const Value& message, const std::string& status) {
  if (style_ == Style::quiet || !message["progress"].text().empty()) {
    return;
  }
  const std::string& id = message["id"].text();
  text((id.empty() ? "" : id + ": ") + status + "\n");
}

void BuildView::text(std::string_view text) {
  if (style_ == Style::plain) {
    write_to(STDOUT_FILENO, text);
    return;
  }
  partial_ += text;
  for (std::size_t end = partial_.find('\n'); end != std::string::npos;
       end = partial_.find('\n')) {
    line(partial_.substr(0, end));
    partial_.erase(0, end + 1);
  }
}

void BuildView::line(const std::string& line) {
  if (line.starts_with("Step ")) {
    begin_step(line);
  } else if (line == " ---> Using cache") {
    cached_ = true;
  } else if (line.starts_with("Successfully ")) {
    end_step(true);
    write_to(STDOUT_FILENO, line + "\n");
  } else if (!line.empty() && !line.starts_with(" ---> ") &&
             !line.starts_with("Removing intermediate container ")) {
    output_.push_back(line);
    if (output_.size() > lines_shown) {
      output_.pop_front();
    }
    clear_output();
    draw_output();
  }
}

void BuildView::begin_step(const std::string& line) {
  end_step(true);
  const std::size_t colon = line.find(" : ");
  step_ = "[" + line.substr(5, colon - 5) + "] " +
          (colon == std::string::npos ? "" : line.substr(colon + 3));
  began_ = Clock::now();
  cached_ = false;
  write_to(STDOUT_FILENO, ellipsis(" => " + step_, width() - 1) + "\n");
}

/// The step's own line is above what it printed.
void BuildView::end_step(bool good) {
  if (step_.empty()) {
    return;
  }
  clear_output();
  const std::string mark = !good ? "ERROR" : cached_ ? "CACHED" : "";
  const std::string time = mark.empty() ? seconds_since(began_) : mark;
  const std::size_t room = width() > 12 ? width() - 10 : width();
  std::string shown = ellipsis(" => " + step_, room);
  shown.append(room - std::min(room, display_width(shown)), ' ');
  write_to(STDOUT_FILENO, "\x1b[1A\r\x1b[2K" + shown + " " + time + "\n");
  step_.clear();
  if (good) {
    output_.clear();
  } else {
    draw_output();
  }
}

void BuildView::clear_output() {
  if (drawn_ > 0) {
    write_to(STDOUT_FILENO, "\x1b[" + std::to_string(drawn_) + "A\r\x1b[J");
    drawn_ = 0;
  }
}

void BuildView::draw_output() {
  std::string shown;
  for (const std::string& one : output_) {
    shown += "\x1b[2m    " + ellipsis(one, width() - 5) + "\x1b[0m\n";
  }
  drawn_ = output_.size();
  write_to(STDOUT_FILENO, shown);
}

void BuildView::finish() {
  if (style_ == Style::moving) {
    end_step(true);
  }
}

}  // namespace docker_cpp::cli
