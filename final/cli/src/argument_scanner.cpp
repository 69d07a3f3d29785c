// SPDX-License-Identifier: Apache-2.0
#include "argument_scanner.hpp"

#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli {
namespace {

class Scanner {
 public:
  Scanner(std::span<const std::string> arguments,
          std::span<const OptionSpec> options, Order order)
      : rest_(arguments), options_(options), order_(order) {}

  Scanned run() {
    while (!rest_.empty() && !found_.help) {
      const auto& argument = take();
      if (argument == "--") {
        take_words();
      } else if (argument.starts_with("--")) {
        long_option(argument);
      } else if (argument.size() > 1 && argument.front() == '-') {
        short_options(argument);
      } else {
        found_.words.push_back(argument);
        if (order_ == Order::options_first) {
          take_words();
        }
      }
    }
    return std::move(found_);
  }

 private:
  const std::string& take() {
    const auto& first = rest_.front();
    rest_ = rest_.subspan(1);
    return first;
  }

  void take_words() {
    found_.words.insert(found_.words.end(), rest_.begin(), rest_.end());
    rest_ = {};
  }

  void long_option(const std::string& argument) {
    const auto text = std::string_view(argument).substr(2);
    const auto equals = text.find('=');
    const auto name = text.substr(0, equals);
    if (name.empty() || name.front() == '-') {
      throw UsageError("bad flag syntax: " + argument);
    }
    if (name == "help") {
      found_.help = true;
      return;
    }
    const auto* option = find(name);
    if (option == nullptr) {
      throw UsageError("unknown flag: --" + std::string(name));
    }
    if (equals != std::string_view::npos) {
      add(*option, text.substr(equals + 1));
    } else if (option->kind == Kind::flag) {
      add(*option, "true");
    } else if (rest_.empty()) {
      throw UsageError("flag needs an argument: --" + std::string(name));
    } else {
      add(*option, take());
    }
  }

  void short_options(const std::string& argument) {
    auto letters = std::string_view(argument).substr(1);
    while (!letters.empty() && !found_.help) {
      const auto all = letters;
      const char letter = letters.front();
      letters.remove_prefix(1);
      const auto* option = find(letter);
      if (option == nullptr) {
        if (letter == 'h') {
          found_.help = true;
          return;
        }
        throw UsageError(std::string("unknown shorthand flag: '") + letter +
                         "' in -" + std::string(all));
      }
      if (letters.starts_with('=') && letters.size() > 1) {
        add(*option, letters.substr(1));
        return;
      }
      if (option->kind == Kind::flag) {
        add(*option, "true");
      } else if (!letters.empty()) {
        add(*option, letters);
        return;
      } else {
        add(*option, value_of(letter, all));
      }
    }
  }

  const std::string& value_of(char letter, std::string_view letters) {
    if (rest_.empty()) {
      throw UsageError(std::string("flag needs an argument: '") + letter +
                       "' in -" + std::string(letters));
    }
    return take();
  }

  [[nodiscard]] const OptionSpec* find(std::string_view name) const {
    for (const auto& option : options_) {
      if (option.name == name) {
        return &option;
      }
    }
    return nullptr;
  }

  [[nodiscard]] const OptionSpec* find(char letter) const {
    for (const auto& option : options_) {
      if (option.letter == letter) {
        return &option;
      }
    }
    return nullptr;
  }

  void add(const OptionSpec& option, std::string_view value) {
    if (option.kind != Kind::csv) {
      found_.occurrences.push_back({&option, std::string(value)});
      return;
    }
    for (auto& field : csv_fields(value)) {
      found_.occurrences.push_back({&option, std::move(field)});
    }
  }

  std::span<const std::string> rest_;
  std::span<const OptionSpec> options_;
  Order order_;
  Scanned found_;
};

}  // namespace

Scanned scan_arguments(std::span<const std::string> arguments,
                       std::span<const OptionSpec> options, Order order) {
  return Scanner(arguments, options, order).run();
}

}  // namespace docker_cpp::cli
