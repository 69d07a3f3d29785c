// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <memory>

#include "commands/support.hpp"
#include "compose/session.hpp"
#include "file_io.hpp"

#include "docker_cpp/cli/streams.hpp"
#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/cli/times.hpp"

// The logs of many containers, polled by one thread. Lines are written whole,
// with the name of whose they are.
namespace docker_cpp::cli::compose {
namespace {

constexpr std::array colours = {"36", "33", "32", "35", "34",
                                "96", "93", "92", "95", "94"};

class Stream {
 public:
  Stream(Exchange exchange, bool tty, std::string prefix)
      : exchange_(std::move(exchange)),
        tty_(tty),
        prefix_(std::move(prefix)),
        frames_([this](int fd, std::string_view bytes) { take(fd, bytes); }) {}

  [[nodiscard]] int fd() const { return exchange_.fd(); }
  /// Something came with the headers: poll(2) will not tell of it.
  [[nodiscard]] bool buffered() const { return exchange_.buffered(); }

  /// False at its end.
  bool read() {
    bool more = true;
    do {
      std::string piece;
      more = exchange_.next(piece);
      if (tty_) {
        take(STDOUT_FILENO, piece);
      } else if (const auto wrong = frames_.feed(piece)) {
        throw Failure(*wrong);
      }
    } while (more && exchange_.buffered());
    if (!more) {
      for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) {
        if (!rest(fd).empty()) {
          write_to(fd, prefix_ + rest(fd) + "\n");
          rest(fd).clear();
        }
      }
    }
    return more;
  }

 private:
  std::string& rest(int fd) { return rest_[fd == STDERR_FILENO ? 1 : 0]; }

  void take(int fd, std::string_view bytes) {
    auto& kept = rest(fd);
    kept.append(bytes);
    std::size_t from = 0;
    for (auto end = kept.find('\n'); end != std::string::npos;
         end = kept.find('\n', from)) {
      write_to(fd, prefix_ + kept.substr(from, end + 1 - from));
      from = end + 1;
    }
    kept.erase(0, from);
  }

  Exchange exchange_;
  bool tty_;
  std::string prefix_;
  std::array<std::string, 2> rest_;
  FrameReader frames_;
};

class LogView {
 public:
  LogView(Session& session, std::vector<Running> containers,
          const LogOptions& options)
      : session_(session),
        options_(options),
        containers_(std::move(containers)),
        coloured_(options.colours && ::isatty(STDOUT_FILENO) != 0 &&
                  environment("NO_COLOR").empty()) {
    for (const auto& one : containers_) {
      width_ = std::max(width_, shown(one).size());
    }
  }

  int run() {
    std::optional<SignalCatcher> signals;
    if (options_.attached) {
      signals.emplace(SignalCatcher::Which::all);
    }
    for (std::size_t i = 0; i < containers_.size(); ++i) {
      open(i);
      if (!options_.follow) {
        while (streams_[i]->read()) {
        }
        streams_[i].reset();
      }
    }
    while (alive() > 0) {
      wait(signals ? &*signals : nullptr);
    }
    return exit_code_;
  }

 private:
  [[nodiscard]] std::string shown(const Running& one) const {
    const auto start = session_.name() + "-";
    return one.name.starts_with(start) ? one.name.substr(start.size())
                                       : one.name;
  }

  [[nodiscard]] std::string prefix(std::size_t index) const {
    if (!options_.prefix) {
      return {};
    }
    auto text = shown(containers_[index]);
    text.resize(width_ + 1, ' ');
    text += " | ";
    return coloured_ ? std::string("\x1b[") + colours[index % colours.size()] +
                           "m" + text + "\x1b[0m"
                     : text;
  }

