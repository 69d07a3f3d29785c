// SPDX-License-Identifier: Apache-2.0
#include "commands/support.hpp"

#include "docker_cpp/cli/table.hpp"
#include "docker_cpp/cli/template.hpp"
#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli {
namespace {

/// What people type in a shell: `\t` and `\n` as two characters.
std::string unescaped(std::string_view format) {
  std::string text;
  for (std::size_t i = 0; i < format.size(); ++i) {
    const auto next = format.substr(i, 2);
    if (next == "\\t" || next == "\\n") {
      text += next == "\\t" ? '\t' : '\n';
      ++i;
    } else {
      text += format[i];
    }
  }
  return text;
}

Template parsed(const std::string& format) {
  auto result = Template::parse(format);
  if (!result) {
    throw Failure("failed to parse template: " + result.error());
  }
  return *std::move(result);
}

std::string rendered(const Template& format, const Value& row,
                     std::string_view type) {
  auto text = format.render(row, {.type = type});
  if (!text) {
    throw Failure("failed to execute template: " + text.error());
  }
  return *std::move(text);
}

}  // namespace

void print_list(const std::string& format, const ListShape& shape,
                const std::vector<Value>& rows) {
  constexpr std::string_view word = "table";
  const bool table = format.empty() || format.starts_with(word);
  auto pattern = std::string(shape.table);
  if (!table) {
    pattern = format == "json" ? "{{json .}}" : unescaped(format);
  } else if (format.size() > word.size()) {
    pattern = unescaped(trim(std::string_view(format).substr(word.size())));
  }
  const auto compiled = parsed(pattern);
  std::string text;
  if (table) {
    auto headers = Value::object();
    for (const auto& [name, header] : shape.headers) {
      headers.set(name, header);
    }
    text += rendered(compiled, headers, shape.type) + "\n";
  }
  for (const auto& row : rows) {
    text += rendered(compiled, row, shape.type) + "\n";
  }
  print(table ? align(text) : text);
}

void print_with(const std::string& format, const Value& value) {
  const auto compiled = parsed(format == "json" ? "{{json .}}" : format);
  const auto text = compiled.render(value);
  if (!text) {
    throw Failure("template parsing error: " + text.error());
  }
  print(*text + "\n");
}

}  // namespace docker_cpp::cli
