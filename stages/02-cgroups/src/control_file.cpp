// SPDX-License-Identifier: Apache-2.0
#include "control_file.hpp"

#include <charconv>

#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::cgroups {

sys::Result<std::string> read(const ControlDirectory& directory,
                              const std::string& file) {
  return sys::read_file_at(directory.fd.get(), file.c_str());
}

sys::Result<void> write(const ControlDirectory& directory,
                        const std::string& file, std::string_view value) {
  return sys::write_control_at(directory.fd.get(), file.c_str(), value);
}

std::string text_of(const ControlDirectory* directory,
                    const std::string& file) {
  if (directory == nullptr) {
    return {};
  }
  return read(*directory, file).value_or("");
}

std::optional<std::uint64_t> to_number(std::string_view text) {
  std::uint64_t value = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (error != std::errc{} || end != last) {
    return std::nullopt;
  }
  return value;
}

std::vector<std::string_view> split(std::string_view text,
                                    std::string_view separators) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t start = text.find_first_not_of(separators);
    if (start == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(start);
    const std::size_t length = text.find_first_of(separators);
    parts.push_back(text.substr(0, length));
    text.remove_prefix(parts.back().size());
  }
}

std::optional<std::uint64_t> number_of(const ControlDirectory* directory,
                                       const std::string& file) {
  const std::string text = text_of(directory, file);
  const auto words = split(text, " \n");
  return words.empty() ? std::nullopt : to_number(words.front());
}

NamedNumbers named_numbers(std::string_view text) {
  NamedNumbers numbers;
  for (const std::string_view line : split(text, "\n")) {
    const auto words = split(line, " ");
    const auto value = words.size() == 2 ? to_number(words[1]) : std::nullopt;
    if (value) {
      numbers.emplace_back(words[0], *value);
    }
  }
  return numbers;
}

std::uint64_t value_of(const NamedNumbers& numbers, std::string_view name) {
  for (const auto& [key, value] : numbers) {
    if (key == name) {
      return value;
    }
  }
  return 0;
}

}  // namespace docker_cpp::cgroups
