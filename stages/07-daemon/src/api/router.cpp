// SPDX-License-Identifier: Apache-2.0
#include "router.hpp"

#include <charconv>
#include <optional>

#include "context.hpp"

namespace docker_cpp::daemon::api {
namespace {

using Variables = std::map<std::string, std::string>;

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> out;
  path.remove_prefix(path.starts_with('/') ? 1 : 0);
  while (true) {
    const auto slash = path.find('/');
    out.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) {
      return out;
    }
    path.remove_prefix(slash + 1);
  }
}

bool is_variable(const std::string& segment) {
  return segment.starts_with('{');
}

bool is_greedy(const std::string& segment) {
  return segment.ends_with("*}");
}

std::string variable_name(const std::string& segment) {
  return segment.substr(1, segment.find_first_of("*}") - 1);
}

/// How many segments a pattern's only greedy one takes, if any.
std::optional<std::size_t> greedy_share(const std::vector<std::string>& pattern,
                                        std::size_t segments) {
  for (const auto& segment : pattern) {
    if (is_greedy(segment)) {
      return segments >= pattern.size()
                 ? std::optional(segments - pattern.size() + 1)
                 : std::nullopt;
    }
  }
  return segments == pattern.size() ? std::optional<std::size_t>(1)
                                    : std::nullopt;
}

std::string join(std::vector<std::string>::const_iterator begin,
                 std::size_t count) {
  std::string out = *begin;
  for (std::size_t i = 1; i < count; ++i) {
    out += "/" + *++begin;
  }
  return out;
}

bool match(const std::vector<std::string>& pattern,
           const std::vector<std::string>& segments, Variables& variables) {
  const auto share = greedy_share(pattern, segments.size());
  if (!share) {
    return false;
  }
  auto at = segments.begin();
  for (const auto& wanted : pattern) {
    const std::size_t count = is_greedy(wanted) ? *share : 1;
    if (is_variable(wanted)) {
      auto value = http::decode_percent(join(at, count), http::Plus::is_plus);
      if (!value || value->empty()) {
        return false;
      }
      variables[variable_name(wanted)] = *std::move(value);
    } else if (*at != wanted) {
      return false;
    }
    at += static_cast<std::ptrdiff_t>(count);
  }
  return true;
}

struct Version {
  int major = 1;
  int minor = ApiServer::maximum_minor;
  std::string text{api_version};

  [[nodiscard]] auto operator<=>(const Version& other) const {
    return std::pair(major, minor) <=> std::pair(other.major, other.minor);
  }
};

/// The digits and dots of "/v1.41/…"; empty when the path has no version.
std::string_view version_text(std::string_view path) {
  if (!path.starts_with("/v")) {
    return {};
  }
  const auto text = path.substr(2, path.find('/', 2) - 2);
  const bool sound = !text.empty() && text.find_first_not_of("0123456789.") ==
                                          std::string_view::npos;
  return sound ? text : std::string_view{};
}

Version parse_version(std::string_view text) {
  Version out;
  if (text.empty()) {
    return out;
  }
  out = {.major = 0, .minor = 0, .text = std::string(text)};
  const char* end = text.data() + text.size();
  const auto [dot, error] = std::from_chars(text.data(), end, out.major);
  if (error == std::errc() && dot != end) {
    std::from_chars(dot + 1, end, out.minor);
  }
  return out;
}

std::optional<std::string> complaint(const Version& version) {
  if (version > Version{}) {
    return "client version " + version.text +
           " is too new. Maximum supported API version is " +
           std::string(api_version);
  }
  if (version < Version{.minor = ApiServer::minimum_minor}) {
    return "client version " + version.text +
           " is too old. Minimum supported API version is " +
           std::string(minimum_api_version) +
           ", please upgrade your client to a newer version";
  }
  return std::nullopt;
}

/// Clients before 1.24 did not know JSON for errors.
void refuse_version(Call& call, const Version& version,
                    const std::string& why) {
  const bool old = version < Version{.minor = ApiServer::minimum_minor};
  auto head = call.head(400);
  head.content_type = old ? "text/plain; charset=utf-8" : "application/json";
  if (old) {
    head.headers.emplace_back("X-Content-Type-Options", "nosniff");
  }
  call.exchange->reply(std::move(head), old ? why + "\n" : error_body(why));
}

}  // namespace

std::string_view Router::strip_version(std::string_view path) {
  const auto version = version_text(path);
  return version.empty() ? path : path.substr(2 + version.size());
}

void Router::add(std::string_view method, std::string_view pattern,
                 Handler handler) {
  routes_.push_back({std::string(method), split(pattern), std::move(handler)});
}

const Router::Route* Router::find(std::string_view method,
                                  std::string_view path,
                                  Variables& variables) const {
  const auto segments = split(path);
  for (const auto& route : routes_) {
    variables.clear();
    if (route.method == method && match(route.pattern, segments, variables)) {
      return &route;
    }
  }
  return nullptr;
}

void Router::route(std::shared_ptr<const Context> context,
                   http::Request request, http::ExchangePtr exchange) const {
  const auto version = parse_version(version_text(request.path));
  const auto call =
      std::make_shared<Call>(std::move(context), std::move(request),
                             std::move(exchange), version.minor);
  const auto* route = find(call->request.method,
                           strip_version(call->request.path), call->variables);
  if (route == nullptr) {
    call->exchange->reply({.status = 404, .content_type = "application/json"},
                          error_body("page not found"));
  } else if (const auto why = complaint(version)) {
    refuse_version(*call, version, *why);
  } else {
    call->guard([&] { route->handler(call); });
  }
}

}  // namespace docker_cpp::daemon::api
