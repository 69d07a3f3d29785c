// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/images/reference.hpp"

#include <algorithm>
#include <utility>

#include "docker_cpp/images/digest.hpp"

namespace docker_cpp::images {
namespace {

constexpr std::string_view default_domain = "docker.io";
constexpr std::string_view official_prefix = "library/";
constexpr std::size_t longest_repository = 255;
constexpr std::size_t longest_tag = 128;

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alnum(char c) {
  return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z');
}

/// How many characters of `text` are one separator between the words of a
/// path component: `.`, one or two `_`, any number of `-`.
std::size_t separator_length(std::string_view text) {
  if (text.starts_with("__")) {
    return 2;
  }
  if (text.starts_with('_') || text.starts_with('.')) {
    return 1;
  }
  return std::min(text.find_first_not_of('-'), text.size());
}

bool is_path_component(std::string_view text) {
  const auto word = [&text] {
    const std::size_t size = text.size();
    while (!text.empty() && (is_lower(text[0]) || is_digit(text[0]))) {
      text.remove_prefix(1);
    }
    return text.size() != size;
  };
  if (!word()) {
    return false;
  }
  while (!text.empty()) {
    const std::size_t length = separator_length(text);
    if (length == 0) {
      return false;
    }
    text.remove_prefix(length);
    if (!word()) {
      return false;
    }
  }
  return true;
}

bool is_path(std::string_view text) {
  for (;;) {
    const std::size_t slash = text.find('/');
    if (!is_path_component(text.substr(0, slash))) {
      return false;
    }
    if (slash == std::string_view::npos) {
      return true;
    }
    text.remove_prefix(slash + 1);
  }
}

bool is_host_label(std::string_view text) {
  return !text.empty() && is_alnum(text.front()) && is_alnum(text.back()) &&
         std::ranges::all_of(text,
                             [](char c) { return is_alnum(c) || c == '-'; });
}

bool is_ipv6_literal(std::string_view text) {
  return text.size() > 2 && text.starts_with('[') && text.ends_with(']') &&
         std::ranges::all_of(text.substr(1, text.size() - 2), [](char c) {
           return is_digit(c) || (c >= 'a' && c <= 'f') ||
                  (c >= 'A' && c <= 'F') || c == ':';
         });
}

bool is_host(std::string_view text) {
  if (is_ipv6_literal(text)) {
    return true;
  }
  for (;;) {
    const std::size_t dot = text.find('.');
    if (!is_host_label(text.substr(0, dot))) {
      return false;
    }
    if (dot == std::string_view::npos) {
      return true;
    }
    text.remove_prefix(dot + 1);
  }
}

bool is_domain(std::string_view text) {
  const std::size_t bracket = text.rfind(']');
  const std::size_t colon =
      text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon == std::string_view::npos) {
    return is_host(text);
  }
  const std::string_view port = text.substr(colon + 1);
  return is_host(text.substr(0, colon)) && !port.empty() &&
         std::ranges::all_of(port, is_digit);
}

bool is_tag(std::string_view text) {
  const auto is_word = [](char c) {
    return is_alnum(c) || c == '_';
  };
  return !text.empty() && text.size() <= longest_tag && is_word(text[0]) &&
         std::ranges::all_of(
             text, [&](char c) { return is_word(c) || c == '.' || c == '-'; });
}

/// The first part names a registry when it cannot be a user's name: it has a
/// dot or a colon, is localhost, or has capitals. (Docker's splitDockerDomain)
bool looks_like_domain(std::string_view first) {
  return first.find_first_of(".:") != std::string_view::npos ||
         first == "localhost" || std::ranges::any_of(first, [](char c) {
           return c >= 'A' && c <= 'Z';
         });
}

std::unexpected<std::string> invalid(std::string_view text,
                                     std::string_view why = "") {
  std::string sentence = "invalid reference format";
  if (!why.empty()) {
    sentence += ": " + std::string(why);
  }
  return std::unexpected(sentence + ": '" + std::string(text.substr(0, 300)) +
                         "'");
}

std::pair<std::string, std::string> split_domain(std::string_view name) {
  const std::size_t slash = name.find('/');
  const std::string_view first = name.substr(0, slash);
  if (slash == std::string_view::npos || !looks_like_domain(first)) {
    const bool official = slash == std::string_view::npos;
    return {std::string(default_domain),
            (official ? std::string(official_prefix) : "") + std::string(name)};
  }
  std::string domain(first);
  std::string path(name.substr(slash + 1));
  if (domain == "index.docker.io") {  // the hub's former name
    domain = default_domain;
  }
  if (domain == default_domain && path.find('/') == std::string::npos) {
    path.insert(0, official_prefix);
  }
  return {std::move(domain), std::move(path)};
}

}  // namespace

std::expected<Reference, std::string> Reference::parse(std::string_view text) {
  Reference parsed;
  std::string_view rest = text;
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
    const auto digest = Digest::parse(rest.substr(at + 1));
    if (!digest) {
      return invalid(text, digest.error());
    }
    parsed.digest_ = digest->text();
    rest = rest.substr(0, at);
  }
  const std::size_t colon = rest.rfind(':');
  if (colon != std::string_view::npos &&
      rest.find('/', colon) == std::string_view::npos) {
    if (!is_tag(rest.substr(colon + 1))) {
      return invalid(text);
    }
    parsed.tag_ = rest.substr(colon + 1);
    rest = rest.substr(0, colon);
  }
  if (is_sha256_hex(rest)) {  // it would be taken for an id
    return invalid(text, "a name may not be 64 hex digits");
  }
  std::tie(parsed.domain_, parsed.path_) = split_domain(rest);
  if (std::ranges::any_of(parsed.path_,
                          [](char c) { return c >= 'A' && c <= 'Z'; })) {
    return invalid(text, "repository name must be lowercase");
  }
  if (!is_domain(parsed.domain_) || !is_path(parsed.path_)) {
    return invalid(text);
  }
  if (parsed.repository().size() > longest_repository) {
    return invalid(text, "repository name is longer than 255 characters");
  }
  if (parsed.tag_.empty() && parsed.digest_.empty()) {
    parsed.tag_ = "latest";
  }
  return parsed;
}

std::string Reference::canonical() const {
  return repository() + (tag_.empty() ? "" : ":" + tag_) +
         (digest_.empty() ? "" : "@" + digest_);
}

std::string Reference::familiar() const {
  return familiar_repository() + (tag_.empty() ? "" : ":" + tag_) +
         (digest_.empty() ? "" : "@" + digest_);
}

std::string Reference::familiar_repository() const {
  if (domain_ != default_domain) {
    return repository();
  }
  // library/ is dropped only when what is left is a single component.
  const std::string_view path = path_;
  if (path.starts_with(official_prefix)) {
    const std::string_view rest = path.substr(official_prefix.size());
    if (rest.find('/') == std::string_view::npos) {
      return std::string(rest);
    }
  }
  return path_;
}

}  // namespace docker_cpp::images
