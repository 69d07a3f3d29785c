// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <unistd.h>

#include <array>
#include <map>
#include <sstream>
#include <utility>

#include <CLI/CLI.hpp>

#include "configuration.hpp"

#include "docker_cpp/build_info.hpp"

namespace docker_cpp::daemon {
namespace {

constexpr std::array level_names = {"debug", "info", "warn", "error", "fatal"};

/// What was typed, before it is understood.
struct Typed {
  std::map<std::string_view, std::vector<std::string>> values;
  std::map<std::string_view, CLI::Option*> options;
  std::string file;
  CLI::Option* file_option = nullptr;
  bool validate = false;
  bool origins = false;
  CLI::App* show = nullptr;
};

void define_flags(CLI::App& app, Typed& typed) {
  for (const Definition& one : definitions()) {
    std::vector<std::string>& values = typed.values[one.name];
    CLI::Option* option =
        app.add_option(std::string(one.flag), values, std::string(one.help));
    // Each value is an occurrence of its own: -H a -H b, never -H a b.
    option->allow_extra_args(false)->delimiter('\0');
    if (one.kind == Kind::flag) {
      option->expected(0, 1)->default_str("true");
    }
    typed.options[one.name] = option;
  }
  typed.file_option = app.add_option("--config-file", typed.file,
                                     "Daemon configuration file (default "
                                     "/etc/docker-cpp/config.yaml)");
  app.add_flag("--validate", typed.validate,
               "Check the configuration and exit");
  app.set_version_flag("-v,--version", std::string("docker-cppd version ") +
                                           build_info.version + ", build " +
                                           build_info.commit);
  auto* config = app.add_subcommand("config", "Look at the configuration");
  config->require_subcommand(1);
  typed.show = config->add_subcommand("show", "Print what is in force");
  typed.show->add_flag("--origin", typed.origins,
                       "Say where each directive was written");
}

Sources sources_of(const Typed& typed) {
  Sources out;
  if (typed.file_option->count() > 0) {
    out.file = typed.file;
    out.file_must_exist = true;
  }
  for (const auto& [name, option] : typed.options) {
    if (option->count() == 0) {
      continue;
    }
    Values values = typed.values.at(name);
    const bool one = find_definition(name)->kind == Kind::text ||
                     find_definition(name)->kind == Kind::flag;
    if (one && values.size() > 1) {
      values.erase(values.begin(), values.end() - 1);
    }
    out.flags[std::string(name)] = {std::move(values), "flag"};
  }
  return out;
}

}  // namespace

std::optional<LogLevel> parse_level(const std::string& name) {
  for (std::size_t i = 0; i < level_names.size(); ++i) {
    if (name == level_names.at(i)) {
      return static_cast<LogLevel>(i);
    }
  }
  return std::nullopt;
}

std::expected<Settings, EarlyEnd> read_settings(int argc, char** argv) {
  CLI::App app("A self-sufficient runtime for containers", "docker-cppd");
  Typed typed;
  define_flags(app, typed);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream text;
    const int code = app.exit(error, text, text);
    return std::unexpected(EarlyEnd{code == 0 ? 0 : 125, text.str()});
  }
  const auto sources = std::make_shared<const Sources>(sources_of(typed));
  const auto words = merge(*sources, environ);
  if (!words) {
    return std::unexpected(EarlyEnd{1, words.error() + "\n"});
  }
  auto settings = understand(*words);
  if (!settings) {
    return std::unexpected(EarlyEnd{1, settings.error() + "\n"});
  }
  if (typed.show->parsed()) {
    return std::unexpected(EarlyEnd{0, show(*words, typed.origins)});
  }
  settings->task = typed.validate ? Task::validate : Task::serve;
  settings->sources = sources;
  settings->words = std::make_shared<const Layer>(*words);
  settings->daemon.config_file = sources->file;
  return *std::move(settings);
}

Reloaded reload_settings(Settings& running) {
  Reloaded out;
  const auto words = merge(*running.sources, environ);
  if (!words) {
    out.error = words.error();
    return out;
  }
  auto fresh = understand(*words);
  if (!fresh) {
    out.error = fresh.error();
    return out;
  }
  for (Difference& one : compare(*running.words, *words)) {
    (one.reload == Reload::live ? out.changed : out.needs_restart)
        .push_back(std::move(one.text));
  }
  if (fresh->daemon.defaults.init_binary.empty()) {
    fresh->daemon.defaults.init_binary = running.daemon.defaults.init_binary;
  }
  running.log_level = fresh->log_level;
  running.daemon.defaults = fresh->daemon.defaults;
  running.words = std::make_shared<const Layer>(*words);
  out.defaults = running.daemon.defaults;
  return out;
}

}  // namespace docker_cpp::daemon
