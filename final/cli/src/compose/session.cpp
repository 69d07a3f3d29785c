// SPDX-License-Identifier: Apache-2.0
#include "compose/session.hpp"

#include <algorithm>
#include <filesystem>
#include <tuple>

#include "commands/support.hpp"
#include "compose/service_body.hpp"

#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/cli/units.hpp"

namespace docker_cpp::cli::compose {
namespace {

Progress::Mode progress_mode(const Arguments& arguments) {
  const auto asked = arguments.text("progress", "auto");
  if (asked == "quiet" || arguments.flag("quiet-all")) {
    return Progress::Mode::quiet;
  }
  return asked == "plain" || arguments.text("ansi") == "never"
             ? Progress::Mode::plain
             : Progress::Mode::automatic;
}

Running running_of(const Value& entry) {
  const auto& all = entry["Labels"];
  auto name = entry["Names"].at(0).text();
  if (name.starts_with('/')) {
    name.erase(0, 1);
  }
  return {.id = entry["Id"].text(),
          .name = name,
          .service = all[labels::service].text(),
          .number = static_cast<int>(
              parse_integer(all[labels::number].text()).value_or(0)),
          .state = entry["State"].text(),
          .labels = all,
          .entry = entry};
}

}  // namespace

ProjectOptions project_options(const Arguments& arguments) {
  return {.files = arguments.list("file"),
          .profiles = arguments.list("profile"),
          .env_files = arguments.list("env-file"),
          .name = arguments.text("project-name"),
          .folder = arguments.text("project-directory"),
          .interpolate = !arguments.flag("no-interpolate")};
}

Session::Session(Context& the_context, const Arguments& the_arguments)
    : context(the_context),
      arguments(the_arguments),
      progress(progress_mode(the_arguments)),
      options_(project_options(the_arguments)) {}

Project& Session::project() {
  if (!project_) {
    project_ = load_project(options_);
    // A service that is named counts, whatever its profiles.
    for (const auto& word : arguments.words) {
      if (const auto* found = project_->disabled.find(word)) {
        project_->services.set(word, *found);
      }
    }
    resolve_environment(*project_);
  }
  return *project_;
}

std::string Session::name() {
  if (project_) {
    return project_->name;
  }
  if (options_.name.empty()) {
    return project().name;
  }
  return project_name(options_, ".", {});
}

std::vector<std::string> Session::services() {
  if (options_.name.empty() || !options_.files.empty()) {
    for (const auto& word : arguments.words) {
      static_cast<void>(project().service(word));
    }
  }
  return arguments.words;
}

std::vector<Running> Session::containers(
    Which which, const std::vector<std::string>& services, bool oneoff) {
  std::vector<std::string> filters = {"label=" + std::string(labels::project) +
                                      "=" + name()};
  if (!oneoff) {
    filters.push_back("label=" + std::string(labels::oneoff) + "=False");
  }
  http::Query query;
  query.add_if(which == Which::all, "all");
  add_filters(query, filter_value(filters));
  std::vector<Running> found;
  const auto entries = engine().get("/containers/json" + query.text());
  for (const auto& entry : entries.items()) {
    auto container = running_of(entry);
    if (services.empty() ||
        std::ranges::find(services, container.service) != services.end()) {
      found.push_back(std::move(container));
    }
  }
  std::ranges::sort(found, {}, [](const Running& one) {
    return std::tuple(one.service, one.number, one.name);
  });
  return found;
}

Running Session::one(const std::string& service, std::int64_t index,
                     Which which) {
  for (auto& container : containers(which, {service})) {
    if (index == 0 || container.number == index) {
      return std::move(container);
    }
  }
  throw Failure("service " + quote(service) + " is not running" +
                (index == 0 ? "" : " container #" + std::to_string(index)));
}

std::vector<std::string> Session::for_each(
    const std::vector<Running>& containers, const Action& action) {
  std::vector<std::string> failures;
  std::vector<Exchange> sent;
  for (const auto& container : containers) {
    progress.working("Container " + container.name, action.doing);
    const auto path = action.method == "DELETE"
                          ? "/containers/" + container.id + action.rest
                          : container_path(container.id, action.rest);
    sent.push_back(engine().begin({.method = action.method, .path = path}));
  }
  for (std::size_t i = 0; i < sent.size(); ++i) {
    const auto object = "Container " + containers[i].name;
    try {
      sent[i].head();
      static_cast<void>(sent[i].body());
      progress.done(object, action.done);
    } catch (const DaemonFailure& failure) {
      if (failure.status() == action.also_fine) {
        progress.done(object, action.done);
        continue;
      }
      progress.failed(object, "Error");
      failures.push_back(failure.message());
    }
  }
  return failures;
}

void Session::all_of(const std::vector<Running>& containers,
                     const Action& action) {
  const auto failures = for_each(containers, action);
  if (!failures.empty()) {
    throw Failure(join(failures, "\n"));
  }
}

int Session::run_line(const std::vector<std::string>& words) {
  progress.pause();
  const auto* command = find_command(words.front());
  if (command == nullptr) {
    throw Failure("this build has no command " + quote(words.front()));
  }
  auto parsed = parse_arguments(std::span(words).subspan(1), command->options,
                                command->order);
  parsed.command = words.front();
  return command->run(context, parsed);
}

void remove_containers(Session& session, const std::vector<Running>& containers,
                       const std::string& timeout, bool volumes) {
  std::vector<Running> alive;
  std::ranges::copy_if(containers, std::back_inserter(alive),
                       [](const Running& one) {
                         return one.state != "exited" && one.state != "created";
                       });
  const auto stop = timeout.empty() ? "/stop" : "/stop?t=" + timeout;
  session.all_of(alive, {.doing = "Stopping", .done = "Stopped", .rest = stop});
  session.all_of(containers, {.doing = "Removing",
                              .done = "Removed",
                              .method = "DELETE",
                              .rest = volumes ? "?force=1&v=1" : "?force=1",
                              .also_fine = 404});
}

}  // namespace docker_cpp::cli::compose
