// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "completion.hpp"
#include "daemon_choice.hpp"
#include "debug.hpp"
#include "refused_groups.hpp"
#include "tables/compose_global_options.hpp"

#include "docker_cpp/cli/command.hpp"
#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/cli/version.hpp"

namespace docker_cpp::cli {
namespace {

std::string prefixed(const std::string& message) {
  return std::string(program_name) + ": " + message;
}

/// The commands (or groups) whose names are one or two letters away.
std::vector<std::string> near_misses(std::string_view word) {
  std::vector<std::string> found;
  const auto consider = [&](std::string_view name) {
    const auto distance = edit_distance(word, name);
    const bool begins = word.size() > 1 && name.starts_with(word);
    if (!name.empty() &&
        (begins || (distance <= 2 && distance * 2 < name.size()))) {
      found.emplace_back(name);
    }
  };
  for (const auto& command : all_commands()) {
    consider(top_name(command));
  }
  for (const auto& group : all_groups()) {
    consider(group.name);
  }
  return found;
}

int unknown_command(const std::string& path) {
  auto text = prefixed("unknown command: " + std::string(program_name) + " " +
                       path + "\n\n");
  const auto [group, word] = cut(path, ' ');
  if (!word.empty()) {
    text += "Usage:  " + std::string(program_name) + " " + group + "\n\n" +
            help_hint(group);
  } else {
    const auto names = near_misses(path);
    if (!names.empty()) {
      text += "Did you mean this?\n\t" + join(names, "\n\t") + "\n\n";
    }
    text += help_hint("");
  }
  print_error(text);
  return 1;
}

std::string count_of(int count) {
  return std::to_string(count) + (count == 1 ? " argument" : " arguments");
}

/// What is wrong with the number of words; empty when nothing is.
std::string miscounted(const CommandSpec& command, std::size_t words) {
  const auto given = static_cast<int>(words);
  const bool too_many = command.most != unlimited && given > command.most;
  if (given >= command.least && !too_many) {
    return {};
  }
  if (command.most == 0) {
    return "accepts no arguments";
  }
  if (command.least == command.most) {
    return "requires " + count_of(command.least);
  }
  if (command.most == unlimited) {
    return "requires at least " + count_of(command.least);
  }
  if (command.least == 0) {
    return "requires at most " + count_of(command.most);
  }
  return "requires at least " + std::to_string(command.least) +
         " and at most " + count_of(command.most);
}

/// Of commands that need no daemon: nothing ever connects to it.
constexpr const char* offline_host = "unix:///nonexistent";

int usage_failure(const CommandSpec& command, const std::string& path,
                  const std::string& message, int exit_code) {
  auto hint = help_hint(path);
  if (message.find("requires at least") != std::string::npos &&
      command.most == unlimited) {
    hint.replace(0, 3, "See");  // docker's wording differs here
  }
  print_error(message + "\n\n" + usage_line(command, path) + "\n" + hint);
  return exit_code;
}

bool wants_debug(const Arguments& global) {
  const auto level = global.text("log-level", "info");
  constexpr std::array levels = {"debug", "info", "warn", "error", "fatal"};
  if (std::ranges::find(levels, level) == levels.end()) {
    throw Failure("unable to parse logging level: " + level);
  }
  return global.flag("debug") || level == "debug";
}

int run_command(const CommandSpec& command, const std::string& path,
                std::span<const std::string> words, const Arguments& global,
                const std::vector<Arguments::Values>& more = {}) {
  Arguments arguments;
  try {
    arguments = parse_arguments(words, command.options, command.order);
  } catch (const UsageError& error) {
    const auto why = refusal_of_flag(command.paths.front(), error.message());
    if (!why.empty()) {
      print_error(prefixed(why) + "\n");
      return 1;
    }
    return usage_failure(command, path, error.message(), error.exit_code());
  }
  arguments.command = path;
  if (arguments.help) {
    print(command_help(command, path));
    return 0;
  }
  if (const auto wrong = miscounted(command, arguments.words.size());
      !wrong.empty()) {
    return usage_failure(
        command, path,
        prefixed("'" + std::string(program_name) + " " + path + "' " + wrong),
        1);
  }
  arguments.options.insert(arguments.options.end(), more.begin(), more.end());
  ClientConfig config(ClientConfig::directory_of(global));
  const auto choice =
      command.offline ? DaemonChoice{.options = {.host = offline_host},
                                     .context = current_context(global, config)}
                      : choose_daemon(global, config);
  apply_settings(config, choice.options.host, command.paths.front(),
                 command.options, arguments);
  tells_requests = wants_debug(global);
  Engine engine(choice.options);
  Context context{.engine = engine,
                  .context_name = choice.context,
                  .config = config,
                  .global = global};
  return command.run(context, arguments);
}

/// `compose` has options of its own before its command, which the command
/// reads like its own.
int run_compose(std::span<const std::string> words, const Arguments& global) {
  const auto own = parse_arguments(
      words.subspan(1), tables::compose_global_options, Order::options_first);
  const auto* group = find_group("compose");
  if (own.help || own.words.empty()) {
    print(group_help(*group));
    return 0;
  }
  const auto path = "compose " + own.words[0];
  const auto* command = find_command(path);
  if (command == nullptr) {
    return unknown_command(path);
  }
  return run_command(*command, path, std::span(own.words).subspan(1), global,
                     own.options);
}

int run_group(const CommandGroup& group, std::span<const std::string> words,
              const Arguments& global) {
  if (words.size() < 2) {
    print_error(group_help(group));
    return 0;
  }
  if (words[1] == "--help" || words[1] == "-h") {
    print(group_help(group));
    return 0;
  }
  const auto path = words[0] + " " + words[1];
  const auto* command = find_command(path);
  if (command == nullptr) {
    if (words[1].starts_with('-')) {
      print_error("unknown flag: " + words[1] +
                  "\n\nUsage:  " + std::string(program_name) + " " + words[0] +
                  "\n\n" + help_hint(words[0]));
      return 125;
    }
    return unknown_command(path);
  }
  return run_command(*command, path, words.subspan(2), global);
}

/// What config.json's aliases make of words that name no command; nothing if
/// they make no command of them either.
std::vector<std::string> aliased(std::span<const std::string> words,
                                 const Arguments& global) {
  const ClientConfig config(ClientConfig::directory_of(global));
  auto meant = split(config["aliases"][words[0]].text(), " ");
  if (find_command(meant[0]) == nullptr && find_group(meant[0]) == nullptr) {
    return {};
  }
  meant.insert(meant.end(), words.begin() + 1, words.end());
  return meant;
}

int run_words(std::span<const std::string> words, const Arguments& global) {
  if (words.empty()) {
    print(program_help());
    return 0;
  }
  if (const int code = run_own_words(words, global); code >= 0) {
    return code;
  }
  if (const auto refusal = refusal_of(words); !refusal.empty()) {
    print_error(refusal + "\n");
    return 1;
  }
  if (words[0] == "compose") {
    return run_compose(words, global);
  }
  if (const auto* group = find_group(words[0])) {
    return run_group(*group, words, global);
  }
  const auto* command = find_command(words[0]);
  if (command == nullptr || words[0].find(' ') != std::string::npos) {
    const auto meant = aliased(words, global);
    return meant.empty() ? unknown_command(words[0]) : run_words(meant, global);
  }
  return run_command(*command, words[0], words.subspan(1), global);
}

/// `help ps` is `ps --help`.
int show_help(std::vector<std::string> words) {
  words.erase(words.begin());
  if (words.empty()) {
    print(program_help());
    return 0;
  }
  const auto path = join(words, " ");
  if (find_command(path) == nullptr && find_group(words[0]) == nullptr) {
    print_error("unknown help topic: " + path + "\n");
    return 1;
  }
  words.emplace_back("--help");
  return run_words(words, {});
}

}  // namespace

int run_program(std::span<const std::string> arguments) {
  try {
    const auto global =
        parse_arguments(arguments, global_options(), Order::options_first);
    if (global.flag("version")) {
      print(std::string(program_name) + " version " + build_info.version +
            ", build " + build_info.commit + "\n");
      return 0;
    }
    if (global.help || global.words.empty()) {
      print(program_help());
      return 0;
    }
    if (global.words[0] == "help") {
      return show_help(global.words);
    }
    return run_words(global.words, global);
  } catch (const UsageError& error) {
    print_error(error.message() + "\n\nUsage:  " + std::string(program_name) +
                " [OPTIONS] COMMAND [ARG...]\n\n" + help_hint(""));
    return error.exit_code();
  } catch (const Failure& failure) {
    if (!failure.message().empty()) {
      print_error(failure.message() + "\n");
    }
    return failure.exit_code();
  } catch (const std::exception& error) {
    print_error(prefixed(error.what()) + "\n");
    return 1;
  }
}

}  // namespace docker_cpp::cli
