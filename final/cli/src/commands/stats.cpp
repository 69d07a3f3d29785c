// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <optional>

#include "commands/commands.hpp"
#include "commands/json_lines.hpp"
#include "commands/stats_row.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/text.hpp"

// Every container's stream, and the events that tell of new ones, are polled
// by one thread; the table is painted twice a second.
namespace docker_cpp::cli::commands {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 9> headers =
    {{{"BlockIO", "BLOCK I/O"},
      {"CPUPerc", "CPU %"},
      {"Container", "CONTAINER"},
      {"ID", "CONTAINER ID"},
      {"MemPerc", "MEM %"},
      {"MemUsage", "MEM USAGE / LIMIT"},
      {"Name", "NAME"},
      {"NetIO", "NET I/O"},
      {"PIDs", "PIDS"}}};

constexpr std::string_view table =
    "{{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t"
    "{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}";
constexpr auto interval = std::chrono::milliseconds(500);

/// A stream of JSON lines that is read when poll(2) says so.
struct Source {
  std::string container;
  Exchange exchange;
  JsonLines lines{};
  Value sample{};
  bool ended = false;

  template <typename Take>
  void read(Take take) {
    std::string piece;
    try {
      do {
        ended = !exchange.next(piece);
      } while (!ended && exchange.buffered());
    } catch (const Failure&) {
      ended = true;  // its row says so by being gone
    }
    for (const auto& line : lines.feed(piece)) {
      take(line);
    }
  }
};

class Statistics {
 public:
  Statistics(Engine& engine, const Arguments& arguments)
      : engine_(engine), arguments_(arguments) {
    if (arguments.words.empty()) {
      follow_all();
    } else {
      for (const auto& name : arguments.words) {
        add(name);
      }
    }
  }

  int run() {
    while (!sources_.empty() || events_) {
      wait();
      paint();
    }
    return 0;
  }

 private:
  void follow_all() {
    events_.emplace(Source{
        .container = "",
        .exchange = engine_.open(
            {.method = "GET",
             .path = "/events" +
                     http::Query()
                         .add("filters", R"({"type":{"container":true}})")
                         .text()})});
    const auto all = arguments_.flag("all") ? "?all=1" : "";
    const auto containers = engine_.get(std::string("/containers/json") + all);
    for (const auto& container : containers.items()) {
      add(short_id(container["Id"].text()));
    }
  }

  void add(const std::string& name) {
    if (std::ranges::any_of(sources_, [&](const auto& source) {
          return source->container == name;
        })) {
      return;
    }
    sources_.push_back(std::make_unique<Source>(Source{
        .container = name,
        .exchange =
            engine_.open({.method = "GET",
                          .path = container_path(name, "/stats?stream=1")})}));
  }

  void take_event(const Value& event) {
    const auto& action = event["Action"].text();
    const auto name = short_id(event["Actor"]["ID"].text());
    const bool all = arguments_.flag("all");
    if (action == "start" || (all && action == "create")) {
      try {
        add(name);
      } catch (const DaemonFailure&) {
        // It was gone before we could ask.
      }
    } else if (action == (all ? "destroy" : "die")) {
      std::erase_if(sources_, [&](const auto& source) {
        return source->container == name;
      });
    }
  }

  void wait() {
    const auto until = std::chrono::steady_clock::now() + interval;
    while (true) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          until - std::chrono::steady_clock::now());
      if (left.count() <= 0 || !serve(static_cast<int>(left.count()))) {
        return;
      }
    }
  }

  /// False when nothing came in time.
  bool serve(int milliseconds) {
    std::vector<pollfd> polled;
    for (const auto& source : sources_) {
      polled.push_back({source->exchange.fd(), POLLIN, 0});
    }
    if (events_) {
      polled.push_back({events_->exchange.fd(), POLLIN, 0});
    }
    const auto buffered = [](const Source& source) {
      return source.exchange.buffered();
    };
    const bool ready = (events_ && buffered(*events_)) ||
                       std::ranges::any_of(sources_, [&](const auto& source) {
                         return buffered(*source);
                       });
    const int found =
        ::poll(polled.data(), polled.size(), ready ? 0 : milliseconds);
    if (found < 0 || (found == 0 && !ready)) {
      return false;
    }
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      auto& source = *sources_[i];
      if (polled[i].revents != 0 || buffered(source)) {
        source.read([&](const Value& sample) { source.sample = sample; });
      }
    }
    if (events_ && (polled.back().revents != 0 || buffered(*events_))) {
      std::vector<Value> events;
      events_->read([&](const Value& event) { events.push_back(event); });
      for (const auto& event : events) {
        take_event(event);
      }
      if (events_->ended) {
        throw Failure("the daemon went away");
      }
    }
    std::erase_if(sources_, [](const auto& source) { return source->ended; });
    return true;
  }

  void paint() {
    std::vector<Value> rows;
    for (const auto& source : sources_) {
      rows.push_back(stats_row(source->container, source->sample));
    }
    const bool terminal = ::isatty(STDOUT_FILENO) != 0;
    if (terminal) {
      print("\x1b[H\x1b[J");
    }
    print_stats(arguments_, std::move(rows));
  }

 public:
  static void print_stats(const Arguments& arguments, std::vector<Value> rows) {
    if (!arguments.flag("no-trunc")) {
      for (auto& row : rows) {
        const auto id = short_id(row["ID"].text());
        row.set("ID", id.empty() ? short_id(row["Container"].text()) : id);
      }
    }
    print_list(
        arguments.text("format"),
        {.table = table, .headers = headers, .type = "*container.statsContext"},
        rows);
  }

 private:
  Engine& engine_;
  const Arguments& arguments_;
  std::vector<std::unique_ptr<Source>> sources_;
  std::optional<Source> events_;
};

/// Asks all at once: the daemon takes a second to look twice at each.
int once(Context& context, const Arguments& arguments) {
  auto names = arguments.words;
  if (names.empty()) {
    const auto all = arguments.flag("all") ? "?all=1" : "";
    const auto containers =
        context.engine.get(std::string("/containers/json") + all);
    for (const auto& container : containers.items()) {
      names.push_back(short_id(container["Id"].text()));
    }
  }
  std::vector<Exchange> asked;
  for (const auto& name : names) {
    asked.push_back(context.engine.begin(
        {.method = "GET", .path = container_path(name, "/stats?stream=0")}));
  }
  std::vector<Value> rows;
  std::vector<std::string> failures;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    try {
      asked[i].head();
      const auto sample = parse_json(asked[i].body());
      rows.push_back(stats_row(names[i], sample ? *sample : Value()));
    } catch (const DaemonFailure& failure) {
      failures.push_back(failure.message());
    }
  }
  if (!failures.empty()) {
    throw Failure(join(failures, "\n"));
  }
  Statistics::print_stats(arguments, std::move(rows));
  return 0;
}

}  // namespace

int stats(Context& context, const Arguments& arguments) {
  return arguments.flag("no-stream")
             ? once(context, arguments)
             : Statistics(context.engine, arguments).run();
}

}  // namespace docker_cpp::cli::commands
