// SPDX-License-Identifier: Apache-2.0
#include "commands/support.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli {

int for_each_word(const Arguments& arguments,
                  const std::function<std::string(const std::string&)>& act) {
  std::vector<std::string> failures;
  for (const auto& word : arguments.words) {
    try {
      print(act(word) + "\n");
    } catch (const Failure& failure) {
      failures.push_back(failure.message());
    }
  }
  if (failures.empty()) {
    return 0;
  }
  print_error(join(failures, "\n") + "\n");
  return 1;
}

std::string container_path(std::string_view name, std::string_view rest) {
  while (name.starts_with('/')) {
    name.remove_prefix(1);
  }
  if (trim(name).empty()) {
    throw Failure("invalid container name or ID: value is empty");
  }
  return "/containers/" + http::escape(name) + std::string(rest);
}

std::string image_path(std::string_view name, std::string_view rest) {
  if (trim(name).empty()) {
    throw Failure("invalid image name or ID: value is empty");
  }
  return "/images/" + http::escape_path(name) + std::string(rest);
}

Value filter_value(const std::vector<std::string>& filters) {
  auto value = Value::object();
  for (const auto& filter : filters) {
    const auto [name, wanted] = cut(filter, '=');
    if (!filter.empty()) {
      value.member(to_lower(trim(name)))
          .set(std::string(trim(wanted)), Value(true));
    }
  }
  return value;
}

void add_filters(http::Query& query, const Value& filters) {
  if (filters.size() > 0) {
    query.add("filters", print_json(filters));
  }
}

bool confirm(const std::string& question) {
  print(question + " [y/N] ");
  std::array<char, 256> answer{};
  const auto length = ::read(STDIN_FILENO, answer.data(), answer.size());
  const auto text = trim(std::string_view(
      answer.data(), static_cast<std::size_t>(std::max<ssize_t>(length, 0))));
  return text == "y" || text == "Y";
}

void read_json_lines(Exchange& exchange,
                     const std::function<void(const Value&)>& take) {
  std::string buffer;
  const auto serve = [&](const std::string& line) {
    if (trim(line).empty()) {
      return;
    }
    const auto value = parse_json(line);
    if (!value) {
      throw Failure("the daemon's answer is not JSON: " + value.error());
    }
    take(*value);
  };
  while (exchange.next(buffer)) {
    std::size_t from = 0;
    for (auto end = buffer.find('\n'); end != std::string::npos;
         end = buffer.find('\n', from)) {
      serve(buffer.substr(from, end - from));
      from = end + 1;
    }
    buffer.erase(0, from);
  }
  serve(buffer);
}

}  // namespace docker_cpp::cli
