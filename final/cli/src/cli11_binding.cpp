// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "argument_scanner.hpp"

#include "docker_cpp/cli/text.hpp"

// CLI11 owns the options: it checks their values and gathers those that come
// several times. It is met in this translation unit only (its header takes
// nine seconds to compile), and only the options that occur on the command
// line are registered (registering all of run's would cost 0.3 ms).
namespace docker_cpp::cli {
namespace {

std::string shown_name(const OptionSpec& option) {
  const auto name = "--" + std::string(option.name);
  return option.letter == 0 ? name
                            : std::string("-") + option.letter + ", " + name;
}

bool repeats(Kind kind) {
  return kind == Kind::list || kind == Kind::csv || kind == Kind::filter ||
         kind == Kind::env || kind == Kind::label || kind == Kind::attach ||
         kind == Kind::ip || kind == Kind::link || kind == Kind::host ||
         kind == Kind::device || kind == Kind::mount || kind == Kind::map ||
         kind == Kind::ulimit || kind == Kind::weight || kind == Kind::rate ||
         kind == Kind::count_rate;
}

class Binding {
 public:
  Binding() { app_.set_help_flag(); }

  void add(const OptionSpec& option) {
    const auto same = [&](const Bound& bound) {
      return bound.spec == &option;
    };
    if (std::ranges::any_of(bound_, same)) {
      return;
    }
    auto* added = app_.add_option("--" + std::string(option.name));
    added->expected(1)->allow_extra_args(false);
    added->multi_option_policy(repeats(option.kind)
                                   ? CLI::MultiOptionPolicy::TakeAll
                                   : CLI::MultiOptionPolicy::TakeLast);
    added->check([this, &option](const std::string& value) {
      return check(option, value);
    });
    bound_.push_back({&option, added});
  }

  void parse(const std::vector<Occurrence>& occurrences) {
    std::vector<std::string> reversed;
    for (const auto& [option, value] : occurrences) {
      reversed.push_back("--" + std::string(option->name));
      reversed.push_back(value);
    }
    std::ranges::reverse(reversed);
    try {
      app_.parse(reversed);
    } catch (const CLI::ParseError& error) {
      throw UsageError(refusal_.empty() ? error.what() : refusal_);
    }
  }

  [[nodiscard]] std::vector<Arguments::Values> values() const {
    std::vector<Arguments::Values> all;
    for (const auto& [spec, option] : bound_) {
      all.emplace_back(spec->name, option->results());
    }
    return all;
  }

 private:
  struct Bound {
    const OptionSpec* spec;
    CLI::Option* option;
  };

  std::string check(const OptionSpec& option, const std::string& value) {
    const auto reason = check_value(option, value);
    if (!reason.empty()) {
      refusal_ = "invalid argument " + quote(value) + " for \"" +
                 shown_name(option) + "\" flag: " + reason;
    }
    return reason;
  }

  CLI::App app_;
  std::vector<Bound> bound_;
  std::string refusal_;
};

}  // namespace

Arguments parse_arguments(std::span<const std::string> arguments,
                          std::span<const OptionSpec> options, Order order) {
  auto scanned = scan_arguments(arguments, options, order);
  Arguments result;
  result.help = scanned.help;
  result.words = std::move(scanned.words);
  if (!result.help && !scanned.occurrences.empty()) {
    Binding binding;
    for (const auto& occurrence : scanned.occurrences) {
      binding.add(*occurrence.option);
    }
    binding.parse(scanned.occurrences);
    result.options = binding.values();
  }
  return result;
}

}  // namespace docker_cpp::cli
