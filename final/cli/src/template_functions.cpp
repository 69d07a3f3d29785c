// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstdio>

#include "template_tree.hpp"

#include "docker_cpp/cli/template.hpp"
#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::templates {
namespace {

using Values = std::vector<Value>;

const Value& argument(const Values& arguments, std::size_t index) {
  if (index >= arguments.size()) {
    throw Stop{"wrong number of args: want at least " +
               std::to_string(index + 1) + " got " +
               std::to_string(arguments.size())};
  }
  return arguments[index];
}

Value json(const Values& arguments) {
  return print_json(argument(arguments, 0));
}

Value join_strings(const Values& arguments) {
  std::vector<std::string> items;
  for (const auto& item : argument(arguments, 0).items()) {
    items.push_back(print_go(item));
  }
  return join(items, argument(arguments, 1).text());
}

/// Go cuts at nothing into single letters.
Value single_letters(const std::string& text) {
  auto items = Value::array();
  for (const char c : text) {
    items.append(std::string(1, c));
  }
  return items;
}

Value split_string(const Values& arguments) {
  if (argument(arguments, 1).text().empty()) {
    return single_letters(argument(arguments, 0).text());
  }
  return Value::strings(
      split(argument(arguments, 0).text(), argument(arguments, 1).text()));
}

Value lower(const Values& arguments) {
  return to_lower(print_go(argument(arguments, 0)));
}

Value upper(const Values& arguments) {
  return to_upper(print_go(argument(arguments, 0)));
}

Value title(const Values& arguments) {
  auto text = print_go(argument(arguments, 0));
  bool first = true;
  for (char& c : text) {
    c = first ? to_upper({&c, 1})[0] : c;
    first = c == ' ' || c == '\t' || c == '\n';
  }
  return text;
}

Value pad(const Values& arguments) {
  const auto spaces = [](const Value& count) {
    return std::string(static_cast<std::size_t>(
                           std::clamp<std::int64_t>(count.number(), 0, 4096)),
                       ' ');
  };
  const auto& text = argument(arguments, 0).text();
  return text.empty() ? text
                      : spaces(argument(arguments, 1)) + text +
                            spaces(argument(arguments, 2));
}

Value truncate(const Values& arguments) {
  const auto& text = argument(arguments, 0).text();
  const auto length =
      std::max<std::int64_t>(argument(arguments, 1).number(), 0);
  return text.substr(0, static_cast<std::size_t>(length));
}

std::string spaced(const Values& arguments) {
  std::string text;
  for (const auto& value : arguments) {
    text += &value == arguments.data() ? "" : " ";
    text += print_go(value);
  }
  return text;
}

Value print_line(const Values& arguments) {
  return spaced(arguments) + "\n";
}

Value print_plain(const Values& arguments) {
  // Go's Sprint puts a space only where neither neighbour is a string.
  std::string text;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const bool apart =
        i > 0 && !arguments[i].is_string() && !arguments[i - 1].is_string();
    text += apart ? " " : "";
    text += print_go(arguments[i]);
  }
  return text;
}

/// One "%-10.3s" of printf.
std::string print_one(const std::string& verb, const Value& value) {
  const char kind = verb.back();
  auto format = verb;
  std::array<char, 512> text{};
  if (kind == 'd' || kind == 'x' || kind == 'c') {
    format.insert(format.size() - 1, "ll");
    std::snprintf(text.data(), text.size(), format.c_str(),
                  static_cast<long long>(value.number()));
    return text.data();
  }
  if (kind == 'f' || kind == 'g' || kind == 'e') {
    const auto* real = std::get_if<double>(&value.data());
    std::snprintf(
        text.data(), text.size(), format.c_str(),
        real != nullptr ? *real : static_cast<double>(value.number()));
    return text.data();
  }
  const auto shown = kind == 'q' ? quote(print_go(value)) : print_go(value);
  format.back() = 's';
  std::string result(shown.size() + 512, '\0');
  const auto length = std::snprintf(result.data(), result.size(),
                                    format.c_str(), shown.c_str());
  result.resize(static_cast<std::size_t>(
      std::clamp<int>(length, 0, static_cast<int>(result.size()) - 1)));
  return result;
}

Value print_formatted(const Values& arguments) {
  const auto& format = argument(arguments, 0).text();
  std::string text;
  std::size_t next = 1;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') {
      text += format[i];
      continue;
    }
    const auto end = format.find_first_not_of("+-# 0123456789.", i + 1);
    if (end == std::string::npos || end - i > 8) {
      throw Stop{"bad printf verb"};
    }
    if (format[end] == '%') {
      text += '%';
    } else if (std::string_view("sdvqfgexct").find(format[end]) ==
               std::string_view::npos) {
      throw Stop{"bad printf verb " + quote(format.substr(i, end - i + 1))};
    } else {
      text +=
          print_one(format.substr(i, end - i + 1), argument(arguments, next++));
    }
    i = end;
  }
  return text;
}

