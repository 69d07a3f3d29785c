// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/cli/arguments.hpp"

#include "docker_cpp/cli/units.hpp"

namespace docker_cpp::cli {

const std::vector<std::string>* Arguments::find(
    std::string_view option) const noexcept {
  for (const auto& [name, values] : options) {
    if (name == option) {
      return &values;
    }
  }
  return nullptr;
}

bool Arguments::given(std::string_view option) const noexcept {
  return find(option) != nullptr;
}

bool Arguments::flag(std::string_view option, bool otherwise) const noexcept {
  const auto* values = find(option);
  return values == nullptr ? otherwise
                           : parse_bool(values->back()).value_or(otherwise);
}

std::string Arguments::text(std::string_view option,
                            std::string_view otherwise) const {
  const auto* values = find(option);
  return values == nullptr ? std::string(otherwise) : values->back();
}

std::vector<std::string> Arguments::list(std::string_view option) const {
  const auto* values = find(option);
  return values == nullptr ? std::vector<std::string>{} : *values;
}

std::optional<std::int64_t> Arguments::number(std::string_view option) const {
  const auto* values = find(option);
  if (values == nullptr) {
    return std::nullopt;
  }
  return parse_integer(values->back()).value_or(0);
}

std::int64_t Arguments::bytes(std::string_view option) const {
  const auto* values = find(option);
  if (values == nullptr) {
    return 0;
  }
  return values->back() == "-1" ? -1 : parse_bytes(values->back()).value_or(0);
}

std::int64_t Arguments::duration(std::string_view option) const {
  const auto* values = find(option);
  if (values == nullptr) {
    return 0;
  }
  const auto time = parse_duration(values->back());
  return time ? time->count() : 0;
}

}  // namespace docker_cpp::cli
