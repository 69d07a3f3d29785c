// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "completion.hpp"
#include "file_io.hpp"

#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/cli/version.hpp"

// man(7) pages from the table of commands: what --help says is what man says.
namespace docker_cpp::cli {
namespace {

/// Text that troff takes for no request and no escape.
std::string safe(std::string_view text) {
  std::string out;
  bool first = true;
  for (const char c : text) {
    if (first && (c == '.' || c == '\'')) {
      out += "\\&";
    }
    out += c == '\\' ? "\\e" : c == '-' ? "\\-" : std::string(1, c);
    first = c == '\n';
  }
  return out;
}

std::string page_name(std::string_view path) {
  auto name = std::string(program_name) + "-" + std::string(path);
  std::ranges::replace(name, ' ', '-');
  return name;
}

std::string head(const std::string& name) {
  return ".TH \"" + to_upper(name) + "\" \"1\" \"\" \"docker-cpp " +
         std::string(build_info.version) + "\" \"docker-cpp\"\n";
}

std::string options_section(std::span<const OptionSpec> options) {
  std::string text;
  for (const auto& option : options) {
    if (option.help.empty()) {
      continue;
    }
    text += ".TP\n";
    text += option.letter == 0
                ? ""
                : "\\fB\\-" + std::string(1, option.letter) + "\\fR, ";
    text += "\\fB\\-\\-" + safe(option.name) + "\\fR";
    text += option.value.empty() ? "" : " \\fI" + safe(option.value) + "\\fR";
    text += "\n" + safe(option.help) + "\n";
  }
  return text.empty() ? text : ".SH OPTIONS\n" + text;
}

std::string page_of(const CommandSpec& command) {
  const auto path = std::string(command.paths.front());
  const auto whole = std::string(program_name) + " " + path;
  auto text = head(page_name(path)) + ".SH NAME\n" + safe(page_name(path)) +
              " \\- " + safe(command.summary) + "\n.SH SYNOPSIS\n\\fB" +
              safe(whole) + "\\fR " + safe(command.arguments) +
              "\n.SH DESCRIPTION\n" + safe(command.summary) + ".\n";
  if (!command.aliases.empty()) {
    text += ".PP\nAlso: " + safe(command.aliases) + ".\n";
  }
  text += options_section(command.options);
  if (!command.examples.empty()) {
    text += ".SH EXAMPLES\n.nf\n" + safe(command.examples) + "\n.fi\n";
  }
  return text + ".SH SEE ALSO\n.BR docker\\-cpp (1)\n";
}

std::string main_page() {
  auto text = head(program_name) +
              ".SH NAME\ndocker\\-cpp \\- containers, with docker's command "
              "line\n.SH SYNOPSIS\n\\fBdocker\\-cpp\\fR [OPTIONS] COMMAND "
              "[ARG...]\n.SH DESCRIPTION\nRuns and looks after containers, "
              "images, networks and volumes over the Engine API.\n";
  text += options_section(global_options()) + ".SH COMMANDS\n";
  for (const auto& command : all_commands()) {
    text += ".TP\n\\fB" + safe(page_name(command.paths.front())) + "\\fR(1)\n" +
            safe(command.summary) + "\n";
  }
  return text +
         ".SH ENVIRONMENT\n.TP\n\\fBDOCKER_HOST\\fR\nThe daemon: "
         "unix://, tcp:// or ssh://\n.TP\n\\fBDOCKER_CONTEXT\\fR\nThe context "
         "to use\n.TP\n\\fBDOCKER_CONFIG\\fR\nThe folder of config.json\n";
}

}  // namespace

void write_manual(const std::string& folder) {
  make_folders(folder, 0755);
  replace_file(folder + "/docker-cpp.1", main_page(), 0644);
  for (const auto& command : all_commands()) {
    replace_file(folder + "/" + page_name(command.paths.front()) + ".1",
                 page_of(command), 0644);
  }
}

int run_own_words(std::span<const std::string> words, const Arguments& global) {
  if (words.empty()) {
    return -1;
  }
  if (words[0] == "__complete") {
    print([&] {
      std::string text;
      for (const auto& line : completions(words.subspan(1), global)) {
        text += line + "\n";
      }
      return text;
    }());
    return 0;
  }
  if (words[0] == "completion") {
    const auto script =
        words.size() == 2 ? completion_script(words[1]) : std::string();
    if (script.empty()) {
      throw Failure("Usage:  docker-cpp completion bash|zsh|fish");
    }
    print(script);
    return 0;
  }
  if (words[0] == "gen-man") {
    if (words.size() != 2) {
      throw Failure("Usage:  docker-cpp gen-man FOLDER");
    }
    write_manual(words[1]);
    return 0;
  }
  return -1;
}

}  // namespace docker_cpp::cli
