// SPDX-License-Identifier: Apache-2.0
// Who we are to a registry: basic and token authentication.
// \oci{distribution,authentication}, distribution.github.io/spec/auth/token
#include <algorithm>
#include <utility>

#include "json_reader.hpp"
#include "registry_session.hpp"

namespace docker_cpp::images {
namespace {

using Reason = ImageError::Reason;

constexpr std::size_t largest_token = std::size_t{256} << 10;

std::string base64(std::string_view bytes) {
  static constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto at = [&](std::size_t k) {
      return i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k])
                                  : 0U;
    };
    const unsigned group = at(0) << 16 | at(1) << 8 | at(2);
    out += digits[group >> 18 & 63];
    out += digits[group >> 12 & 63];
    out += i + 1 < bytes.size() ? digits[group >> 6 & 63] : '=';
    out += i + 2 < bytes.size() ? digits[group & 63] : '=';
  }
  return out;
}

std::string escaped(std::string_view text) {
  static constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                       c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += {'%', hex[byte >> 4], hex[byte & 15]};
    }
  }
  return out;
}

/// Nothing that a stranger sent may become a header of its own.
bool is_header_text(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 127; });
}

std::string parameter(const Challenge& challenge, const char* key) {
  const auto found = challenge.parameters.find(key);
  return found == challenge.parameters.end() ? std::string() : found->second;
}

}  // namespace

/// Answers a 401. `stale` is what was refused: another thread may have got
/// something better meanwhile.
void RegistrySession::authenticate(const std::string& header,
                                   const std::string& stale) {
  const std::lock_guard lock(mutex_);
  if (authorization_ != stale) {
    return;
  }
  const Credentials who = endpoint_.ours ? job_.credentials : Credentials{};
  if (!who.registry_token.empty() && is_header_text(who.registry_token)) {
    authorization_ = "Bearer " + who.registry_token;
    return;
  }
  const std::vector<Challenge> offers = parse_challenges(header);
  const auto offered = [&](std::string_view scheme) {
    return std::ranges::find(offers, scheme, &Challenge::scheme);
  };
  if (const auto bearer = offered("bearer"); bearer != offers.end()) {
    authorization_ = "Bearer " + fetch_token(*bearer);
    return;
  }
  if (offered("basic") == offers.end()) {
    throw RegistryError(Reason::failed, 401, "",
                        "unauthorized: the registry offers no way to "
                        "authenticate that is known here");
  }
  if (who.username.empty()) {
    const std::string where =
        access_ == Access::push ? "" : "Get \"" + base_ + "/v2/\": ";
    throw RegistryError(Reason::failed, 401, "NO_CREDENTIALS",
                        where + "no basic auth credentials");
  }
  authorization_ = "Basic " + base64(who.username + ":" + who.password);
}

std::string RegistrySession::scopes() const {
  std::string all;
  if (reference_.path().empty()) {
    return all;
  }
  const char* rights = access_ == Access::push ? ":push,pull" : ":pull";
  all = "repository:" + reference_.path() + rights;
  for (const std::string& more : more_scopes_) {
    all += " repository:" + more + ":pull";
  }
  return all;
}

HttpRequest RegistrySession::token_request(const Challenge& challenge) const {
  const std::string realm = parameter(challenge, "realm");
  const bool proper =
      realm.starts_with("https://") ||
      (realm.starts_with("http://") && base_.starts_with("http://"));
  if (!proper || !is_header_text(realm)) {
    throw ImageError(Reason::failed,
                     "the token server '" + realm + "' that " + base_ +
                         " names is not one to send credentials to");
  }
  const Credentials who = endpoint_.ours ? job_.credentials : Credentials{};
  std::string query = "service=" + escaped(parameter(challenge, "service"));
  const std::string wanted =
      job_.operation == "login" ? parameter(challenge, "scope") : scopes();
  if (!who.identity_token.empty()) {
    return {.method = "POST",
            .url = realm,
            .headers = {"Content-Type: application/x-www-form-urlencoded"},
            .body = query + "&scope=" + escaped(wanted) +
                    "&client_id=docker-cpp&grant_type=refresh_token"
                    "&refresh_token=" +
                    escaped(who.identity_token)};
  }
  for (std::size_t start = 0; start < wanted.size();) {
    const auto end = std::min(wanted.find(' ', start), wanted.size());
    query += "&scope=" + escaped(wanted.substr(start, end - start));
    start = end + 1;
  }
  HttpRequest request{.url = realm};
  if (!who.username.empty()) {
    query += "&account=" + escaped(who.username) +
             "&client_id=docker-cpp&offline_token=true";
    request.headers.push_back("Authorization: Basic " +
                              base64(who.username + ":" + who.password));
  }
  request.url += (realm.find('?') == std::string::npos ? "?" : "&") + query;
  return request;
}

std::string RegistrySession::fetch_token(const Challenge& challenge) {
  const HttpRequest request = token_request(challenge);
  const std::string host = request.url.substr(
      request.url.find("://") + 3,
      request.url.find_first_of("/?", request.url.find("://") + 3) -
          request.url.find("://") - 3);
  HostTrust trust = read_trust(job_.options.certificates, host);
  trust.verify = !is_insecure(host, job_.options.insecure);
  for (int attempt = 1;; ++attempt) {
    HttpTransfer transfer(request, trust, job_.options);
    const HttpHead head = transfer.head();
    const std::string body = transfer.body(largest_token);
    if ((head.status == 429 || head.status >= 500) &&
        back_off(attempt, &head)) {
      continue;
    }
    if (head.status != 200) {
      const ErrorBody error = read_error_body(head.status, body);
      throw RegistryError(Reason::failed, head.status, error.code, error.words);
    }
    const Json json = parse_json(body, "token", largest_token);
    const JsonObject root(json, "token");
    std::string token = root.text("token");
    token = token.empty() ? root.text("access_token") : token;
    if (token.empty() || !is_header_text(token)) {
      throw ImageError(Reason::failed,
                       "the token server at " + host + " gave no token");
    }
    identity_token_ = root.text("refresh_token");
    return token;
  }
}

ErrorBody read_error_body(int status, std::string_view body) {
  ErrorBody error;
  try {
    const Json json = parse_json(body, "error", largest_token);
    const auto all = JsonObject(json, "error").objects("errors");
    if (!all.empty()) {
      error.code = all[0].text("code");
      std::string name = error.code;
      std::ranges::transform(name, name.begin(), [](unsigned char c) {
        return c == '_' ? ' ' : static_cast<char>(std::tolower(c));
      });
      error.words = name + ": " + all[0].text("message");
    }
  } catch (const ImageError&) {  // NOLINT(bugprone-empty-catch)
    // A proxy's page, say: the status has to do.
  }
  if (error.words.empty()) {
    error.words = status == 401
                      ? "unauthorized: authentication required"
                      : "unexpected status code " + std::to_string(status);
  }
  return error;
}

RegistryError refusal(const Reference& reference, int status,
                      std::string_view body) {
  const ErrorBody error = read_error_body(status, body);
  std::string about;
  if (error.code == "DENIED") {
    about = "pull access denied for " + reference.familiar_repository() +
            ", repository does not exist or may require 'docker login'";
  } else if (error.code == "NAME_UNKNOWN") {
    about = "repository " + reference.familiar_repository() + " not found";
  } else if (error.code == "MANIFEST_UNKNOWN" || status == 404) {
    about = "manifest for " + reference.familiar() + " not found";
  }
  return {about.empty() ? Reason::failed : Reason::not_found, status,
          error.code, about.empty() ? error.words : about + ": " + error.words};
}

}  // namespace docker_cpp::images