  void open(std::size_t index) {
    const auto& one = containers_[index];
    const auto inspected =
        session_.engine().get(container_path(one.id, "/json"));
    http::Query query;
    query.add_if(options_.follow, "follow");
    if (!options_.since.empty()) {
      query.add("since", timestamp(options_.since, "since"));
    } else if (options_.attached) {
      query.add("since", timestamp(inspected["State"]["StartedAt"].text()));
    }
    query.add("stderr", "1").add("stdout", "1").add("tail", options_.tail);
    query.add_if(options_.timestamps, "timestamps");
    if (!options_.until.empty()) {
      query.add("until", timestamp(options_.until, "until"));
    }
    streams_.resize(std::max(streams_.size(), index + 1));
    streams_[index] = std::make_unique<Stream>(
        session_.engine().open(
            {.method = "GET",
             .path = container_path(one.id, "/logs" + query.text())}),
        inspected["Config"]["Tty"].flag(), prefix(index));
  }

  [[nodiscard]] std::size_t alive() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        streams_, [](const auto& stream) { return stream != nullptr; }));
  }

  void wait(SignalCatcher* signals) {
    std::vector<pollfd> polled;
    for (const auto& stream : streams_) {
      polled.push_back({stream ? stream->fd() : -1, POLLIN, 0});
    }
    polled.push_back({signals == nullptr ? -1 : signals->fd(), POLLIN, 0});
    const bool ready = std::ranges::any_of(streams_, [](const auto& stream) {
      return stream && stream->buffered();
    });
    if (::poll(polled.data(), polled.size(), ready ? 0 : -1) < 0) {
      return;
    }
    if (polled.back().revents != 0) {
      const int signal = signals->take();
      if (signal == SIGINT || signal == SIGTERM) {
        stop();
      }
    }
    for (std::size_t i = 0; i < streams_.size(); ++i) {
      const bool due =
          streams_[i] && (polled[i].revents != 0 || streams_[i]->buffered());
      if (due && !streams_[i]->read()) {
        streams_[i].reset();
        ended(i);
      }
    }
  }

  /// A stream's end: the container's, or a restart.
  void ended(std::size_t index) {
    if (!options_.attached) {
      return;
    }
    const auto& one = containers_[index];
    Value state;
    try {
      state = session_.engine().get(container_path(one.id, "/json"))["State"];
    } catch (const DaemonFailure&) {
      return;  // removed
    }
    if (state["Running"].flag() || state["Restarting"].flag()) {
      ::usleep(100'000);
      open(index);
      return;
    }
    const auto code = static_cast<int>(state["ExitCode"].number());
    print(prefix(index).empty()
              ? one.name + " exited with code " + std::to_string(code) + "\n"
              : shown(one) + " exited with code " + std::to_string(code) +
                    "\n");
    if (options_.exit_code_from == one.service ||
        (options_.exit_code_from.empty() && aborts(code) && !stopping_)) {
      exit_code_ = code;
    }
    if (aborts(code) && !stopping_) {
      print_error("Aborting on container exit...\n");
      stop();
    }
  }

  [[nodiscard]] bool aborts(int code) const {
    return options_.abort_on_exit || (options_.abort_on_failure && code != 0);
  }

  void stop() {
    if (stopping_) {
      session_.for_each(living(), {.doing = "Killing",
                                   .done = "Killed",
                                   .rest = "/kill",
                                   .also_fine = 409});
      return;
    }
    stopping_ = true;
    if (!options_.abort_on_exit) {
      print_error("Gracefully stopping... (press Ctrl+C again to force)\n");
    }
    session_.for_each(
        living(), {.doing = "Stopping", .done = "Stopped", .rest = "/stop"});
    session_.progress.pause();
  }

  [[nodiscard]] std::vector<Running> living() const {
    std::vector<Running> all;
    for (std::size_t i = 0; i < streams_.size(); ++i) {
      if (streams_[i]) {
        all.push_back(containers_[i]);
      }
    }
    return all;
  }

  Session& session_;
  const LogOptions& options_;
  std::vector<Running> containers_;
  std::vector<std::unique_ptr<Stream>> streams_;
  bool coloured_;
  bool stopping_ = false;
  std::size_t width_ = 0;
  int exit_code_ = 0;
};

}  // namespace

int show_logs(Session& session, std::vector<Running> containers,
              const LogOptions& options) {
  return LogView(session, std::move(containers), options).run();
}

}  // namespace docker_cpp::cli::compose
