// SPDX-License-Identifier: Apache-2.0
#include "compose/interpolate.hpp"

#include <algorithm>

#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::compose {
namespace {

struct Wrong {
  std::string reason;
};

bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool in_name(char c) {
  return begins_name(c) || (c >= '0' && c <= '9');
}

class Interpolation {
 public:
  Interpolation(std::string_view text, const Variables& variables,
                std::vector<std::string>& missing)
      : whole_(text), rest_(text), variables_(variables), missing_(missing) {}

  std::string run() {
    std::string out;
    while (!rest_.empty()) {
      const auto dollar = rest_.find('$');
      out.append(rest_.substr(0, dollar));
      if (dollar == std::string_view::npos) {
        break;
      }
      rest_.remove_prefix(dollar + 1);
      out += after_dollar();
    }
    return out;
  }

 private:
  [[noreturn]] void refuse() const {
    throw Wrong{"invalid interpolation format: " + quote(whole_) +
                "; you may need to escape any $ with another $"};
  }

  std::string name() {
    std::size_t length = 0;
    while (length < rest_.size() && in_name(rest_[length])) {
      ++length;
    }
    std::string found(rest_.substr(0, length));
    rest_.remove_prefix(length);
    return found;
  }

  std::string after_dollar() {
    if (rest_.starts_with('$')) {
      rest_.remove_prefix(1);
      return "$";
    }
    if (rest_.starts_with('{')) {
      rest_.remove_prefix(1);
      return braced();
    }
    if (rest_.empty() || !begins_name(rest_.front())) {
      refuse();
    }
    return value_of(name());
  }

  std::string value_of(const std::string& variable) {
    const auto found = variables_.find(variable);
    if (found == variables_.end()) {
      missing_.push_back(variable);
      return {};
    }
    return found->second;
  }

  /// Up to the brace that closes this one.
  std::string_view word() {
    int depth = 1;
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      if (rest_[i] == '{' && i > 0 && rest_[i - 1] == '$') {
        ++depth;
      } else if (rest_[i] == '}' && --depth == 0) {
        const auto found = rest_.substr(0, i);
        rest_.remove_prefix(i + 1);
        return found;
      }
    }
    refuse();
  }

  std::string nested(std::string_view text) {
    return Interpolation(text, variables_, missing_).run();
  }

  std::string braced() {
    if (rest_.empty() || !begins_name(rest_.front())) {
      refuse();
    }
    const auto variable = name();
    if (rest_.starts_with('}')) {
      rest_.remove_prefix(1);
      return value_of(variable);
    }
    const bool empty_counts_as_unset = rest_.starts_with(':');
    rest_.remove_prefix(empty_counts_as_unset ? 1 : 0);
    if (rest_.empty()) {
      refuse();
    }
    const char operation = rest_.front();
    rest_.remove_prefix(1);
    const auto text = word();
    const auto found = variables_.find(variable);
    const bool set = found != variables_.end() &&
                     !(empty_counts_as_unset && found->second.empty());
    switch (operation) {
      case '-':
        return set ? found->second : nested(text);
      case '+':
        return set ? nested(text) : std::string();
      case '?':
        if (!set) {
          throw Wrong{"required variable " + variable +
                      " is missing a value: " + nested(text)};
        }
        return found->second;
      default:
        refuse();
    }
  }

  std::string_view whole_;
  std::string_view rest_;
  const Variables& variables_;
  std::vector<std::string>& missing_;
};

Value walk(const Value& value, const Variables& variables,
           std::vector<std::string>& missing, const std::string& path) {
  if (value.is_string()) {
    auto text = interpolate(value.text(), variables, missing);
    if (!text) {
      throw Wrong{"error while interpolating " + path + ": " + text.error()};
    }
    return *std::move(text);
  }
  if (value.is_array()) {
    auto list = Value::array();
    for (const auto& item : value.items()) {
      list.append(walk(item, variables, missing, path + ".[]"));
    }
    return list;
  }
  if (value.is_object()) {
    auto object = Value::object();
    for (const auto& [key, member] : value.members()) {
      object.set(key, walk(member, variables, missing,
                           path.empty() ? key : path + "." + key));
    }
    return object;
  }
  return value;
}

}  // namespace

Parsed<std::string> interpolate(std::string_view text,
                                const Variables& variables,
                                std::vector<std::string>& missing) {
  try {
    return Interpolation(text, variables, missing).run();
  } catch (const Wrong& wrong) {
    return std::unexpected(wrong.reason);
  }
}

Parsed<Value> interpolate_all(const Value& document, const Variables& variables,
                              std::vector<std::string>& missing) {
  try {
    return walk(document, variables, missing, "");
  } catch (const Wrong& wrong) {
    return std::unexpected(wrong.reason);
  }
}

}  // namespace docker_cpp::cli::compose
