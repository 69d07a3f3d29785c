// SPDX-License-Identifier: Apache-2.0
#include "completion.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "commands/support.hpp"
#include "context/store.hpp"
#include "daemon_choice.hpp"
#include "tables/compose_global_options.hpp"

#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli {
namespace {

using Lines = std::vector<std::string>;

/// Asks the daemon; nothing when it does not answer, because a shell that
/// completes must not be filled with errors.
class LiveNames {
 public:
  explicit LiveNames(const Arguments& global) : global_(global) {}

  Lines of(Names kind) {
    try {
      return ask(kind);
    } catch (const std::exception&) {
      return {};
    }
  }

 private:
  Lines ask(Names kind) {
    const ClientConfig config(ClientConfig::directory_of(global_));
    if (kind == Names::contexts) {
      Lines names = {"default"};
      for (const auto& meta : ContextStore(config.directory()).list()) {
        names.push_back(meta["Name"].text());
      }
      return names;
    }
    if (kind == Names::none || kind == Names::files) {
      return {};
    }
    auto choice = choose_daemon(global_, config);
    choice.options.may_start = false;
    Engine engine(choice.options);
    switch (kind) {
      case Names::images:
        return images(engine);
      case Names::networks:
        return named(engine.get("/networks"));
      case Names::volumes:
        return named(engine.get("/volumes")["Volumes"]);
      case Names::objects: {
        auto all = containers(engine, "?all=1");
        const auto more = images(engine);
        all.insert(all.end(), more.begin(), more.end());
        return all;
      }
      case Names::containers:
        return containers(engine, "?all=1");
      case Names::stopped:
        return containers(engine,
                          filtered({"status=created", "status=exited"}));
      case Names::paused:
        return containers(engine, filtered({"status=paused"}));
      default:
        return containers(engine, "");
    }
  }

  static std::string filtered(const Lines& filters) {
    http::Query query;
    query.add("all", "1");
    add_filters(query, filter_value(filters));
    return query.text();
  }

  static Lines containers(Engine& engine, const std::string& query) {
    Lines lines;
    const auto found = engine.get("/containers/json" + query);
    for (const auto& one : found.items()) {
      auto name = one["Names"].at(0).text();
      name.erase(0, name.starts_with('/') ? 1 : 0);
      lines.push_back(name + "\t" + one["Image"].text() + ", " +
                      one["Status"].text());
    }
    return lines;
  }

  static Lines images(Engine& engine) {
    Lines lines;
    const auto found = engine.get("/images/json");
    for (const auto& image : found.items()) {
      for (const auto& tag : image["RepoTags"].items()) {
        if (tag.text() != "<none>:<none>") {
          lines.push_back(tag.text());
        }
      }
    }
    return lines;
  }

  static Lines named(const Value& found) {
    Lines lines;
    for (const auto& one : found.items()) {
      lines.push_back(one["Name"].text() + "\t" + one["Driver"].text());
    }
    return lines;
  }

  const Arguments& global_;
};

/// What an option's value names, by the option's name.
Names value_names(std::string_view option) {
  constexpr std::array kinds = {
      std::pair{std::string_view("network"), Names::networks},
      std::pair{std::string_view("net"), Names::networks},
      std::pair{std::string_view("volumes-from"), Names::containers},
      std::pair{std::string_view("link"), Names::containers},
      std::pair{std::string_view("context"), Names::contexts},
      std::pair{std::string_view("env-file"), Names::files},
      std::pair{std::string_view("label-file"), Names::files},
      std::pair{std::string_view("volume"), Names::files},
      std::pair{std::string_view("file"), Names::files},
      std::pair{std::string_view("input"), Names::files},
      std::pair{std::string_view("output"), Names::files},
      std::pair{std::string_view("config"), Names::files}};
  const auto* found = std::ranges::find(
      kinds, option, [](const auto& one) { return one.first; });
  return found == kinds.end() ? Names::none : found->second;
}

Lines fixed_values(std::string_view option) {
  if (option == "restart") {
    return {"always", "no", "on-failure", "unless-stopped"};
  }
  if (option == "pull") {
    return {"always", "missing", "never"};
  }
  if (option == "signal" || option == "stop-signal") {
    return {"SIGHUP",  "SIGINT",  "SIGKILL", "SIGQUIT",
            "SIGTERM", "SIGUSR1", "SIGUSR2"};
  }
  if (option == "type") {
    return {"container", "image", "network", "volume"};
  }
  if (option == "format") {
    return {"json", "table"};
  }
  return {};
}

class Completer {
 public:
  Completer(std::span<const std::string> words, const Arguments& global)
      : last_(words.empty() ? std::string() : words.back()),
        before_(words.empty() ? words : words.first(words.size() - 1)),
        names_(global) {}

