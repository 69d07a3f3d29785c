// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/cli/reference.hpp"

#include <algorithm>

#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli {
namespace {

constexpr const char* invalid = "invalid reference format";

bool is_lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// Lower-case words, joined by ".", "_", "__" or dashes.
bool is_path_component(std::string_view text) {
  if (text.empty() || !is_lower_or_digit(text.front()) ||
      !is_lower_or_digit(text.back())) {
    return false;
  }
  for (std::size_t i = 0; i < text.size();) {
    if (is_lower_or_digit(text[i])) {
      ++i;
      continue;
    }
    const auto end =
        std::min(text.find_first_of("abcdefghijklmnopqrstuvwxyz0123456789", i),
                 text.size());
    const auto joint = text.substr(i, end - i);
    const bool dashes = joint.find_first_not_of('-') == std::string_view::npos;
    if (joint != "." && joint != "_" && joint != "__" && !dashes) {
      return false;
    }
    i = end;
  }
  return true;
}

bool is_tag(std::string_view text) {
  const auto legal = [](char c) {
    return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '.' || c == '-';
  };
  return !text.empty() && text.size() <= 128 && text.front() != '.' &&
         text.front() != '-' && std::ranges::all_of(text, legal);
}

bool is_digest(std::string_view text) {
  constexpr std::string_view algorithm = "sha256:";
  return text.starts_with(algorithm) &&
         is_full_id(text.substr(algorithm.size()));
}

bool is_domain(std::string_view text) {
  return text == "localhost" ||
         text.find_first_of(".:") != std::string_view::npos ||
         std::ranges::any_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool has_upper(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

/// Fills in the names. \returns what is wrong
std::string complete(std::string_view name, Reference& reference) {
  auto domain = std::string("docker.io");
  auto path = std::string(name);
  const auto slash = name.find('/');
  if (slash != std::string_view::npos && is_domain(name.substr(0, slash))) {
    domain = name.substr(0, slash);
    path = name.substr(slash + 1);
  }
  if (domain == "index.docker.io") {
    domain = "docker.io";
  }
  const bool hub = domain == "docker.io";
  if (hub && path.find('/') == std::string::npos) {
    path.insert(0, "library/");
  }
  if (has_upper(path)) {
    return std::string(invalid) + ": repository name (" + path +
           ") must be lowercase";
  }
  for (const auto& component : split(path, "/")) {
    if (!is_path_component(component)) {
      return invalid;
    }
  }
  reference.full = domain + "/" + path;
  constexpr std::string_view library = "library/";
  const bool official = path.starts_with(library) &&
                        path.find('/', library.size()) == std::string::npos;
  reference.familiar = !hub       ? reference.full
                       : official ? path.substr(library.size())
                                  : path;
  return {};
}

}  // namespace

std::string Reference::shown() const {
  if (!digest.empty()) {
    return familiar + "@" + digest;
  }
  return familiar + ":" + (tag.empty() ? "latest" : tag);
}

Parsed<Reference> parse_reference(std::string_view text) {
  Reference reference;
  auto name = text;
  if (const auto at = name.find('@'); at != std::string_view::npos) {
    reference.digest = name.substr(at + 1);
    name = name.substr(0, at);
    if (!is_digest(reference.digest)) {
      return std::unexpected(invalid);
    }
  }
  const auto colon = name.rfind(':');
  if (colon != std::string_view::npos &&
      name.find('/', colon) == std::string_view::npos) {
    reference.tag = name.substr(colon + 1);
    name = name.substr(0, colon);
    if (!is_tag(reference.tag)) {
      return std::unexpected(invalid);
    }
  }
  if (is_full_id(name)) {
    return std::unexpected("invalid repository name (" + std::string(name) +
                           "), cannot specify 64-byte hexadecimal strings");
  }
  if (auto wrong = complete(name, reference); !wrong.empty()) {
    return std::unexpected(std::move(wrong));
  }
  return reference;
}

bool is_full_id(std::string_view text) {
  return text.size() == 64 &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace docker_cpp::cli
