// SPDX-License-Identifier: Apache-2.0
#include "flags.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace docker_cpp::runtime {
namespace {

bool lists(std::string_view names, std::string_view name) {
  while (!names.empty()) {
    const std::size_t space = names.find(' ');
    if (names.substr(0, space) == name) {
      return true;
    }
    names = space == std::string_view::npos ? "" : names.substr(space + 1);
  }
  return false;
}

bool truth(std::string_view name, const std::string& text) {
  if (text == "true" || text == "1") {
    return true;
  }
  if (text == "false" || text == "0") {
    return false;
  }
  throw UsageError("invalid value \"" + text + "\" for --" + std::string(name));
}

}  // namespace

std::int64_t parse_number(std::string_view name, const std::string& text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || rest != end) {
    throw UsageError("invalid value \"" + text + "\" for --" +
                     std::string(name.substr(0, name.find(' '))) +
                     ": not a number");
  }
  return value;
}

void Flags::text(std::string_view names, std::string& into,
                 std::string_view help) {
  known_.push_back(
      {names, true, [&](const std::string& v) { into = v; }, help});
}

void Flags::list(std::string_view names, std::vector<std::string>& into,
                 std::string_view help) {
  known_.push_back(
      {names, true, [&](const std::string& v) { into.push_back(v); }, help});
}

void Flags::number(std::string_view names, std::int64_t& into,
                   std::string_view help) {
  known_.push_back(
      {names, true,
       [&into, names](const std::string& v) { into = parse_number(names, v); },
       help});
}

void Flags::flag(std::string_view names, bool& into, std::string_view help) {
  known_.push_back(
      {names, false,
       [&into, names](const std::string& v) { into = truth(names, v); }, help});
}

void Flags::optional(std::string_view names, std::optional<std::string>& into,
                     std::string_view help) {
  known_.push_back({names, false,
                    [&](const std::string& v) { into = v == "true" ? "" : v; },
                    help});
}

void Flags::ignored_text(std::string_view names) {
  known_.push_back({names, true, [](const std::string&) {}, "", true});
}

void Flags::ignored_flag(std::string_view names) {
  known_.push_back({names, false, [](const std::string&) {}, "", true});
}

std::string Flags::describe() const {
  std::string all;
  for (const Known& one : known_) {
    if (one.hidden) {
      continue;
    }
    const std::size_t space = one.names.find(' ');
    const bool brief = space != std::string_view::npos;
    std::string line =
        brief ? "  -" + std::string(one.names.substr(space + 1)) + ", --"
              : "      --";
    line += std::string(one.names.substr(0, space)) +
            (one.takes_value ? " value" : "");
    line.resize(std::max<std::size_t>(line.size() + 2, 34), ' ');
    all += line + std::string(one.help) + "\n";
  }
  return all;
}

const Flags::Known* Flags::find(std::string_view name) const {
  for (const Known& one : known_) {
    if (lists(one.names, name)) {
      return &one;
    }
  }
  return nullptr;
}

std::size_t Flags::take(std::span<char* const> rest) {
  const std::string_view whole = rest[0];
  std::string_view name = whole.substr(whole.starts_with("--") ? 2 : 1);
  const std::size_t equals = name.find('=');
  std::string value;
  bool given = equals != std::string_view::npos;
  if (given) {
    value = name.substr(equals + 1);
    name = name.substr(0, equals);
  }
  const Known* known = find(name);
  if (known == nullptr && !whole.starts_with("--") && !given) {
    known = find(name.substr(0, 1));  // -fvalue
    value = name.substr(1);
    given = !value.empty();
    if (known != nullptr && !known->takes_value) {
      known = nullptr;
    }
  }
  if (known == nullptr && (name == "help" || whole == "-h")) {
    throw HelpWanted(describe());
  }
  if (known == nullptr) {
    throw UsageError("flag provided but not defined: " +
                     std::string(whole.substr(0, whole.find('='))));
  }
  if (given || !known->takes_value) {
    known->set(given ? value : "true");
    return 0;
  }
  if (rest.size() < 2) {
    throw UsageError("flag needs an argument: " + std::string(whole));
  }
  known->set(rest[1]);
  return 1;
}

std::vector<std::string> Flags::parse(std::span<char* const> arguments,
                                      std::size_t most_words) {
  std::vector<std::string> words;
  bool flags_ended = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view one = arguments[i];
    const bool plain = flags_ended || one.size() < 2 || one[0] != '-';
    if (plain) {
      words.emplace_back(one);
      flags_ended = flags_ended || words.size() >= most_words;
    } else if (one == "--") {
      flags_ended = true;
    } else {
      i += take(arguments.subspan(i));
    }
  }
  return words;
}

}  // namespace docker_cpp::runtime
