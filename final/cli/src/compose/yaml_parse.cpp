// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

#include <yaml-cpp/yaml.h>

#include "compose/yaml.hpp"

// yaml-cpp is met in this translation unit only.
namespace docker_cpp::cli::compose {
namespace {

/// Deep enough for any file that a person wrote, and no further: the walk is
/// recursive.
constexpr int deepest = 100;
/// Aliases of aliases can name more nodes than any machine can hold.
constexpr std::size_t most_nodes = 50'000;

struct TooMuch {
  std::string reason;
};

bool one_of(const std::string& text, const std::array<const char*, 3>& words) {
  return std::ranges::find(words, text) != words.end();
}

/// The core schema's reading of a scalar that stands without quotes.
Value plain_scalar(const std::string& text) {
  if (text.empty() || text == "~" || one_of(text, {"null", "Null", "NULL"})) {
    return {};
  }
  if (one_of(text, {"true", "True", "TRUE"})) {
    return Value(true);
  }
  if (one_of(text, {"false", "False", "FALSE"})) {
    return Value(false);
  }
  const auto* end = text.data() + text.size();
  std::int64_t number = 0;
  const int base = text.starts_with("0x") || text.starts_with("0o") ? 1 : 10;
  if (base == 10) {
    const auto* begin = text.data() + (text.front() == '+' ? 1 : 0);
    const auto [stop, error] = std::from_chars(begin, end, number);
    const bool octal = text.size() > 1 && text.front() == '0';
    if (error == std::errc{} && stop == end && !octal) {
      return Value(number);
    }
  }
  const bool digits =
      text.find_first_not_of("0123456789+-.eE") == std::string::npos &&
      text.find_first_of("0123456789") != std::string::npos &&
      text.find_first_of(".eE") != std::string::npos &&
      std::ranges::count(text, '.') <= 1;
  char* stop = nullptr;
  const double real = digits ? std::strtod(text.c_str(), &stop) : 0;
  return digits && stop == text.data() + text.size() ? Value(real)
                                                     : Value(text);
}

class Converter {
 public:
  Value convert(const YAML::Node& node, int depth) {
    if (depth > deepest || ++nodes_ > most_nodes) {
      throw TooMuch{"the document is nested too deeply or too large"};
    }
    const auto& tag = node.Tag();
    if (tag == reset_key) {
      return Value::object().set(reset_key, Value(true));
    }
    auto value = untagged(node, depth);
    return tag == override_key
               ? Value::object().set(override_key, std::move(value))
               : value;
  }

 private:
  Value untagged(const YAML::Node& node, int depth) {
    if (node.IsMap()) {
      return mapping(node, depth);
    }
    if (node.IsSequence()) {
      auto list = Value::array();
      for (const auto& item : node) {
        list.append(convert(item, depth + 1));
      }
      return list;
    }
    if (!node.IsScalar()) {
      return {};
    }
    const bool quoted = node.Tag() == "!" || node.Tag().ends_with(":str");
    return quoted ? Value(node.Scalar()) : plain_scalar(node.Scalar());
  }

  Value mapping(const YAML::Node& node, int depth) {
    auto merged = Value::object();
    for (const auto& pair : node) {
      if (pair.first.Scalar() == "<<") {
        merge(merged, convert(pair.second, depth + 1));
      }
    }
    for (const auto& pair : node) {
      if (pair.first.Scalar() != "<<") {
        merged.set(pair.first.Scalar(), convert(pair.second, depth + 1));
      }
    }
    return merged;
  }

  static void merge(Value& into, const Value& from) {
    for (const auto& item : from.items()) {
      merge(into, item);
    }
    for (const auto& [key, value] : from.members()) {
      if (into.find(key) == nullptr) {
        into.set(key, value);
      }
    }
  }

  std::size_t nodes_ = 0;
};

}  // namespace

Parsed<Value> parse_yaml(const std::string& text) {
  try {
    return Converter().convert(YAML::Load(text), 0);
  } catch (const YAML::Exception& error) {
    return std::unexpected("yaml: line " + std::to_string(error.mark.line + 1) +
                           ": " + error.msg);
  } catch (const TooMuch& error) {
    return std::unexpected("yaml: " + error.reason);
  }
}

}  // namespace docker_cpp::cli::compose
