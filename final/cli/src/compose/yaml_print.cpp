// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "compose/yaml.hpp"

#include "docker_cpp/cli/template.hpp"
#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::compose {
namespace {

bool is_word(const std::string& text) {
  const auto lower = to_lower(text);
  return lower == "null" || lower == "true" || lower == "false" ||
         lower == "yes" || lower == "no" || lower == "on" || lower == "off" ||
         lower == "y" || lower == "n" || lower == "~";
}

/// Whether the text, bare, would be read as something else than this text.
bool needs_quotes(const std::string& text) {
  if (text.empty() || is_word(text) || text.front() == ' ' ||
      text.back() == ' ' || text.back() == ':') {
    return true;
  }
  if (std::string_view("!&*-?|>@`\"'%#{}[],=:").find(text.front()) !=
      std::string_view::npos) {
    return text.front() != '-' || text.size() < 2 || text[1] == ' ' ||
           (text[1] >= '0' && text[1] <= '9');
  }
  if (text.find(": ") != std::string::npos ||
      text.find(" #") != std::string::npos ||
      std::ranges::any_of(
          text, [](char c) { return static_cast<unsigned char>(c) < ' '; })) {
    return true;
  }
  return text.find_first_not_of("0123456789.+-eExXoO_:") == std::string::npos &&
         text.find_first_of("0123456789") != std::string::npos;
}

std::string scalar_text(const Value& value) {
  if (value.is_null()) {
    return "null";
  }
  if (!value.is_string()) {
    return print_go(value);
  }
  return needs_quotes(value.text()) ? quote(value.text()) : value.text();
}

bool is_empty_collection(const Value& value) {
  return (value.is_array() || value.is_object()) && value.size() == 0;
}

bool is_collection(const Value& value) {
  return (value.is_array() || value.is_object()) && value.size() > 0;
}

std::string inline_text(const Value& value) {
  if (is_empty_collection(value)) {
    return value.is_array() ? "[]" : "{}";
  }
  return scalar_text(value);
}

void print_into(std::string& out, const Value& value, std::size_t indent);

void print_members(std::string& out, const Value& value, std::size_t indent) {
  std::vector<const Member*> sorted;
  for (const auto& member : value.members()) {
    sorted.push_back(&member);
  }
  std::ranges::sort(sorted, {}, [](const Member* member) -> const std::string& {
    return member->key;
  });
  for (const auto* member : sorted) {
    out.append(indent, ' ');
    out += needs_quotes(member->key) ? quote(member->key) : member->key;
    if (is_collection(member->value)) {
      out += ":\n";
      print_into(out, member->value, indent + 2);
    } else {
      out += ": " + inline_text(member->value) + "\n";
    }
  }
}

void print_into(std::string& out, const Value& value, std::size_t indent) {
  if (value.is_object()) {
    print_members(out, value, indent);
    return;
  }
  for (const auto& item : value.items()) {
    out.append(indent, ' ').append("- ");
    if (is_collection(item)) {
      std::string nested;
      print_into(nested, item, indent + 2);
      out += nested.substr(indent + 2);  // its first line follows the dash
    } else {
      out += inline_text(item) + "\n";
    }
  }
}

}  // namespace

std::string print_yaml(const Value& value) {
  std::string out;
  if (is_collection(value)) {
    print_into(out, value, 0);
    return out;
  }
  return inline_text(value) + "\n";
}

}  // namespace docker_cpp::cli::compose
