// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "commands/support.hpp"

#include "docker_cpp/cli/text.hpp"

// The streams of pull, push and load: `{"status":…,"id":…,"progress":…}`.
namespace docker_cpp::cli {
namespace {

class Progress {
 public:
  Progress(int fd, Verbosity verbosity)
      : fd_(fd), verbosity_(verbosity), terminal_(::isatty(fd) == 1) {}

  void take(const Value& message) {
    const auto& error = message["errorDetail"]["message"].text();
    if (!error.empty() || !message["error"].text().empty()) {
      throw Failure(error.empty() ? message["error"].text() : error);
    }
    if (verbosity_ == Verbosity::quiet) {
      return;
    }
    if (!message["stream"].text().empty()) {
      write_to(fd_, message["stream"].text());
      return;
    }
    const auto& id = message["id"].text();
    const auto& status = message["status"].text();
    const bool moves = message["progressDetail"].size() > 0;
    if (status.empty() || (moves && !terminal_)) {
      return;
    }
    const auto line = (id.empty() ? "" : id + ": ") + status + " " +
                      (moves ? message["progress"].text() : "");
    show(id, message.find("progressDetail") != nullptr,
         std::string(trim(line)));
  }

 private:
  void show(const std::string& id, bool redraws, const std::string& line) {
    if (!terminal_ || id.empty() || !redraws) {
      write_to(fd_, line + "\n");
      ids_.clear();
      return;
    }
    std::size_t above = 0;
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      if (ids_[i] == id) {
        above = ids_.size() - i;
      }
    }
    if (above == 0) {
      ids_.push_back(id);
      write_to(fd_, line + "\n");
      return;
    }
    const auto lines = std::to_string(above);
    write_to(fd_,
             "\x1b[" + lines + "A\r\x1b[2K" + line + "\r\x1b[" + lines + "B");
  }

  int fd_;
  Verbosity verbosity_;
  bool terminal_;
  std::vector<std::string> ids_;
};

}  // namespace

void show_progress(Exchange& exchange, int fd, Verbosity verbosity) {
  Progress progress(fd, verbosity);
  read_json_lines(exchange,
                  [&](const Value& message) { progress.take(message); });
}

}  // namespace docker_cpp::cli