  Lines run() {
    const auto options = find_options();
    Lines all;
    if (const auto* waiting = waiting_option(options)) {
      all = fixed_values(waiting->name);
      add_names(all, value_names(waiting->name));
    } else if (last_.starts_with('-')) {
      all = option_names(options);
    } else if (command_ != nullptr) {
      const auto index = std::min<std::size_t>(count_words(options),
                                               command_->completes.size() - 1);
      add_names(all, command_->completes[index]);
    } else {
      all = command_names();
    }
    std::erase_if(all, [&](const std::string& line) {
      return !line.starts_with(last_) && line != ":files";
    });
    return all;
  }

 private:
  /// Finds the command and where its words begin. \returns its options
  std::span<const OptionSpec> find_options() {
    start_ = skip_options(0, global_options());
    if (start_ >= before_.size()) {
      return global_options();
    }
    auto path = before_[start_];
    if (path == "compose") {
      group_ = path;
      start_ = skip_options(start_ + 1, tables::compose_global_options);
      if (start_ >= before_.size()) {
        return tables::compose_global_options;
      }
      path += " " + before_[start_];
    } else if (find_group(path) != nullptr) {
      group_ = path;
      if (++start_ >= before_.size()) {
        return {};
      }
      path += " " + before_[start_];
    }
    ++start_;
    command_ = find_command(path);
    unknown_ = command_ == nullptr;
    return command_ == nullptr ? std::span<const OptionSpec>()
                               : command_->options;
  }

  std::size_t skip_options(std::size_t at,
                           std::span<const OptionSpec> options) const {
    while (at < before_.size() && before_[at].starts_with('-')) {
      const auto* option = find(before_[at], options);
      const bool takes = option != nullptr && option->kind != Kind::flag &&
                         before_[at].find('=') == std::string::npos;
      at += takes ? 2 : 1;
    }
    return at;
  }

  static const OptionSpec* find(const std::string& word,
                                std::span<const OptionSpec> options) {
    for (const auto& option : options) {
      const bool is_long =
          word.starts_with("--") && word.substr(2) == option.name;
      const bool is_short = word.size() >= 2 && word[1] != '-' &&
                            option.letter != 0 && word.back() == option.letter;
      if (is_long || is_short) {
        return &option;
      }
    }
    return nullptr;
  }

  [[nodiscard]] const OptionSpec* waiting_option(
      std::span<const OptionSpec> options) const {
    if (before_.empty() || !before_.back().starts_with('-') ||
        before_.back().find('=') != std::string::npos) {
      return nullptr;
    }
    const auto* option = find(before_.back(), options);
    return option != nullptr && option->kind != Kind::flag ? option : nullptr;
  }

  [[nodiscard]] std::size_t count_words(
      std::span<const OptionSpec> options) const {
    std::size_t count = 0;
    for (auto at = start_; at < before_.size(); ++at) {
      const auto after = skip_options(at, options);
      count += after == at ? 1 : 0;
      at = after == at ? at : after - 1;
    }
    return count;
  }

  static Lines option_names(std::span<const OptionSpec> options) {
    Lines lines = {"--help\tShow what it does"};
    for (const auto& option : options) {
      if (!option.help.empty()) {
        lines.push_back("--" + std::string(option.name) + "\t" +
                        cut(option.help, '\n').first);
      }
    }
    return lines;
  }

  [[nodiscard]] Lines command_names() const {
    Lines lines;
    if (unknown_) {
      return lines;
    }
    for (const auto& command : all_commands()) {
      const auto name =
          group_.empty() ? top_name(command) : name_in_group(command, group_);
      if (!name.empty()) {
        lines.push_back(std::string(name) + "\t" +
                        std::string(command.summary));
      }
    }
    if (group_.empty()) {
      for (const auto& group : all_groups()) {
        lines.push_back(std::string(group.name) + "\t" +
                        std::string(group.summary));
      }
      lines.emplace_back("completion\tPrint the script for a shell");
      lines.emplace_back("help\tHelp about any command");
    }
    std::ranges::sort(lines);
    return lines;
  }

  void add_names(Lines& lines, Names kind) {
    if (kind == Names::files) {
      lines.emplace_back(":files");
      return;
    }
    const auto found = names_.of(kind);
    lines.insert(lines.end(), found.begin(), found.end());
  }

  std::string last_;
  std::span<const std::string> before_;
  LiveNames names_;
  std::string group_;
  const CommandSpec* command_ = nullptr;
  std::size_t start_ = 0;
  bool unknown_ = false;
};

}  // namespace

Lines completions(std::span<const std::string> words, const Arguments& global) {
  return Completer(words, global).run();
}

}  // namespace docker_cpp::cli
