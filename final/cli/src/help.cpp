// SPDX-License-Identifier: Apache-2.0
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "docker_cpp/cli/command.hpp"
#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli {
namespace {

/// pflag's wrapping, off-by-ones included, so that both programs' help can be
/// laid side by side.
class Wrapper {
 public:
  Wrapper(std::size_t indent, std::size_t columns)
      : indent_(indent), room_(columns - indent) {
    if (columns < indent + least_room) {
      indent_ = 16;
      room_ = columns - indent_;
      result_ = new_line();
    }
    room_ -= slop;
  }

  std::string wrap(std::string_view text) {
    append(take(text));
    while (!text.empty()) {
      result_ += new_line();
      append(take(text));
    }
    return std::move(result_);
  }

 private:
  static constexpr std::size_t least_room = 24;
  static constexpr std::size_t slop = 5;

  [[nodiscard]] std::string new_line() const {
    return "\n" + std::string(indent_, ' ');
  }

  void append(std::string_view line) {
    result_ += join(split(line, "\n"), new_line());
  }

  /// Takes one line off the front.
  std::string_view take(std::string_view& text) const {
    auto line = text;
    const auto head = text.substr(0, room_);
    const auto space = head.find_last_of(" \t\n");
    if (room_ + slop > text.size() || space == std::string_view::npos ||
        space == 0) {
      text = {};
      return line;
    }
    const auto newline = head.find_last_of('\n');
    const auto end =
        newline != std::string_view::npos && newline > 0 && newline < space
            ? newline
            : space;
    line = text.substr(0, end);
    text.remove_prefix(end + 1);
    return line;
  }

  std::size_t indent_;
  std::size_t room_;
  std::string result_;
};

std::string left_side(const OptionSpec& option) {
  auto line = option.letter == 0 ? std::string("      --")
                                 : std::string("  -") + option.letter + ", --";
  line += option.name;
  if (!option.value.empty()) {
    line.append(" ").append(option.value);
  }
  return line;
}

std::size_t terminal_columns() {
  winsize size{};
  return ::ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 40
             ? size.ws_col
             : 80;
}

using Listing = std::vector<std::pair<std::string_view, std::string_view>>;

std::string listed(std::string_view heading, const Listing& entries) {
  std::string text(heading);
  text += ":\n";
  for (const auto& [name, summary] : entries) {
    text.append("  ").append(name);
    text.append(name.size() < 11 ? 11 - name.size() : 1, ' ');
    text.append(" ").append(summary).append("\n");
  }
  return text + "\n";
}

std::string with_program(std::string_view text) {
  return std::string(program_name) + " " + std::string(text);
}

}  // namespace

std::string option_lines(std::span<const OptionSpec> options,
                         std::size_t columns) {
  std::size_t widest = 0;
  for (const auto& option : options) {
    if (!option.help.empty()) {
      widest = std::max(widest, left_side(option).size());
    }
  }
  std::string text;
  for (const auto& option : options) {
    if (!option.help.empty()) {
      auto line = left_side(option);
      line.resize(widest + 3, ' ');
      text += line + Wrapper(widest + 3, columns).wrap(option.help) + "\n";
    }
  }
  return text;
}

std::string usage_line(const CommandSpec& command, std::string_view path) {
  auto line = "Usage:  " + with_program(path);
  if (!command.arguments.empty()) {
    line.append(" ").append(command.arguments);
  }
  return line + "\n";
}

std::string help_hint(std::string_view path) {
  const auto whole =
      path.empty() ? std::string(program_name) : with_program(path);
  return "Run '" + whole + " --help' for more information\n";
}

std::string command_help(const CommandSpec& command, std::string_view path) {
  auto text =
      usage_line(command, path) + "\n" + std::string(command.summary) + "\n";
  if (!command.aliases.empty()) {
    auto names = split(command.aliases, ", ");
    std::ranges::transform(names, names.begin(), with_program);
    text += "\nAliases:\n  " + join(names, ", ") + "\n";
  }
  const auto options = option_lines(command.options, terminal_columns() - 1);
  if (!options.empty()) {
    text += "\nOptions:\n" + options;
  }
  if (!command.examples.empty()) {
    text += "\nExamples:\n";
    for (const auto& line : split(trim(command.examples), "\n")) {
      text += "  " + line + "\n";
    }
  }
  return text;
}

std::string group_help(const CommandGroup& group) {
  Listing entries;
  for (const auto& command : all_commands()) {
    const auto name = name_in_group(command, group.name);
    if (!name.empty()) {
      entries.emplace_back(name, command.summary);
    }
  }
  std::ranges::sort(entries);
  return "Usage:  " + with_program(group.name) + " COMMAND\n\n" +
         std::string(group.summary) + "\n\n" + listed("Commands", entries) +
         "Run '" + with_program(group.name) +
         " COMMAND --help' for more information on a command.\n";
}

std::string program_help() {
  Listing common;
  Listing others;
  for (const auto& command : all_commands()) {
    const auto name = top_name(command);
    if (!name.empty()) {
      (command.common ? common : others).emplace_back(name, command.summary);
    }
  }
  std::ranges::sort(others);
  Listing groups;
  for (const auto& group : all_groups()) {
    groups.emplace_back(group.name, group.summary);
  }
  return "Usage:  " + with_program("[OPTIONS] COMMAND") +
         "\n\nA self-sufficient runtime for containers\n\n" +
         listed("Common Commands", common) +
         listed("Management Commands", groups) + listed("Commands", others) +
         "Global Options:\n" +
         option_lines(global_options(), terminal_columns() - 1) + "\nRun '" +
         with_program("COMMAND --help") +
         "' for more information on a command.\n";
}

}  // namespace docker_cpp::cli