Value length(const Values& arguments) {
  const auto& value = argument(arguments, 0);
  if (!value.is_array() && !value.is_object() && !value.is_string() &&
      !value.is_null()) {
    throw Stop{"error calling len: len of type " +
               std::string(std::holds_alternative<bool>(value.data()) ? "bool"
                                                                      : "int")};
  }
  return static_cast<std::int64_t>(value.size());
}

Value index(const Values& arguments) {
  Value value = argument(arguments, 0);
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const auto& key = arguments[i];
    if (key.is_string()) {
      const auto* found = value.find(key.text());
      value = found == nullptr ? Value("") : Value(*found);
      continue;
    }
    const auto at = key.number();
    if (at < 0 || static_cast<std::size_t>(at) >= value.items().size()) {
      throw Stop{"error calling index: reflect: slice index out of range"};
    }
    value = Value(value.at(static_cast<std::size_t>(at)));
  }
  return value;
}

Value slice(const Values& arguments) {
  const auto& value = argument(arguments, 0);
  const auto size = static_cast<std::int64_t>(value.size());
  const auto from = arguments.size() > 1 ? arguments[1].number() : 0;
  const auto to = arguments.size() > 2 ? arguments[2].number() : size;
  if (from < 0 || to < from || to > size) {
    throw Stop{"error calling slice: index out of range"};
  }
  if (value.is_string()) {
    return value.text().substr(static_cast<std::size_t>(from),
                               static_cast<std::size_t>(to - from));
  }
  return Value::Array(value.items().begin() + from, value.items().begin() + to);
}

/// Less than 0, 0, or more, as operator<=> has it.
int compare(const Value& left, const Value& right) {
  if (left.is_string() && right.is_string()) {
    return left.text().compare(right.text());
  }
  const bool flags = std::holds_alternative<bool>(left.data()) &&
                     std::holds_alternative<bool>(right.data());
  if (flags) {
    return static_cast<int>(left.flag()) - static_cast<int>(right.flag());
  }
  if (left.is_string() != right.is_string()) {
    throw Stop{"incompatible types for comparison"};
  }
  return left.number() < right.number()   ? -1
         : left.number() > right.number() ? 1
                                          : 0;
}

Value equal(const Values& arguments) {
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    if (compare(argument(arguments, 0), arguments[i]) == 0) {
      return true;
    }
  }
  return false;
}

Value all_of(const Values& arguments) {
  for (const auto& value : arguments) {
    if (!is_true(value)) {
      return value;
    }
  }
  return argument(arguments, arguments.size() - 1);
}

Value any_of(const Values& arguments) {
  for (const auto& value : arguments) {
    if (is_true(value)) {
      return value;
    }
  }
  return argument(arguments, arguments.size() - 1);
}

template <typename Test>
Value ordered(const Values& arguments, Test test) {
  return Value(test(compare(argument(arguments, 0), argument(arguments, 1))));
}

struct NamedFunction {
  std::string_view name;
  Value (*call)(const Values&);
};

constexpr std::array functions = {
    NamedFunction{"json", json},
    NamedFunction{"join", join_strings},
    NamedFunction{"split", split_string},
    NamedFunction{"lower", lower},
    NamedFunction{"upper", upper},
    NamedFunction{"title", title},
    NamedFunction{"pad", pad},
    NamedFunction{"truncate", truncate},
    NamedFunction{"println", print_line},
    NamedFunction{"print", print_plain},
    NamedFunction{"printf", print_formatted},
    NamedFunction{"len", length},
    NamedFunction{"index", index},
    NamedFunction{"slice", slice},
    NamedFunction{"eq", equal},
    NamedFunction{"and", all_of},
    NamedFunction{"or", any_of},
    NamedFunction{"ne",
                  [](const Values& v) -> Value {
                    return Value(!equal(v).flag());
                  }},
    NamedFunction{"not",
                  [](const Values& v) -> Value {
                    return Value(!is_true(argument(v, 0)));
                  }},
    NamedFunction{"lt",
                  [](const Values& v) {
                    return ordered(v, [](int order) { return order < 0; });
                  }},
    NamedFunction{"le",
                  [](const Values& v) {
                    return ordered(v, [](int order) { return order <= 0; });
                  }},
    NamedFunction{"gt",
                  [](const Values& v) {
                    return ordered(v, [](int order) { return order > 0; });
                  }},
    NamedFunction{"ge",
                  [](const Values& v) {
                    return ordered(v, [](int order) { return order >= 0; });
                  }},
};

}  // namespace

bool is_function(const std::string& name) {
  return std::ranges::any_of(
      functions, [&](const auto& function) { return function.name == name; });
}

Value call_function(const std::string& name, const Values& arguments) {
  const auto* found = std::ranges::find(functions, name, &NamedFunction::name);
  return found->call(arguments);
}

bool is_true(const Value& value) {
  if (value.is_null()) {
    return false;
  }
  if (const auto* flag = std::get_if<bool>(&value.data())) {
    return *flag;
  }
  if (value.is_string() || value.is_array() || value.is_object()) {
    return value.size() > 0;
  }
  const auto* real = std::get_if<double>(&value.data());
  return real != nullptr ? *real != 0 : value.number() != 0;
}

}  // namespace docker_cpp::cli::templates
